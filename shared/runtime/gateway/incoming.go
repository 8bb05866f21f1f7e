package gateway

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ErrMalformed says that an event is no HTTP request, or not one request only. It
// carries no detail, for the caller is to answer with Problem(400) and no more.
var ErrMalformed = errors.New("gateway: malformed event")

// Incoming is an HTTP request as an event tells it, before anything is checked.
type Incoming struct {
	Method  string
	Path    string              // percent-encoded or not, see target
	Query   string              // as after the "?", made by RawQuery or a Query
	Header  map[string][]string // in any spelling, Host among them
	Host    string              // what to take if Header has no Host
	Body    []byte              // a part of the event: it is changed, and lent to the handler
	Base64  bool                // Body is base64
	Address string              // of the client, as the platform tells it: IP or IP:port
}

// Request checks what came in and builds what the handler sees.
func (in Incoming) Request(ctx context.Context) (*http.Request, error) {
	if !isToken(in.Method) {
		return nil, ErrMalformed
	}
	uri, err := target(in.Path, in.Query)
	if err != nil {
		return nil, err
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, ErrMalformed
	}
	header, err := fold(in.Header)
	if err != nil {
		return nil, err
	}
	host, err := takeHost(header, in.Host)
	if err != nil {
		return nil, err
	}
	body, err := in.body()
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: in.Method, URL: u, RequestURI: uri, Host: host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		RemoteAddr: remoteAddr(in.Address), ContentLength: int64(len(body)), Body: lend(body),
	}
	return r.WithContext(ctx), nil
}

// body is the body itself; base64 is decoded where it lies.
func (in Incoming) body() ([]byte, error) {
	if !in.Base64 {
		return in.Body, nil
	}
	n, err := base64.StdEncoding.Decode(in.Body, in.Body) // reads ahead of what it writes
	if err != nil {
		return nil, ErrMalformed
	}
	clear(in.Body[n:])
	return in.Body[:n], nil
}

// takeHost moves Host out of the header, as net/http's server does. Two hosts
// were joined by a comma before, which no host contains here.
func takeHost(header http.Header, otherwise string) (string, error) {
	host := header.Get("Host")
	if host == "" {
		host = otherwise
	}
	header.Del("Host")
	if !isHost(host) {
		return "", ErrMalformed
	}
	return host, nil
}

// remoteAddr writes the platform's word for the client as net/http does.
func remoteAddr(address string) string {
	address = strings.TrimSpace(address)
	if both, err := netip.ParseAddrPort(address); err == nil {
		return net.JoinHostPort(both.Addr().Unmap().String(), "0")
	}
	ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return ""
	}
	return net.JoinHostPort(ip.Unmap().String(), "0")
}
