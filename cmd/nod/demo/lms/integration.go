package lms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Nod is all that a learning platform's server needs of Nod.
type Nod struct{ URL, Key, Enterprise, Mode string }

// Check is one check of one person for one resource. The nonce ties the answer to it.
type Check struct {
	Subject, AgeGroup, Purpose, Route, Resource, Nonce, ReturnURL, Locale string

	Reference map[string]any // such as {"photo_url": "https://..."}
}

// Open opens a check: a session, and the address of its page for the person's browser.
func (n Nod) Open(ctx context.Context, c Check) (session, pageURL string, err error) {
	var made struct {
		ID      string
		PageURL string `json:"page_url"`
	}
	err = n.call(ctx, "POST", "/v1/sessions", map[string]any{
		"kind": "check", "purpose": c.Purpose, "route": c.Route, "subject": c.Subject, "age_group": c.AgeGroup, "resource": c.Resource,
		"reference": c.Reference, "nonce": c.Nonce, "return_url": c.ReturnURL, "locale": c.Locale,
	}, &made)
	return made.ID, made.PageURL, err
}

// Granted reports whether the person may go on: they passed, or were recognised
// otherwise. It believes the signed assertion, and nothing that a browser says.
func (n Nod) Granted(ctx context.Context, c Check, session string) (bool, error) {
	var seen struct{ Assertion string }
	keys, who, said := jose.JSONWebKeySet{}, jwt.Claims{}, map[string]any{}
	if err := n.call(ctx, "GET", "/v1/sessions/"+session, nil, &seen); err != nil || seen.Assertion == "" {
		return false, err // it is not over yet
	}
	token, err := jwt.ParseSigned(seen.Assertion, []jose.SignatureAlgorithm{jose.EdDSA})
	err = errors.Join(err, n.call(ctx, "GET", "/.well-known/jwks.json", nil, &keys))
	if err != nil || token.Headers[0].ExtraHeaders[jose.HeaderType] != "nod-assertion+jwt" {
		return false, errors.Join(errors.New("not an assertion of Nod's"), err)
	}
	if err := token.Claims(keys, &who, &said); err != nil {
		return false, err
	}
	err = who.Validate(jwt.Expected{Issuer: n.URL, Subject: c.Subject, AnyAudience: jwt.Audience{n.Enterprise}})
	ours := said["session"] == session && said["purpose"] == c.Purpose && said["resource"] == c.Resource && said["nonce"] == c.Nonce && said["mode"] == n.Mode
	otherwise, _ := said["alternative"].(map[string]any)
	return err == nil && ours && (said["result"] == "pass" || otherwise["result"] == "pass"), err
}

func (n Nod) call(ctx context.Context, method, path string, body, into any) error {
	b, _ := json.Marshal(body) // of texts
	r, err := http.NewRequestWithContext(ctx, method, n.URL+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + n.Key}, "Content-Type": {"application/json"}, "Accept-Language": {"en"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 { // the body is a problem document: it says what happened, and what to do
		return fmt.Errorf("nod: %s, request %s", resp.Status, resp.Header.Get("X-Request-Id"))
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
