package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"nod/shared/domain"
)

// names is a server of names whose owner changes what they stand for.
type names struct {
	is    atomic.Value // []netip.Addr
	asked atomic.Int64
}

// owned makes all names of this process the owner's until the test is over.
func owned(t *testing.T) *names {
	t.Helper()
	n := &names{}
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go n.serve(conn)
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = was
		conn.Close()
	})
	return n
}

func (n *names) are(list ...string) {
	var addresses []netip.Addr
	for _, text := range list {
		addresses = append(addresses, netip.MustParseAddr(text))
	}
	n.is.Store(addresses)
}

func (n *names) serve(conn net.PacketConn) {
	question := make([]byte, 1500)
	for {
		size, from, err := conn.ReadFrom(question)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var m dnsmessage.Message
		if err != nil || m.Unpack(question[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		n.asked.Add(1)
		m.Response, m.Authoritative, m.Additionals = true, true, nil
		q := m.Questions[0]
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class} // kept for no time at all
		for _, a := range n.is.Load().([]netip.Addr) {
			switch {
			case q.Type == dnsmessage.TypeA && a.Is4():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
			case q.Type == dnsmessage.TypeAAAA && a.Is6():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			}
		}
		if answer, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(answer, from) // whoever asked asks again
		}
	}
}

// met is an endpoint on this machine that counts who reaches it, and its port.
func met(t *testing.T) (*endpoint, string) {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.met.Add(1)
		taken(w, r)
	}))
	t.Cleanup(e.Close)
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	return e, u.Port()
}

// A name stood for a good address when it was first met, and stands for another now: each
// time what counts is what is dialled. A connection to the good one is not stretched to it.
func TestANameThatChangesIsLookedAtEachTime(t *testing.T) {
	n := owned(t)
	e, port := met(t)
	s := New(Options{Loopback: true}) // on this machine the good address is 127.0.0.1
	s.client.Transport.(*http.Transport).TLSClientConfig = e.Client().Transport.(*http.Transport).TLSClientConfig
	const name = "https://example.com:" // for which the server's certificate is
	n.are("127.0.0.1")
	posted(t, s, name+port, "", 204)
	s.Rest()
	for _, list := range [][]string{
		{"169.254.169.254"}, {"169.254.0.23"}, {"100.100.100.200"}, {"10.0.0.1"}, {"192.168.1.1", "172.16.0.1"}, {"0.0.0.0"},
		{"fd00:ec2::254"}, {"::ffff:169.254.169.254"}, {"64:ff9b::a9fe:a9fe"}, {"2002:a9fe:a9fe::1"}, {"::"}, {"fe80::1"}, {"ff02::1"},
		{"10.0.0.1", "fd00::1"},
	} {
		n.are(list...)
		asked := n.asked.Load()
		posted(t, s, name+port, domain.ForbiddenAddress, 0)
		if n.asked.Load() == asked {
			t.Errorf("%v: what was known of the name was taken for true", list)
		}
	}
	if met := e.met.Load(); met != 1 {
		t.Errorf("it was met %d times", met)
	}
	n.are("127.0.0.1") // not even the good one, where Nod serves others
	posted(t, New(Options{}), name+port, domain.ForbiddenAddress, 0)
}

// Spellings that some readers take for an address: they are names here, which stand for what
// is dialled, and that is looked at. Somebody listens there.
func TestSpellingsOfAnAddress(t *testing.T) {
	n := owned(t)
	n.are("127.0.0.1")
	e, port := met(t)
	s := New(Options{})
	// Under no spelling would the certificate be good: whoever got as far would not be met.
	trusting := e.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusting.ServerName = "example.com"
	s.client.Transport.(*http.Transport).TLSClientConfig = trusting
	for _, host := range []string{
		"0x7f000001", "0x7f.0.0.1", "0xa9fea9fe", "\u2460\u2461\u2466.0.0.1",
		"[::127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[fe80::1%25eth0]", "[::1%25lo]", "[64:ff9b::169.254.169.254]",
		"localhost.", "LOCALHOST", "metadata.google.internal", "metadata.tencentyun.com",
	} {
		posted(t, s, "https://"+host+":"+port+"/", domain.ForbiddenAddress, 0)
	}
	// No name consists of digits alone: nobody is asked for these, and nothing is dialled.
	asked := n.asked.Load()
	for _, host := range []string{"2130706433", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.1.", "2852039166", "127.0.0.1\u3002"} {
		posted(t, s, "https://"+host+":"+port+"/", domain.Unreachable, 0)
	}
	if n.asked.Load() != asked {
		t.Error("somebody was asked for a number")
	}
	if met := e.met.Load(); met != 0 {
		t.Errorf("it was met %d times", met)
	}
	for _, address := range []string{
		"https://lms.example.com@127.0.0.1/", "https://127.0.0.1#@lms.example.com/", "https://lms.example.com:x@[::1]/", `https://127.0.0.1\@lms.example.com/`,
		"https:/\\127.0.0.1/", "gopher://127.0.0.1/", "file:///etc/passwd", "https://[::1", "unix:///run/x.sock",
	} {
		posted(t, s, address, domain.ForbiddenAddress, 0)
	}
}
