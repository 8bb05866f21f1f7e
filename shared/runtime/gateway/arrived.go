package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// ErrTooLarge says that a request's body is above MaxPayload.
var ErrTooLarge = errors.New("gateway: the request is larger than a function takes")

// Arrived brings a request of net/http's server into the shape that an event gives, but
// for a body whose length the client did not tell: that is -1 here too, and the handler
// reads it at its own pace, up to MaxPayload (then *http.MaxBytesError).
func Arrived(r *http.Request) (*http.Request, error) {
	u, err := originForm(r.URL)
	if err != nil || !isHost(r.Host) {
		return nil, ErrMalformed
	}
	header, err := fold(r.Header)
	if err != nil {
		return nil, err
	}
	if r.ContentLength > MaxPayload {
		return nil, ErrTooLarge
	}
	same := *r
	same.URL, same.RequestURI, same.Header = u, u.RequestURI(), header
	same.TransferEncoding, same.Trailer = nil, nil
	if r.ContentLength < 0 {
		same.Body = http.MaxBytesReader(nil, r.Body, MaxPayload)
	}
	return &same, nil
}

// originForm is the target as a gateway hands it on. A server has to take the
// absolute form too (RFC 9112 section 3.2.2); its host is in r.Host already.
func originForm(u *url.URL) (*url.URL, error) {
	if u.Opaque != "" || !strings.HasPrefix(u.Path, "/") {
		return nil, ErrMalformed
	}
	origin := *u
	origin.Scheme, origin.Host, origin.User = "", "", nil
	return &origin, nil
}
