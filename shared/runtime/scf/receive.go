package scf

import (
	"bufio"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
	"github.com/tencentyun/scf-go-lib/functioncontext"

	"nod/shared/runtime/gateway"
)

// Start serves events until the platform ends the process. Without a timer, calls by a
// timer trigger fail.
//
// The platform talks net/rpc, and the vendor's loop is that package's server. It is not
// used, for two reasons. Its decoder keeps a whole event for as long as the connection
// lives; here what was read is overwritten before the answer leaves, because the platform
// freezes the process right after it. And it looks methods up by their names, and has a
// page of HTML about them, so that the linker can leave out no method of any type: that
// made every function larger by a fifth, on either cloud. The two calls that there are
// need neither.
func Start(h http.Handler, timer gateway.Timer) {
	listener, err := net.Listen("tcp", "localhost:"+os.Getenv("_LAMBDA_SERVER_PORT"))
	if err != nil {
		log.Fatal(err)
	}
	a := Adapter{Handler: h, Timer: timer}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(a, conn)
	}
}

// serve answers the calls of one connection one after the other, until it ends.
func serve(a Adapter, conn net.Conn) {
	l := newLine(conn)
	defer l.close()
	for l.serve(a) == nil {
	}
}

// call and reply are what net/rpc sends in front of a request and of a response
// (rpc.Request and rpc.Response; package gob goes by the fields' names).
type (
	call struct {
		ServiceMethod string
		Seq           uint64
	}
	reply struct {
		ServiceMethod string
		Seq           uint64
		Error         string // of the protocol; a function's own is in its response
	}
)

// line is a connection, with net/rpc's codec of package gob but for where an event is.
type line struct {
	conn net.Conn
	in   *stream
	dec  *gob.Decoder
	out  *bufio.Writer
	enc  *gob.Encoder
}

func newLine(conn net.Conn) *line {
	in, out := newStream(conn), bufio.NewWriter(conn)
	return &line{conn: conn, in: in, dec: gob.NewDecoder(in), out: out, enc: gob.NewEncoder(out)}
}

// serve answers one call (scf-go-lib, cloudfunction/function.go, has the same two). After an
// error the connection is of no more use.
func (l *line) serve(a Adapter) error {
	var c call
	if err := l.dec.Decode(&c); err != nil {
		return err
	}
	r := reply{ServiceMethod: c.ServiceMethod, Seq: c.Seq}
	switch c.ServiceMethod {
	case "Function.Ping": // is it up?
		if err := l.read(&messages.PingRequest{}); err != nil {
			return err
		}
		return l.answer(r, messages.PingResponse{})
	case "Function.Invoke":
		var req messages.InvokeRequest
		if err := l.read(&req); err != nil {
			return err
		}
		return l.answer(r, run(a, &req))
	}
	if err := l.read(nil); err != nil {
		return err
	}
	r.Error = "scf: a function has no such method"
	return l.answer(r, struct{}{})
}

// read reads what a call is about; nil is for what nobody wants to know.
func (l *line) read(body any) error {
	l.in.bodies, l.in.event = true, nil
	defer func() { l.in.bodies = false }()
	if err := l.dec.Decode(body); err != nil {
		return err
	}
	if req, ok := body.(*messages.InvokeRequest); ok {
		return l.in.lend(&req.Payload)
	}
	return nil
}

// answer overwrites what was read, and only then sends what came of it.
func (l *line) answer(r reply, body any) error {
	l.in.wipe()
	if err := errors.Join(l.enc.Encode(r), l.enc.Encode(body)); err != nil {
		return err
	}
	return l.out.Flush()
}

// close ends the connection, whatever was read of a message that broke off.
func (l *line) close() {
	l.in.wipe()
	_ = l.conn.Close()
}

// run has one event answered. Whoever has read it overwrites it.
func run(a Adapter, req *messages.InvokeRequest) (resp messages.InvokeResponse) {
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(req.Deadline.Seconds, req.Deadline.Nanos))
	defer cancel()
	err := renew(req.Environment)
	if err == nil {
		resp.Payload, err = a.Invoke(functioncontext.NewContext(ctx, about(req)), req.Payload)
	}
	if err != nil {
		resp.Error = &messages.InvokeResponse_Error{Message: err.Error(), Type: fmt.Sprintf("%T", err)}
	}
	return resp
}

var errEnvironment = errors.New("scf: the environment that came with a call is not one")

// renew takes over the environment that comes with a call: the platform renews the
// temporary credentials of the function's role there, as the vendor's loop expects.
func renew(environment string) error {
	if environment == "" {
		return nil
	}
	var variables map[string]string
	if json.Unmarshal([]byte(environment), &variables) != nil {
		return errEnvironment // the cause's text may quote what came
	}
	for name, value := range variables {
		if os.Setenv(name, value) != nil {
			return errEnvironment
		}
	}
	return nil
}

// about is what a handler may look up of a call, as with the vendor's loop.
func about(req *messages.InvokeRequest) *functioncontext.FunctionContext {
	return &functioncontext.FunctionContext{
		RequestID: req.RequestId, FunctionName: req.FunctionName, FunctionVersion: req.FunctionVersion,
		Namespace: req.Namespace, InvokedFunctionUnique: req.InvokedFunctionUnique,
		MemoryLimitInMb: req.MemoryLimitInMb, TimeLimitInMs: req.TimeLimitInMs,
		TencentcloudRegion: req.TencentcloudRegion, TencentcloudAppID: req.TencentcloudAppID,
		TencentcloudUin: req.TencentcloudUin, FunctionTrace: req.FunctionTrace,
	}
}
