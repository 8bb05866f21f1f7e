package scf

import (
	"context"
	"net"
	"net/rpc"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
	"github.com/tencentyun/scf-go-lib/functioncontext"

	"nod/shared/runtime/gateway"
)

// dialled is the client of package net/rpc, which is what the platform has, connected to
// the loop.
func dialled(t *testing.T, a Adapter) *rpc.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	ended := make(chan struct{})
	go func() { defer close(ended); serve(a, ours) }()
	client := rpc.NewClient(theirs)
	t.Cleanup(func() { client.Close(); <-ended })
	return client
}

func timerEvent(r messages.InvokeRequest) *messages.InvokeRequest {
	r.Payload, r.Deadline.Seconds = []byte(`{"Type":"Timer","TriggerName":"x","Time":"","Message":""}`), time.Now().Add(time.Minute).Unix()
	return &r
}

func invokeRPC(t *testing.T, c *rpc.Client, r *messages.InvokeRequest) (resp messages.InvokeResponse) {
	t.Helper()
	if err := c.Call("Function.Invoke", r, &resp); err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestNetRPCsOwnClientIsUnderstood(t *testing.T) {
	c := dialled(t, Adapter{Timer: func(context.Context, gateway.Tick) error { return nil }})
	for range 2 {
		if err := c.Call("Function.Ping", &messages.PingRequest{}, &messages.PingResponse{}); err != nil {
			t.Fatal(err)
		}
		if resp := invokeRPC(t, c, timerEvent(messages.InvokeRequest{})); resp.Error != nil || string(resp.Payload) != "null" {
			t.Errorf("%+v", resp)
		}
		// What the loop does not know is refused, and the next call is answered all the same.
		err := c.Call("Function.Exit", whole("an event"), &messages.InvokeResponse{})
		if _, refused := err.(rpc.ServerError); !refused {
			t.Errorf("an unknown method: %v", err)
		}
	}
}

// Functions read their role's credentials from the environment, where the vendor's loop
// puts those that come with a call.
func TestTheEnvironmentOfACallIsTakenOver(t *testing.T) {
	const name = "NOD_TEST_OF_A_ROLE"
	t.Setenv(name, "")
	var seen []string
	c := dialled(t, Adapter{Timer: func(ctx context.Context, _ gateway.Tick) error {
		about, _ := functioncontext.FromContext(ctx)
		seen = append(seen, about.RequestID, os.Getenv(name))
		return nil
	}})
	for id, environment := range []string{`{"` + name + `":"first"}`, `{"` + name + `":"second"}`, ""} {
		invokeRPC(t, c, timerEvent(messages.InvokeRequest{RequestId: string(rune('a' + id)), Environment: environment}))
	}
	if got := strings.Join(seen, " "); got != "a first b second c second" {
		t.Errorf("%s", got)
	}
	for _, broken := range []string{`{"` + name, `{"":"a secret"}`, `{"a":7}`} {
		resp := invokeRPC(t, c, timerEvent(messages.InvokeRequest{Environment: broken}))
		if resp.Error == nil || resp.Error.Message != errEnvironment.Error() {
			t.Errorf("%s: %+v", broken, resp.Error)
		}
	}
}
