package scf

import (
	"bufio"
	"context"
	"encoding/gob"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"

	"nod/shared/runtime/gateway"
)

// StartTraceless is Start for a function whose events must leave nothing behind. The
// vendor's loop has package net/rpc read them, whose decoder keeps the whole message for
// as long as the connection lives; here what was read is overwritten before the answer
// leaves, because the platform freezes the process right after it.
func StartTraceless(h http.Handler, timer gateway.Timer) {
	listener, err := net.Listen("tcp", "localhost:"+os.Getenv("_LAMBDA_SERVER_PORT"))
	if err != nil {
		log.Fatal(err)
	}
	server := rpc.NewServer()
	if err := server.RegisterName("Function", &Function{Adapter{Handler: h, Timer: timer}}); err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(server, conn)
	}
}

// serve answers the calls of one connection one after the other, until it ends.
func serve(server *rpc.Server, conn net.Conn) {
	c := newCodec(conn)
	defer func() { _ = c.Close() }()
	for server.ServeRequest(c) == nil {
	}
}

// Function is what the platform calls (scf-go-lib, cloudfunction/function.go).
type Function struct{ adapter Adapter }

// Ping tells the platform that the function is up.
func (*Function) Ping(_ *messages.PingRequest, _ *messages.PingResponse) error { return nil }

// Invoke answers one event. Whoever has read it overwrites it.
func (f *Function) Invoke(req *messages.InvokeRequest, resp *messages.InvokeResponse) error {
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(req.Deadline.Seconds, req.Deadline.Nanos))
	defer cancel()
	answer, err := f.adapter.Invoke(gateway.WithInvocation(ctx, req.RequestId), req.Payload)
	if err != nil {
		resp.Error = &messages.InvokeResponse_Error{Message: err.Error(), Type: fmt.Sprintf("%T", err)}
		return nil
	}
	resp.Payload = answer
	return nil
}

// codec is net/rpc's own (gob, request and response each with a header in front), but
// for where an event is.
type codec struct {
	conn net.Conn
	in   *stream
	dec  *gob.Decoder
	out  *bufio.Writer
	enc  *gob.Encoder
}

func newCodec(conn net.Conn) *codec {
	in, out := newStream(conn), bufio.NewWriter(conn)
	return &codec{conn: conn, in: in, dec: gob.NewDecoder(in), out: out, enc: gob.NewEncoder(out)}
}

func (c *codec) ReadRequestHeader(r *rpc.Request) error { return c.dec.Decode(r) }

func (c *codec) ReadRequestBody(body any) error {
	c.in.bodies, c.in.event = true, nil // also for a body that nobody wants, which is nil here
	defer func() { c.in.bodies = false }()
	if err := c.dec.Decode(body); err != nil {
		return err
	}
	if req, ok := body.(*messages.InvokeRequest); ok {
		return c.in.lend(&req.Payload)
	}
	return nil
}

func (c *codec) WriteResponse(r *rpc.Response, body any) error {
	c.in.wipe()
	if err := c.enc.Encode(r); err != nil {
		return err
	}
	if err := c.enc.Encode(body); err != nil {
		return err
	}
	return c.out.Flush()
}

// Close ends the connection, whatever was read of a message that broke off.
func (c *codec) Close() error {
	c.in.wipe()
	return c.conn.Close()
}
