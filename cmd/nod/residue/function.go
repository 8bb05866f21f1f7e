package residue

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"time"

	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf/scfrpc"
)

// function is the built function in a process of its own, as one of the clouds runs it.
type function interface {
	// invoke hands over one event and returns the answer's.
	invoke(event []byte, within time.Duration) ([]byte, error)
	Pid() int
	Log() string
	End()
}

// cloud is a way to run a function.
type cloud struct {
	name   string
	launch func(*exec.Cmd) (function, error)
	event  func(call) []byte
}

var clouds = []cloud{
	{"AWS Lambda", launchLambda, lambdaEvent},
	{"Tencent SCF", launchSCF, scfEvent},
}

type onLambda struct{ *runtimeapi.Function }

func launchLambda(cmd *exec.Cmd) (function, error) {
	f, err := runtimeapi.Launch(cmd)
	return onLambda{f}, err
}

func (f onLambda) invoke(event []byte, within time.Duration) ([]byte, error) {
	r, err := f.Invoke(event, within)
	if err == nil && r.Failed {
		err = errors.New("the function failed: " + string(r.Payload))
	}
	return r.Payload, err
}

type onSCF struct{ *scfrpc.Function }

func launchSCF(cmd *exec.Cmd) (function, error) {
	f, err := scfrpc.Launch(cmd)
	return onSCF{f}, err
}

func (f onSCF) invoke(event []byte, within time.Duration) ([]byte, error) {
	r, err := f.Invoke(event, within)
	if err == nil && r.Error != nil {
		err = errors.New("the function failed: " + r.Error.Message)
	}
	return r.Payload, err
}

// leavesMidway sends half of an event. The function closes the connection when it is
// done with it.
func leavesMidway(f onSCF, event []byte) error { return f.Abandon(event, len(event)/2) }

// leavesAtOnce sends a whole event and does not wait for the answer, which the function
// gives nevertheless: its log says when.
func leavesAtOnce(f onSCF, event []byte) error {
	before := strings.Count(f.Log(), "\n")
	if err := f.Abandon(event, -1); err != nil {
		return err
	}
	for range 300 {
		time.Sleep(100 * time.Millisecond)
		if strings.Count(f.Log(), "\n") > before {
			return nil
		}
	}
	return errors.New("the function does not finish a call whose client is gone")
}

// call is a request to the function.
type call struct {
	path   string
	token  string
	body   string
	base64 bool // the gateway sends the body in base64
}

func (c call) header() map[string]string {
	return map[string]string{
		"host": "nod.example.com", "content-type": "application/json", "authorization": "Bearer " + c.token,
		"accept-language": "en",
	}
}

// lambdaEvent is the event of a Function URL (aws-lambda-go/events, payload format 2.0).
func lambdaEvent(c call) []byte {
	return event(map[string]any{
		"version": "2.0", "rawPath": c.path, "rawQueryString": "", "headers": c.header(),
		"requestContext": map[string]any{
			"domainName": "nod.example.com",
			"http":       map[string]string{"method": "POST", "path": c.path, "sourceIp": "203.0.113.7"},
		},
		"body": c.body, "isBase64Encoded": c.base64,
	})
}

// scfEvent is the event of a Function URL (Tencent Cloud document 583/96099).
func scfEvent(c call) []byte {
	header := c.header()
	header["x-scf-remote-addr"] = "203.0.113.7"
	return event(map[string]any{
		"httpMethod": "POST", "path": c.path, "queryString": map[string]string{}, "headers": header,
		"body": c.body, "isBase64Encoded": c.base64,
	})
}

func event(of map[string]any) []byte {
	b, err := json.Marshal(of)
	if err != nil {
		panic(err) // texts and truth values can always be written
	}
	return b
}
