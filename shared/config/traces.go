package config

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"nod/shared/domain"
)

// checkTraces asks of a collector what is asked of a database (duty D13): traces name nobody,
// but they tell when whose checks were made, and that is nobody's business abroad. Without
// TLS they go no further than a private network.
func (c Config) checkTraces(fault func(name, what string)) {
	if _, ok := c.TraceHeader(); !ok {
		fault("OTLP_HEADERS", "must be NAME=VALUE, several of them with commas between, values percent-encoded")
	}
	switch {
	case c.Traces == "" && c.TracesHeader != "":
		fault("OTLP_HEADERS", "is of no use without NOD_OTLP_ENDPOINT")
	case c.Traces != "" && !collectorInMainland(c.Traces):
		fault("OTLP_ENDPOINT", "must be https://HOST[:PORT][/PATH] in mainland China, or http:// at an address of this machine or a private network")
	}
}

func collectorInMainland(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	near := domain.Loopback(u.Hostname())
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		near = near || ip.IsPrivate()
	}
	return (u.Scheme == "https" || u.Scheme == "http" && near) && hostInMainland(u.Hostname())
}

// TraceHeader is the header that the collector is sent.
func (c Config) TraceHeader() (h http.Header, ok bool) {
	h = http.Header{}
	if c.TracesHeader == "" {
		return h, true
	}
	for pair := range strings.SplitSeq(string(c.TracesHeader), ",") {
		name, value, found := strings.Cut(strings.TrimSpace(pair), "=")
		text, err := url.PathUnescape(value)
		if !found || err != nil || !headerName(name) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, false
		}
		h.Add(name, text)
	}
	return h, true
}

func headerName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
