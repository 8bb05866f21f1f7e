package chaos

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// line is the one between the functions and the database. It can be cut, and it can be held
// in one direction: what is asked gets there, and its answers never come back.
type line struct {
	dsn    string // of the same database, by this line
	server string

	mu       sync.Mutex
	isCut    bool
	deaf     bool // answers are dropped
	ends     map[net.Conn]bool
	carriers sync.WaitGroup
}

func lineTo(t *testing.T, dsn string) *line {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{server: address.Host, ends: map[net.Conn]bool{}}
	address.Host = listener.Addr().String()
	l.dsn = address.String()
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
		l.cut()
		l.carriers.Wait()
	})
	return l
}

func (l *line) join(client net.Conn) {
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
	line *line
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

func (l *line) holds(ends ...net.Conn) bool {
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

func (l *line) letGo(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		delete(l.ends, end)
	}
}

// cut ends every connection, and lets none come about until mend.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for end := range l.ends {
		_ = end.Close()
	}
}

// deafen lets everything through to the server, and nothing back.
func (l *line) deafen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = true
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut, l.deaf = false, false
}
