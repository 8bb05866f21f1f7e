package localapi

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// authRequest is the body of DetectAuth.
type authRequest struct {
	identity
	RuleId      string
	ImageBase64 imageField
	Extra       string
	RedirectUrl string
}

// authResult is its answer: the token of one visit to the hosted page, and the page.
type authResult struct{ BizToken, Url string }

const (
	maxExtra    = 1024 // the vendor's, as the next
	maxRedirect = 1024
)

// detectAuth runs DetectAuth. The image is read and dropped, for nothing is compared on
// the stand-in page.
func detectAuth(s *Server, r *http.Request, body []byte) (any, error) {
	var q authRequest
	defer func() {
		q.wipe()
		clear(q.ImageBase64.data)
	}()
	if err := parse(body, &q); err != nil {
		return nil, err
	}
	if s.ruleID == "" || q.RuleId != s.ruleID {
		return nil, errNoSuchRule
	}
	back, ok := redirectTarget(q.RedirectUrl)
	if !ok || len(q.Extra) > maxExtra || q.ImageBase64.encoded > maxLifePhoto || q.ImageBase64.unreadable {
		return nil, errInvalidValue
	}
	if err := q.open(s.opener); err != nil {
		return nil, err
	}
	if err := q.check(s.now()); err != nil {
		return nil, errInvalidValue
	}
	token, ok := s.visits.begin(&visit{
		idCard: bytes.Clone(q.IdCard), name: bytes.Clone(q.Name), extra: q.Extra, back: back,
	})
	if !ok {
		return nil, errTooManyTokens
	}
	page := url.URL{Scheme: "http", Host: r.Host, Path: hostedPath, RawQuery: url.Values{"token": {token}}.Encode()}
	if r.TLS != nil {
		page.Scheme = "https"
	}
	return authResult{token, page.String()}, nil
}

// notOfHost tells what no host and port are made of. The host becomes part of the page's
// policy, in which a semicolon would begin another rule.
func notOfHost(r rune) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]"
	return !strings.ContainsRune(letters, r)
}

// redirectTarget reads the address to which the person goes back.
func redirectTarget(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxRedirect || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsFunc(u.Host, notOfHost) {
		return nil, false
	}
	return u, true
}
