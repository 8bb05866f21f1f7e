// Package webhook sends messages to the addresses that enterprises enter, signed as
// Standard Webhooks has it (https://www.standardwebhooks.com), by the specification's own
// library.
//
// An address is whatever an administrator typed. So that nobody can have Nod call what only
// Nod can reach, the address that a name resolves to is looked at when it is dialled, no
// redirect is followed, no proxy is asked, and nothing of an answer but its status gets
// anywhere.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/trace"
)

// Options of a Sender.
type Options struct {
	// Loopback: Nod runs on this machine alone. Then messages may go to this machine too,
	// and there by plain http.
	Loopback bool
	// Timeout of one message, from the name to the answer; Timeout if zero.
	Timeout time.Duration
}

// Bounds of one message.
const (
	Timeout    = 10 * time.Second
	mostAnswer = 64 << 10 // of what is read of an answer, so that its connection can be used again
	mostHeader = 16 << 10
	userAgent  = "Nod-Webhooks/1"
)

// Sender is safe for concurrent use.
type Sender struct {
	loopback bool
	client   *http.Client
}

// New makes a Sender. It connects to nothing yet.
func New(o Options) *Sender {
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	s := &Sender{loopback: o.Loopback}
	dialer := &net.Dialer{Timeout: o.Timeout, Control: s.allow}
	s.client = &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy:                  nil, // one from the environment would dial for us, unseen
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    o.Timeout,
			MaxResponseHeaderBytes: mostHeader,
			DisableCompression:     true,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// Rest closes the connections that nobody uses: a function may be frozen from here on.
func (s *Sender) Rest() { s.client.CloseIdleConnections() }

// Post sends a message once.
func (s *Sender) Post(ctx context.Context, url string, m app.Message) (fault domain.DeliveryFault, status int) {
	ctx, span := trace.Call(ctx, "webhook") // where to is the enterprise's business
	defer func() {
		span.Number(trace.Status, status)
		if fault != "" {
			span.Word(trace.Reason, string(fault))
			span.Fail()
		}
		span.End(nil)
	}()
	if !domain.SafeURL(url, s.loopback) {
		return domain.ForbiddenAddress, 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(m.Body))
	if err != nil {
		return domain.ForbiddenAddress, 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if err := sign(req.Header, m, time.Now()); err != nil {
		return domain.NotMade, 0
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return why(err), 0
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, mostAnswer) // what it says is nobody's business here
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return "", resp.StatusCode
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return domain.Redirected, resp.StatusCode
	}
	return domain.NotTaken, resp.StatusCode
}

// sign sets the headers of the specification. The time is that of the try by this
// machine's clock, which the receiver holds against its own.
func sign(h http.Header, m app.Message, now time.Time) error {
	var signatures []string
	for _, secret := range m.Secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return errors.New("webhook: a secret cannot be read") // the library's error would show it
		}
		signature, err := signer.Sign(string(m.ID), now, m.Body)
		if err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		signatures = append(signatures, signature)
	}
	h.Set(standardwebhooks.HeaderWebhookID, string(m.ID))
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// why puts an error into a word. Its text may hold the address, and goes nowhere.
func why(err error) domain.DeliveryFault {
	var late interface{ Timeout() bool }
	switch {
	case errors.Is(err, errForbidden):
		return domain.ForbiddenAddress
	case errors.As(err, &late) && late.Timeout():
		return domain.TimedOut
	}
	return domain.Unreachable
}
