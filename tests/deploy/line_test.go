package deploy

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// line is the one between the functions and the database. It can pass nothing on, as a
// network does that is there and answers nobody.
type line struct {
	dsn  string // of the same database, by this line
	held sync.RWMutex
}

func lineTo(t *testing.T, dsn string) *line {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := address.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address.Host = listener.Addr().String()
	l := &line{dsn: address.String()}
	var owned sync.WaitGroup
	owned.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			owned.Go(func() { l.join(client, server) })
		}
	})
	t.Cleanup(func() { // the functions have ended, and their connections with them
		_ = listener.Close()
		owned.Wait()
	})
	return l
}

func (l *line) join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	var back sync.WaitGroup
	back.Go(func() {
		l.pass(client, server)
		_ = client.Close()
	})
	l.pass(server, client)
	_ = server.Close()
	back.Wait()
}

func (l *line) pass(to, from net.Conn) {
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		if !l.write(to, part[:n]) || err != nil {
			return
		}
	}
}

// write waits while the line is held.
func (l *line) write(to net.Conn, part []byte) bool {
	l.held.RLock()
	defer l.held.RUnlock()
	_, err := to.Write(part)
	return err == nil
}

// hold lets nothing through until release.
func (l *line) hold()    { l.held.Lock() }
func (l *line) release() { l.held.Unlock() }
