package lambda

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"nod/shared/runtime/gateway"
	"nod/shared/runtime/notrace"
)

// StartTraceless is Start for a function whose events must leave nothing behind. The
// module's loop keeps each in pooled buffers; this one reads it into the one buffer
// that there is, and overwrites that before the answer leaves, because the platform
// freezes the process right after it.
func StartTraceless(h http.Handler, timer gateway.Timer) {
	r := newReceiver(os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	for {
		if err := r.serve(Adapter{Handler: h, Timer: timer}); err != nil {
			log.Fatal(err) // the platform starts another process
		}
	}
}

// invocations is the part of the Runtime API that hands out events ("Using the Lambda
// runtime API for custom runtimes" in the Lambda developer guide).
const invocations = "/2018-06-01/runtime/invocation/"

// receiver takes events from the Runtime API, one at a time.
type receiver struct {
	address string
	payload []byte // the whole of it is there from the start, and used as far as needed
	reader  *bufio.Reader
}

// mostEvent is the size of Lambda's largest event, which is a little over 6 MB: its
// error message about larger ones names it.
const mostEvent = 6291556

func newReceiver(address string) *receiver {
	return &receiver{address: address, payload: make([]byte, mostEvent+1), reader: bufio.NewReader(nil)}
}

// serve waits for an event, has it answered and sends the answer. The errors are those
// after which there is nothing left to do but to end.
func (r *receiver) serve(a Adapter) error {
	event, meta, err := r.next()
	defer clear(event) // again, should the handler have panicked
	if err != nil {
		return err
	}
	answer, err := run(a, event, meta)
	clear(event)
	if err != nil {
		return r.post(meta.id+"/error", failure(err))
	}
	return r.post(meta.id+"/response", answer)
}

// invocation is what the Runtime API tells beside an event.
type invocation struct {
	id       string
	deadline time.Time
}

func run(a Adapter, event []byte, meta invocation) ([]byte, error) {
	ctx, cancel := context.WithDeadline(context.Background(), meta.deadline)
	defer cancel()
	return a.Invoke(gateway.WithInvocation(ctx, meta.id), event)
}

// failure is an error as the platform keeps and shows it.
func failure(err error) []byte {
	text, err := json.Marshal(messages.InvokeResponse_Error{Message: err.Error(), Type: fmt.Sprintf("%T", err)})
	if err != nil {
		return []byte("{}") // two texts can always be written
	}
	return text
}

// next waits for an event and returns the part of the buffer that it is in, also
// together with an error. Nothing of the event is anywhere else after that.
func (r *receiver) next() (event []byte, meta invocation, err error) {
	resp, conn, err := r.exchange(http.MethodGet, "next", nil)
	if err != nil {
		return nil, meta, err
	}
	defer func() { _ = conn.Close() }()
	defer notrace.WipeReader(r.reader)
	if resp.StatusCode != http.StatusOK {
		return nil, meta, fmt.Errorf("lambda: the Runtime API answered %d", resp.StatusCode)
	}
	n, err := notrace.Fill(r.payload, resp.Body)
	event = r.payload[:n]
	switch {
	case errors.Is(err, notrace.ErrTooMuch):
		return event, meta, errors.New("lambda: an event above the platform's limit")
	case err != nil:
		return event, meta, errors.New("lambda: an event broke off")
	}
	meta.id = resp.Header.Get("Lambda-Runtime-Aws-Request-Id")
	ms, err := strconv.ParseInt(resp.Header.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if err != nil || meta.id == "" {
		return event, meta, errors.New("lambda: an event without an id or a deadline")
	}
	meta.deadline = time.UnixMilli(ms)
	return event, meta, nil
}

// post sends what came of an event.
func (r *receiver) post(path string, body []byte) error {
	resp, conn, err := r.exchange(http.MethodPost, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// 413 says that the answer was too large, and that the platform has said so.
	if resp.StatusCode != http.StatusAccepted && resp.StatusCode != http.StatusRequestEntityTooLarge {
		return fmt.Errorf("lambda: the Runtime API answered %d to an answer", resp.StatusCode)
	}
	return nil
}

// exchange makes one call on a connection of its own: the Runtime API is on this
// machine, and a connection that was frozen with the process is none to rely on.
func (r *receiver) exchange(method, path string, body []byte) (*http.Response, net.Conn, error) {
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		return nil, nil, fmt.Errorf("lambda: the Runtime API: %w", err)
	}
	head := fmt.Sprintf("%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: nod\r\nConnection: close\r\n", method, invocations, path, r.address)
	if method == http.MethodPost {
		head += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	if _, err = conn.Write(append([]byte(head+"\r\n"), body...)); err == nil {
		r.reader.Reset(conn)
		var resp *http.Response
		if resp, err = http.ReadResponse(r.reader, nil); err == nil {
			return resp, conn, nil
		}
	}
	_ = conn.Close()
	notrace.WipeReader(r.reader)
	return nil, nil, errors.New("lambda: the Runtime API broke off") // the cause's text may quote what came
}
