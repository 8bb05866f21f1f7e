// Package runtimeapi is the other side of AWS Lambda: a Runtime API server that starts
// a function's program, hands it events and takes its answers.
//
//	f, err := runtimeapi.Launch(exec.Command("dist/lambda-amd64/verify/bootstrap"))
//	defer f.End()
//	result, err := f.Invoke(event, 5*time.Second)
//
// It is as strict as the real one where that matters to us: 6 MB for event and
// answer, and a process that overruns its time is killed. It follows "Using the
// Lambda runtime API for custom runtimes" in the Lambda developer guide. Unlike
// the real one it starts no second process: after a function has ended, start
// another.
package runtimeapi

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"sync"
	"time"

	"nod/shared/runtime/process"
)

// Limit is the most bytes that an event or an answer may have. Lambda's own error
// message names this number.
const Limit = 6291556

// Why an invocation gave no result.
var (
	ErrEventTooLarge  = errors.New("runtimeapi: the event is above the limit")
	ErrAnswerTooLarge = errors.New("runtimeapi: the answer was above the limit")
	ErrTimeout        = errors.New("runtimeapi: the function overran its time and was killed")
	ErrEnded          = errors.New("runtimeapi: the function's process has ended")
)

// Result is what an invocation came to. The real service answers both kinds with
// HTTP 200; a failure has a header beside it.
type Result struct {
	Payload []byte
	Failed  bool // Payload is the function's error: errorMessage, errorType, stackTrace
}

// Function is a running function. It takes one event at a time, as a real instance
// does; callers may be many.
type Function struct {
	*process.Process
	server *httptest.Server
	queue  chan *invocation // to the function's next request

	serial sync.Mutex // held during an invocation

	mu        sync.Mutex
	current   *invocation
	count     int
	initError string
}

type invocation struct {
	id      string
	event   []byte
	timeout time.Duration
	done    chan outcome // buffered: whoever ends the invocation never waits
}

type outcome struct {
	result Result
	err    error
}

// Launch runs the program as Lambda would run bootstrap. The environment is the
// command's own and what Lambda adds to it. Whoever launches a function ends it.
func Launch(cmd *exec.Cmd) (*Function, error) {
	f := &Function{queue: make(chan *invocation)}
	f.server = httptest.NewServer(f.routes())
	cmd.Env = append(cmd.Environ(),
		"AWS_LAMBDA_RUNTIME_API="+f.server.Listener.Addr().String(),
		"AWS_LAMBDA_FUNCTION_NAME=function",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
	)
	p, err := process.Start(cmd)
	if err != nil {
		f.server.Close()
		return nil, fmt.Errorf("runtimeapi: starting the function: %w", err)
	}
	f.Process = p
	return f, nil
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
	f.Process.End() // its long poll with it
	f.server.Close()
}

// Invoke gives the function one event and the time it has for it.
func (f *Function) Invoke(event []byte, timeout time.Duration) (Result, error) {
	if len(event) > Limit {
		return Result{}, ErrEventTooLarge
	}
	f.serial.Lock()
	defer f.serial.Unlock()
	inv := f.begin(event, timeout)
	select {
	case f.queue <- inv:
	case <-f.Ended():
		return Result{}, f.ended()
	}
	// The time begins now: a function's start does not count, Lambda gives it ten
	// seconds of its own.
	clock := time.NewTimer(timeout)
	defer clock.Stop()
	select {
	case out := <-inv.done:
		return out.result, out.err
	case <-clock.C:
		f.Process.End()
		return Result{}, ErrTimeout
	case <-f.Ended():
		select {
		case out := <-inv.done: // it answered with its last breath
			return out.result, out.err
		default:
			return Result{}, f.ended()
		}
	}
}

func (f *Function) begin(event []byte, timeout time.Duration) *invocation {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.current = &invocation{
		id:      fmt.Sprintf("00000000-0000-4000-8000-%012d", f.count),
		event:   event,
		timeout: timeout,
		done:    make(chan outcome, 1),
	}
	return f.current
}

func (f *Function) ended() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.initError != "" {
		return fmt.Errorf("%w; it said: %s", ErrEnded, f.initError)
	}
	return ErrEnded
}
