// Package line stands between a client and a server, whatever they speak. It can be cut,
// and it can be held in one direction.
package line

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Line is one way to one server.
type Line struct {
	Addr string // who connects here reaches the server

	server string

	mu       sync.Mutex
	isCut    bool
	deaf     bool // answers are dropped
	ends     map[net.Conn]bool
	carriers sync.WaitGroup
}

// To lays a line to a server's address for as long as the test runs.
func To(t testing.TB, server string) *Line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{Addr: listener.Addr().String(), server: server, ends: map[net.Conn]bool{}}
	l.carriers.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			l.carriers.Go(func() { l.join(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.Cut()
		l.carriers.Wait()
	})
	return l
}

func (l *Line) join(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !l.holds(client, server) {
		return
	}
	defer l.letGo(client, server)
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(answers{client, l}, server)
		_ = client.Close()
	})
	_, _ = io.Copy(server, client)
	_ = server.Close()
	back.Wait()
}

// answers drops what is written while the line is deaf.
type answers struct {
	net.Conn
	line *Line
}

func (a answers) Write(b []byte) (int, error) {
	a.line.mu.Lock()
	deaf := a.line.deaf
	a.line.mu.Unlock()
	if deaf {
		return len(b), nil
	}
	return a.Conn.Write(b)
}

func (l *Line) holds(ends ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isCut {
		return false
	}
	for _, end := range ends {
		l.ends[end] = true
	}
	return true
}

func (l *Line) letGo(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		delete(l.ends, end)
	}
}

// Cut ends every connection, and lets none come about until Mend.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for end := range l.ends {
		_ = end.Close()
	}
}

// Deafen lets everything through to the server, and nothing back.
func (l *Line) Deafen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = true
}

// Mend makes it whole again.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut, l.deaf = false, false
}
