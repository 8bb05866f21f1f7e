// Package tsa asks a timestamp authority over HTTP, as RFC 3161 has it in section 3.4. An
// answer is what its signature makes it: what is not signed by an authority under the roots
// that the operator trusts is an error, whoever sent it. So plain http will do, as most
// public authorities have it.
//
// What leaves Nod is the SHA-256 of a signed checkpoint and a random number: nothing about a
// person, nor a name of an enterprise. So the authority may be anywhere (duty D13 is about
// data of people).
package tsa

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"nod/shared/ledger/timestamp"
)

// Options of a Client.
type Options struct {
	URL     string // http or https; a user and password in it are sent as such
	Roots   *x509.CertPool
	Timeout time.Duration // of one answer; Timeout if zero
}

// Bounds of an answer.
const (
	Timeout    = 10 * time.Second
	mostHeader = 16 << 10
	// farthest is how far the authority's clock and ours may be apart. Beyond, one of the
	// two is wrong, and a timestamp would contradict the Records.
	farthest = 5 * time.Minute
	// roughest is how inexact an authority may be.
	roughest = time.Minute

	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
)

// Client is safe for concurrent use.
type Client struct {
	url    string
	roots  *x509.CertPool
	client *http.Client
}

// New makes a Client. It connects to nothing yet.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	return &Client{url: o.URL, roots: o.Roots, client: &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxResponseHeaderBytes: mostHeader, DisableCompression: true,
			ForceAttemptHTTP2: true, DisableKeepAlives: true, // a function may be frozen after any call
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Timestamp asks for the timestamp of bytes, and tells the time that it says.
func (c *Client) Timestamp(ctx context.Context, message []byte) (tsr []byte, at time.Time, err error) {
	request, nonce, err := timestamp.Request(message)
	if err != nil {
		return nil, at, err
	}
	answer, err := c.post(ctx, request)
	if err != nil {
		return nil, at, fmt.Errorf("tsa: %w", err)
	}
	tsr, s, err := timestamp.Accept(answer, message, nonce, c.roots)
	switch off := time.Since(s.Time); {
	case err != nil:
		return nil, at, fmt.Errorf("tsa: %w", err)
	case off.Abs() > farthest:
		return nil, at, fmt.Errorf("tsa: its clock and ours are %v apart", off.Round(time.Second))
	case s.Accuracy > roughest:
		return nil, at, fmt.Errorf("tsa: it knows the time to %v only", s.Accuracy)
	}
	return tsr, s.Time, nil
}

func (c *Client) post(ctx context.Context, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(request))
	if err != nil {
		return nil, errors.New("its address is none")
	}
	r.Header.Set("Content-Type", queryType)
	r.Header.Set("Accept", replyType)
	r.Header.Set("User-Agent", "Nod/1")
	answer, err := c.client.Do(r)
	if asked, is := errors.AsType[*url.Error](err); is {
		return nil, asked.Err // without the address, in which there may be a password
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers with status %d", answer.StatusCode)
	}
	if is, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || is != replyType {
		return nil, errors.New("its answer is no " + replyType)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, timestamp.Most+1)) // one more is refused
	if err != nil {
		return nil, fmt.Errorf("its answer breaks off: %w", err)
	}
	return body, nil
}
