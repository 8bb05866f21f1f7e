package lms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Nod is all that a learning platform's server needs of Nod.
type Nod struct{ URL, Key, Enterprise, Mode string }

// Check is one check of one person for one resource. The nonce ties the answer to it.
type Check struct{ Subject, Purpose, Resource, Nonce, PhotoURL, ReturnURL, Locale string }

// Open opens a check: a session, and the address at which the person's browser opens it.
func (n Nod) Open(ctx context.Context, c Check) (session, pageURL string, err error) {
	var opened struct {
		ID      string
		PageURL string `json:"page_url"`
	}
	err = n.call(ctx, "POST", "/v1/sessions", map[string]any{
		"kind": "check", "purpose": c.Purpose, "route": "photo", "subject": c.Subject, "age_group": "adult", "resource": c.Resource,
		"reference": map[string]string{"photo_url": c.PhotoURL}, "nonce": c.Nonce, "return_url": c.ReturnURL, "locale": c.Locale,
	}, &opened)
	return opened.ID, opened.PageURL, err
}

// Granted reports whether the person may go on: they passed, or were recognised
// otherwise. It believes the signed assertion, and nothing that a browser says.
func (n Nod) Granted(ctx context.Context, c Check, session string) (bool, error) {
	var seen struct{ Assertion string }
	var keys jose.JSONWebKeySet
	if err := n.call(ctx, "GET", "/v1/sessions/"+session, nil, &seen); err != nil || seen.Assertion == "" {
		return false, err // it is not over yet
	}
	if err := n.call(ctx, "GET", "/.well-known/jwks.json", nil, &keys); err != nil {
		return false, err
	}
	jws, err := jose.ParseSignedCompact(seen.Assertion, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || jws.Signatures[0].Protected.ExtraHeaders["typ"] != "nod-assertion+jwt" {
		return false, fmt.Errorf("not an assertion of Nod's (%w)", err)
	}
	var said struct {
		Aud, Sub, Session, Resource, Nonce, Mode, Result string
		Alternative                                      struct{ Result string }
		Exp                                              int64
	}
	payload, err := jws.Verify(keys)
	if err != nil || json.Unmarshal(payload, &said) != nil {
		return false, fmt.Errorf("not signed by Nod (%w)", err)
	}
	ours := said.Aud == n.Enterprise && said.Session == session && said.Sub == c.Subject && said.Resource == c.Resource &&
		said.Nonce == c.Nonce && said.Mode == n.Mode && time.Now().Unix() < said.Exp
	return ours && (said.Result == "pass" || said.Alternative.Result == "pass"), nil
}

func (n Nod) call(ctx context.Context, method, path string, body, into any) error {
	b, _ := json.Marshal(body) // of texts
	r, err := http.NewRequestWithContext(ctx, method, n.URL+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + n.Key}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("nod: %s", resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
