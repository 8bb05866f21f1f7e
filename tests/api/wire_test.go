package api

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

// wire is the line between Nod and PostgreSQL. It counts the messages that end a
// round trip, and can be cut.
type wire struct {
	dsn    string // of the same database, by this line
	server string
	trips  atomic.Int64
	owned  sync.WaitGroup

	mu    sync.Mutex
	isCut bool
	ends  map[net.Conn]bool
}

func wireTo(t *testing.T, dsn string) *wire {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: u.Host, ends: map[net.Conn]bool{}}
	u.Host = listener.Addr().String()
	w.dsn = u.String()
	w.owned.Go(func() { w.accept(listener) })
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
		w.owned.Wait()
	})
	return w
}

func (w *wire) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		w.owned.Go(func() {
			defer client.Close()
			server, err := net.Dial("tcp", w.server)
			if err != nil {
				return
			}
			defer server.Close()
			if w.holds(client, server) {
				w.join(client, server)
			}
		})
	}
}

// holds takes both ends of a connection in, so that they can be cut.
func (w *wire) holds(ends ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		w.ends[c] = true
	}
	return !w.isCut
}

func (w *wire) join(client, server net.Conn) {
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	_ = w.forward(bufio.NewReader(client), server)
	_ = server.Close()
	back.Wait()
}

// forward passes a client's messages on. The first has no type; of the later ones a
// Sync, a Flush and a simple Query wait for an answer.
func (w *wire) forward(client *bufio.Reader, server io.Writer) error {
	for first := true; ; first = false {
		var message []byte
		if !first {
			kind, err := client.ReadByte()
			if err != nil {
				return err
			}
			if kind == 'S' || kind == 'H' || kind == 'Q' {
				w.trips.Add(1)
			}
			message = []byte{kind}
		}
		size := make([]byte, 4)
		if _, err := io.ReadFull(client, size); err != nil {
			return err
		}
		rest := make([]byte, binary.BigEndian.Uint32(size)-4)
		if _, err := io.ReadFull(client, rest); err != nil {
			return err
		}
		if _, err := server.Write(append(append(message, size...), rest...)); err != nil {
			return err
		}
	}
}

// cut ends every connection and lets no new one through, until mend.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	for c := range w.ends {
		_ = c.Close()
	}
	clear(w.ends)
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = false
}

// count tells how many round trips a call takes.
func (w *wire) count(call func()) int64 {
	before := w.trips.Load()
	call()
	return w.trips.Load() - before
}
