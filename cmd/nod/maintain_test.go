package main

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"
)

// signalling is a log that tells when something is written that holds the words.
type signalling struct {
	words []byte
	seen  chan struct{}
}

func (s *signalling) Write(p []byte) (int, error) {
	if bytes.Contains(p, s.words) {
		select {
		case s.seen <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

// On a laptop no platform has a timer.
func TestTheLocalRunIsItsOwnTimer(t *testing.T) {
	emptyEnvironment(t, "")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	home, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	log := &signalling{[]byte(`"msg":"maintained"`), make(chan struct{}, 1)}
	l, err := startLocal(t.Context(), home, listener.Addr().String(), log)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.serve(ctx, listener, func(context.Context) error { return nil }) }()
	select {
	case <-log.seen:
	case <-time.After(30 * time.Second):
		t.Error("nothing was maintained")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
