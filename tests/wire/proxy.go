// Package wire stands between a store and PostgreSQL, and speaks what passes there. It
// counts round trips, tells which statements are sent, and makes go wrong what a network
// or a server makes go wrong: a statement fails, a connection ends, an answer is lost, nobody
// gets through, or nothing comes back.
package wire

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy is one way to one database.
type Proxy struct {
	DSN string // of the same database, through the proxy

	server string
	trips  atomic.Int64
	opened atomic.Int64 // links so far
	open   sync.RWMutex // held while nothing passes
	deaf   atomic.Bool  // no answer passes
	watch  func(Statement) Fault
	seeing sync.Mutex // held while watch is called, or changed

	mu    sync.Mutex
	isCut bool
	links map[*link]bool
}

// To puts a proxy in front of a database for as long as the test runs.
func To(tb testing.TB, dsn string) *Proxy {
	tb.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{server: u.Host, links: map[*link]bool{}}
	u.Host = listener.Addr().String()
	p.DSN = u.String()
	var owned sync.WaitGroup
	owned.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			owned.Go(func() { p.serve(client) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		p.Cut()
		owned.Wait()
	})
	return p
}

// Plain is the way for a client that prepares no statement: all arguments but bytes travel as
// text.
func (p *Proxy) Plain() string {
	u, err := url.Parse(p.DSN)
	if err != nil {
		panic(err) // To made it
	}
	q := u.Query()
	q.Set("default_query_exec_mode", "exec")
	u.RawQuery = q.Encode()
	return u.String()
}

// Count tells how many round trips a call takes.
func (p *Proxy) Count(call func()) int64 {
	before := p.trips.Load()
	call()
	return p.trips.Load() - before
}

// Freeze lets nothing pass on to the server until Thaw.
func (p *Proxy) Freeze() { p.open.Lock() }

// Thaw ends a Freeze.
func (p *Proxy) Thaw() { p.open.Unlock() }

// Cut ends every connection, and lets none come about until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = true
	for l := range p.links {
		l.end()
	}
}

// Deafen lets everything pass on to the server, and nothing back, until Mend.
func (p *Proxy) Deafen() { p.deaf.Store(true) }

// Mend ends what Cut or Deafen began.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = false
	p.deaf.Store(false)
}

// takes takes a new connection in, unless it is cut; letsGo forgets it.
func (p *Proxy) takes(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isCut {
		p.links[l] = true
	}
	return !p.isCut
}

func (p *Proxy) letsGo(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// Watch has every statement shown before it is sent, one at a time, and does to it what
// that says; nil ends it.
func (p *Proxy) Watch(see func(Statement) Fault) {
	p.seeing.Lock()
	defer p.seeing.Unlock()
	p.watch = see
}

// see shows a statement to whoever watches.
func (p *Proxy) see(link int64, parse, bind []byte) Fault {
	p.seeing.Lock()
	defer p.seeing.Unlock()
	if p.watch == nil || len(parse) == 0 {
		return Fault{}
	}
	s := statement(parse, bind)
	s.Trip, s.Link = p.trips.Load(), link
	return p.watch(s)
}

// link is one connection through the proxy.
type link struct {
	proxy  *Proxy
	number int64
	client net.Conn
	server net.Conn
	out    *bufio.Writer // to the server
	lost   atomic.Bool   // the next answer is never given
	parse  []byte        // held until its arguments are there

	prepared map[string][]byte // by the statement's name
	unasked  atomic.Bool       // the next statement that the server has read was not the client's
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	l := &link{proxy: p, number: p.opened.Add(1), client: client, server: server, out: bufio.NewWriter(server), prepared: map[string][]byte{}}
	if !p.takes(l) {
		return
	}
	defer p.letsGo(l)
	var back sync.WaitGroup
	back.Go(func() {
		_ = l.backward(bufio.NewReader(server))
		l.end()
	})
	_ = l.forward(bufio.NewReader(client))
	l.end()
	back.Wait()
}

func (l *link) end() {
	_ = l.client.Close()
	_ = l.server.Close()
}

// message is one of the protocol's, as it came: its kind and all of its bytes.
func message(from *bufio.Reader, typed bool) (kind byte, all []byte, err error) {
	head := 4
	if typed {
		head = 5
	}
	all = make([]byte, head)
	if _, err = io.ReadFull(from, all); err != nil {
		return 0, nil, err
	}
	if typed {
		kind = all[0]
	}
	size := int(binary.BigEndian.Uint32(all[head-4:])) - 4
	all = append(all, make([]byte, size)...)
	_, err = io.ReadFull(from, all[head:])
	return kind, all, err
}

// forward passes on what the client says. The first message has no kind. A round trip ends
// with a Sync or a simple Query; a Flush would be another way to wait for an answer.
func (l *link) forward(client *bufio.Reader) error {
	for typed := false; ; typed = true {
		kind, all, err := message(client, typed)
		if err != nil {
			return err
		}
		switch kind {
		case 'S', 'Q', 'H':
			l.proxy.trips.Add(1)
		}
		switch {
		case kind == 'P' && named(all) != "":
			l.prepared[named(all)] = all
		case kind == 'P' && l.parse == nil:
			l.parse = all
			continue
		case kind == 'B':
			if all, err = l.bound(all); err != nil {
				return err
			}
		case l.parse != nil: // it has no arguments yet
			all, l.parse = append(l.parse, all...), nil
		}
		if err := l.send(all, client.Buffered() == 0); err != nil {
			return err
		}
	}
}

// send passes a message on, at the latest when no other one has come with it.
func (l *link) send(all []byte, last bool) error {
	l.proxy.open.RLock()
	defer l.proxy.open.RUnlock()
	_, err := l.out.Write(all)
	if err == nil && last {
		err = l.out.Flush()
	}
	return err
}

// bound is what is sent for a statement whose arguments have come.
func (l *link) bound(bind []byte) ([]byte, error) {
	all := append(l.parse, bind...)
	parse := cmp.Or(string(l.parse), string(l.prepared[boundTo(bind)]))
	l.parse = nil
	switch f := l.proxy.see(l.number, []byte(parse), bind); {
	case f.Cut:
		return nil, cmp.Or(l.out.Flush(), io.ErrClosedPipe)
	case f.Lose:
		l.lost.Store(true)
	case f.Code != "":
		l.unasked.Store(boundTo(bind) != "")
		return append(failing(f.Code), all...), nil
	}
	return all, nil
}

// backward passes on what the server says.
func (l *link) backward(server *bufio.Reader) error {
	for out := bufio.NewWriter(l.client); ; {
		kind, all, err := message(server, true)
		if err != nil {
			return err
		}
		switch lost := l.lost.Load(); {
		case lost && kind == 'Z': // it has done all that it was asked for
			return io.ErrClosedPipe
		case lost || l.proxy.deaf.Load():
			continue
		case kind == '1' && l.unasked.CompareAndSwap(true, false):
			continue
		}
		if _, err := out.Write(all); err != nil {
			return err
		}
		if server.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}
