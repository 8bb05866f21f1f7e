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
	"nod/shared/runtime/notrace"
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

// Invoke answers one event and overwrites it.
func (f *Function) Invoke(req *messages.InvokeRequest, resp *messages.InvokeResponse) error {
	defer clear(req.Payload)
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(req.Deadline.Seconds, req.Deadline.Nanos))
	defer cancel()
	answer, err := f.adapter.Invoke(ctx, req.Payload)
	if err != nil {
		resp.Error = &messages.InvokeResponse_Error{Message: err.Error(), Type: fmt.Sprintf("%T", err)}
		return nil
	}
	resp.Payload = answer
	return nil
}

// codec is net/rpc's own (gob, request and response each with a header in front), but
// for what it does with the memory that it has read into.
type codec struct {
	conn    *notrace.Conn
	dec     *gob.Decoder
	out     *bufio.Writer
	enc     *gob.Encoder
	payload []byte // of the event before, which is over: its memory is used again
}

func newCodec(conn net.Conn) *codec {
	remembered := &notrace.Conn{Conn: conn}
	out := bufio.NewWriter(conn)
	return &codec{conn: remembered, dec: gob.NewDecoder(remembered), out: out, enc: gob.NewEncoder(out)}
}

func (c *codec) ReadRequestHeader(r *rpc.Request) error { return c.dec.Decode(r) }

func (c *codec) ReadRequestBody(body any) error {
	req, ok := body.(*messages.InvokeRequest)
	if !ok {
		return c.dec.Decode(body)
	}
	req.Payload = c.payload[:0]
	err := c.dec.Decode(req)
	c.payload = req.Payload
	return err
}

func (c *codec) WriteResponse(r *rpc.Response, body any) error {
	c.wipe()
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
	c.wipe()
	return c.conn.Conn.Close()
}

// wipe overwrites the message and the event in it, also one that never came to Invoke.
func (c *codec) wipe() {
	c.conn.Wipe()
	clear(c.payload)
}
