package domain_test

import (
	"net/url"
	"strings"
	"testing"

	"nod/shared/domain"
)

// addresses are spellings by which one host is taken for another.
var addresses = []string{
	"https://lms.example.com", "https://lms.example.com:8443", "http://127.0.0.1:8090", "https://LMS.example.com", "https://lms.example.com/",
	"https://lms.example.com@evil.example", "https://lms.example.com:443@evil.example/", `https://lms.example.com\@evil.example`,
	"https://lms.example.com.evil.example/x", "https://lms.example.com%2eevil.example", "https://evil.example#https://lms.example.com",
	"https:lms.example.com", "https:///lms.example.com", "//lms.example.com/x", "https://lms.example.com?next=//evil.example",
	"https://*.example.com", "https://a.example; script-src *", "https://a.example 'unsafe-inline'", "https://a.example\r\nSet-Cookie: a=b",
	"https://2130706433", "https://0177.0.0.1", "https://0x7f.1", "http://127.1", "http://[::ffff:127.0.0.1]", "http://[::1%25lo]:80",
	"javascript:alert(1)", "data:text/html,x", "https://\u2100.example", "https://lms。example.com", "https://xn--fiqs8s",
}

// An origin that is registered stands in the page's policy. Whatever passes for one is a
// scheme, a host and a port, and no more words for the policy.
func FuzzOrigins(f *testing.F) {
	for _, a := range addresses {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		p := aProfile()
		if p.FrameOrigins = []string{origin}; p.Validate() != nil {
			return
		}
		host, found := strings.CutPrefix(origin, "https://")
		if !found {
			host, found = strings.CutPrefix(origin, "http://")
			if name, _, _ := strings.Cut(host, ":"); name != "127.0.0.1" && name != "localhost" && !strings.HasPrefix(host, "[::1]") {
				t.Errorf("%q is taken, and is neither encrypted nor this machine", origin)
			}
		}
		if !found || host == "" || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != "" {
			t.Errorf("%q is taken", origin)
		}
	})
}

// Where the person is sent back to begins with a registered origin and goes on with a path,
// a query or a fragment, so that no browser reads another host there.
func FuzzReturnURL(f *testing.F) {
	for _, a := range addresses {
		f.Add(a)
		f.Add(a + "/exam?id=1#x")
	}
	p := aProfile()
	f.Fuzz(func(t *testing.T, address string) {
		if !p.MayReturnTo(address) {
			return
		}
		for _, origin := range p.ReturnOrigins {
			if len(address) >= len(origin) && strings.EqualFold(address[:len(origin)], origin) &&
				(len(address) == len(origin) || strings.ContainsRune("/?#", rune(address[len(origin)]))) {
				return
			}
		}
		t.Errorf("%q is taken", address)
	})
}

// An address that Nod or its vendor may call is an encrypted one, with nobody's name or
// password in it; on this machine alone it may be plain.
func FuzzSafeURL(f *testing.F) {
	for _, a := range addresses {
		f.Add(a, true)
		f.Add(a+"/1.png", false)
	}
	f.Fuzz(func(t *testing.T, address string, here bool) {
		if !domain.SafeURL(address, here) {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q is taken", address)
		}
		if u.Scheme != "https" && !(here && u.Scheme == "http" && domain.Loopback(u.Hostname())) {
			t.Errorf("%q is taken", address)
		}
	})
}
