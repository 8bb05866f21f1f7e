package postgres

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a program and PostgreSQL. It counts the messages that end a
// round trip, and can stop passing anything on, as a network or a frozen function
// would.
type Proxy struct {
	DSN   string       // of the same database, through the proxy
	Open  sync.RWMutex // held while the proxy passes nothing on
	trips atomic.Int64
}

// ProxyTo puts a proxy in front of a database for as long as the test runs.
func ProxyTo(t testing.TB, dsn string) *Proxy {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = listener.Addr().String()
	p := &Proxy{DSN: u.String()}
	var owned sync.WaitGroup
	owned.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			owned.Go(func() { p.serve(client, server) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		owned.Wait()
	})
	return p
}

func (p *Proxy) serve(client net.Conn, server string) {
	defer client.Close()
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(client, upstream)
		_ = client.Close()
	})
	_ = p.forward(bufio.NewReader(client), upstream)
	_ = upstream.Close()
	back.Wait()
}

// forward passes messages on, one at a time. The first has no type and none of the
// later ones is counted before it is a Sync or a simple Query; a Flush would be
// another way to wait for an answer.
func (p *Proxy) forward(client *bufio.Reader, upstream io.Writer) error {
	for kind := byte(0); ; {
		var message []byte
		if kind != 0 {
			b, err := client.ReadByte()
			if err != nil {
				return err
			}
			kind, message = b, []byte{b}
		}
		size := make([]byte, 4)
		if _, err := io.ReadFull(client, size); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(size)-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return err
		}
		switch kind {
		case 0:
			kind = 'p' // whatever follows the start-up has a type
		case 'S', 'Q', 'H':
			p.trips.Add(1)
		}
		p.Open.RLock()
		_, err := upstream.Write(append(append(message, size...), body...))
		p.Open.RUnlock()
		if err != nil {
			return err
		}
	}
}

// Count tells how many round trips a call takes.
func (p *Proxy) Count(call func()) int64 {
	before := p.trips.Load()
	call()
	return p.trips.Load() - before
}
