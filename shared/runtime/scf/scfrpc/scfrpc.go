// Package scfrpc is the other side of Tencent Cloud SCF's Go runtime: it starts a
// function's program, connects to it by net/rpc and invokes it.
//
//	f, err := scfrpc.Launch(exec.Command("dist/scf/verify/main"))
//	defer f.End()
//	result, err := f.Invoke(event, 5*time.Second)
//
// The protocol is that of scf-go-lib (cloudfunction/entry.go and messages): the
// program listens on localhost at _LAMBDA_SERVER_PORT and serves Function.Ping and
// Function.Invoke in gob. As on the platform an event or answer above 6 MB is
// refused, and a process that overruns its time is killed. Unlike the platform it
// starts no second process: after a function has ended, start another.
package scfrpc

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"

	"nod/shared/runtime/process"
)

// Limit is the most bytes that a synchronous event or an answer may have.
const Limit = 6 << 20

// Why an invocation gave no result.
var (
	ErrEventTooLarge  = errors.New("scfrpc: the event is above the limit")
	ErrAnswerTooLarge = errors.New("scfrpc: the answer was above the limit")
	ErrTimeout        = errors.New("scfrpc: the function overran its time and was killed")
	ErrEnded          = errors.New("scfrpc: the function's process has ended")
)

// Result is what an invocation came to.
type Result struct {
	Payload []byte
	Error   *messages.InvokeResponse_Error // what the caller would be shown, or nil
}

// Function is a running function. It takes one event at a time, as a real instance
// does; callers may be many.
type Function struct {
	*process.Process
	client *rpc.Client
	port   string

	mu    sync.Mutex // held during an invocation
	count int
}

const (
	startTime = 30 * time.Second     // for a process to come up on a busy machine
	startPoll = 2 * time.Millisecond // between two looks whether it has
	tries     = 5                    // for a free port
)

// Launch runs the program as SCF would. The environment is the command's own and what
// SCF adds to it. Whoever launches a function ends it.
//
// The library neither takes a listener nor says where it listens, so a port is
// chosen for it. Should another process take that port first, the program ends at
// once, and the next port is tried.
func Launch(cmd *exec.Cmd) (*Function, error) {
	environment := cmd.Environ()
	var failed []error
	for range tries {
		port, err := freePort()
		if err != nil {
			return nil, fmt.Errorf("scfrpc: looking for a port: %w", err)
		}
		attempt := exec.Command(cmd.Path)
		attempt.Args, attempt.Dir = cmd.Args, cmd.Dir
		attempt.Env = append(slices.Clip(environment), "_LAMBDA_SERVER_PORT="+port)
		p, err := process.Start(attempt)
		if err != nil {
			return nil, fmt.Errorf("scfrpc: starting the function: %w", err)
		}
		client, err := connect(p, port)
		if err == nil {
			return &Function{Process: p, client: client, port: port}, nil
		}
		p.End()
		failed = append(failed, fmt.Errorf("port %s: %w\n%s", port, err, p.Log()))
	}
	return nil, fmt.Errorf("scfrpc: the function did not come up in %d tries: %w", tries, errors.Join(failed...))
}

// Start is Launch for a test, which ends the function when it is over.
func Start(t process.Test, cmd *exec.Cmd) *Function {
	t.Helper()
	f, err := Launch(cmd)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(f.End)
	return f
}

// End ends the program.
func (f *Function) End() {
	_ = f.client.Close()
	f.Process.End()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// connect waits until the program answers a ping. There is no other sign of life
// to wait for.
func connect(p *process.Process, port string) (*rpc.Client, error) {
	limit := time.NewTimer(startTime)
	defer limit.Stop()
	poll := time.NewTicker(startPoll)
	defer poll.Stop()
	for {
		client, err := rpc.Dial("tcp", "localhost:"+port)
		if err == nil {
			if err = client.Call("Function.Ping", &messages.PingRequest{}, &messages.PingResponse{}); err == nil {
				return client, nil
			}
			client.Close()
		}
		select {
		case <-poll.C:
		case <-p.Ended():
			return nil, ErrEnded
		case <-limit.C:
			return nil, fmt.Errorf("no answer in %v: %w", startTime, err)
		}
	}
}

// Invoke gives the function one event and the time it has for it.
func (f *Function) Invoke(event []byte, timeout time.Duration) (Result, error) {
	if len(event) > Limit {
		return Result{}, ErrEventTooLarge
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	deadline := time.Now().Add(timeout)
	request := f.request(event, deadline, timeout)
	response := &messages.InvokeResponse{}
	call := f.client.Go("Function.Invoke", request, response, make(chan *rpc.Call, 1))
	clock := time.NewTimer(time.Until(deadline))
	defer clock.Stop()
	select {
	case <-call.Done:
	case <-clock.C:
		f.Process.End()
		return Result{}, ErrTimeout
	}
	switch {
	case call.Error != nil:
		return Result{}, fmt.Errorf("%w: %w", ErrEnded, call.Error)
	case len(response.Payload) > Limit:
		return Result{}, ErrAnswerTooLarge
	}
	return Result{Payload: response.Payload, Error: response.Error}, nil
}

// Abandon sends the first n bytes of a call on a connection of its own (all of them if
// n is negative) and goes away. After a part it returns when the function has
// noticed; after a whole call the function goes on.
func (f *Function) Abandon(event []byte, n int) error {
	var call bytes.Buffer
	const within = time.Minute
	enc := gob.NewEncoder(&call)
	err := errors.Join(
		enc.Encode(&rpc.Request{ServiceMethod: "Function.Invoke", Seq: 1}),
		enc.Encode(f.request(event, time.Now().Add(within), within)),
	)
	if err != nil {
		return err
	}
	conn, err := f.Dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if n < 0 {
		_, err = conn.Write(call.Bytes())
		return err
	}
	if _, err = conn.Write(call.Bytes()[:n]); err == nil {
		err = conn.(*net.TCPConn).CloseWrite()
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	return err
}

// Dial makes another connection to the function.
func (f *Function) Dial() (net.Conn, error) { return net.Dial("tcp", "localhost:"+f.port) }

func (f *Function) request(event []byte, deadline time.Time, limit time.Duration) *messages.InvokeRequest {
	return &messages.InvokeRequest{
		Payload:   event,
		RequestId: fmt.Sprintf("00000000-0000-4000-8000-%012d", f.count),
		// Without it the function's context would have expired in 1970.
		Deadline:      messages.InvokeRequest_Timestamp{Seconds: deadline.Unix(), Nanos: int64(deadline.Nanosecond())},
		Namespace:     "default",
		FunctionName:  "function",
		TimeLimitInMs: int32(limit.Milliseconds()),
	}
}
