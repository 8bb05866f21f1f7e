package lms

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// liar is a server in Nod's place that publishes a key and gives any assertion. Who stands
// between a platform and Nod is one; TLS keeps them out, and this is what is left if not.
func liar(t *testing.T, keys jose.JSONWebKeySet) (nod Nod, assertion *string) {
	t.Helper()
	assertion = new(string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/.well-known/jwks.json" {
			_ = json.NewEncoder(w).Encode(keys)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"assertion": *assertion})
	}))
	t.Cleanup(s.Close)
	return Nod{URL: s.URL, Key: "k", Enterprise: "e", Mode: "live"}, assertion
}

func signedBy(t *testing.T, alg jose.SignatureAlgorithm, key any, head map[jose.HeaderKey]any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, &jose.SignerOptions{ExtraHeaders: head})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(claims) // of texts and numbers
	signed, err := signer.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The code of docs/integration.md lets nobody in by anything but an assertion of Nod's about
// this very check.
func TestNothingButAnAssertionLetsSomebodyIn(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ownPublic, own, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k1", Algorithm: "EdDSA", Use: "sig"}}}
	check := Check{Subject: "emp-1", Purpose: "exam", Resource: "exam/1", Nonce: "n1"}
	const kind = "nod-assertion+jwt"
	head := func(typ, kid any, more map[jose.HeaderKey]any) map[jose.HeaderKey]any {
		h := map[jose.HeaderKey]any{}
		for k, v := range more {
			h[k] = v
		}
		if typ != nil {
			h["typ"] = typ
		}
		if kid != nil {
			h["kid"] = kid
		}
		return h
	}
	b64 := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, tt := range map[string]struct {
		good bool
		by   func(claims map[string]any) string
	}{
		"as it is": {true, func(c map[string]any) string { return signedBy(t, jose.EdDSA, private, head(kind, "k1", nil), c) }},
		"algorithm none": {false, func(c map[string]any) string {
			body, _ := json.Marshal(c)
			return b64(`{"alg":"none","typ":"nod-assertion+jwt","kid":"k1"}`) + "." + b64(string(body)) + "."
		}},
		"HMAC with the public key": {false, func(c map[string]any) string {
			return signedBy(t, jose.HS256, []byte(public), head(kind, "k1", nil), c)
		}},
		"HMAC with what is published": {false, func(c map[string]any) string {
			return signedBy(t, jose.HS256, []byte(base64.RawURLEncoding.EncodeToString(public)), head(kind, "k1", nil), c)
		}},
		"a key of one's own":          {false, func(c map[string]any) string { return signedBy(t, jose.EdDSA, own, head(kind, "k1", nil), c) }},
		"a key that nobody published": {false, func(c map[string]any) string { return signedBy(t, jose.EdDSA, own, head(kind, "k2", nil), c) }},
		"no key named":                {false, func(c map[string]any) string { return signedBy(t, jose.EdDSA, own, head(kind, nil, nil), c) }},
		"a key that is a path": {false, func(c map[string]any) string {
			return signedBy(t, jose.EdDSA, own, head(kind, "../../dev/null", nil), c)
		}},
		"a key at another address": {false, func(c map[string]any) string {
			return signedBy(t, jose.EdDSA, own, head(kind, "k1", map[jose.HeaderKey]any{"jku": "https://evil.example"}), c)
		}},
		"a critical header": {false, func(c map[string]any) string {
			return signedBy(t, jose.EdDSA, private, head(kind, "k1", map[jose.HeaderKey]any{"crit": []string{"x"}, "x": 1}), c)
		}},
		"a promise": {false, func(c map[string]any) string {
			return signedBy(t, jose.EdDSA, private, head("nod-promise+jwt", "k1", nil), c)
		}},
		"any JWT": {false, func(c map[string]any) string { return signedBy(t, jose.EdDSA, private, head("JWT", "k1", nil), c) }},
		"no type": {false, func(c map[string]any) string { return signedBy(t, jose.EdDSA, private, head(nil, "k1", nil), c) }},
		"a type in capitals": {false, func(c map[string]any) string {
			return signedBy(t, jose.EdDSA, private, head("NOD-ASSERTION+JWT", "k1", nil), c)
		}},
		"no signature": {false, func(c map[string]any) string {
			s := signedBy(t, jose.EdDSA, private, head(kind, "k1", nil), c)
			return s[:strings.LastIndex(s, ".")+1]
		}},
		"the signature of another": {false, func(c map[string]any) string {
			s := signedBy(t, jose.EdDSA, private, head(kind, "k1", nil), c)
			c["result"] = "fail"
			other := signedBy(t, jose.EdDSA, private, head(kind, "k1", nil), c)
			return s[:strings.LastIndex(s, ".")] + other[strings.LastIndex(other, "."):]
		}},
		"a key within": {false, func(c map[string]any) string {
			jwk, _ := json.Marshal(jose.JSONWebKey{Key: ownPublic})
			body, _ := json.Marshal(c)
			signed := b64(`{"alg":"EdDSA","typ":"nod-assertion+jwt","kid":"k1","jwk":`+string(jwk)+`}`) + "." + b64(string(body))
			return signed + "." + b64(string(ed25519.Sign(own, []byte(signed))))
		}},
		"two signatures in JSON": {false, func(c map[string]any) string {
			s := strings.Split(signedBy(t, jose.EdDSA, private, head(kind, "k1", nil), c), ".")
			return `{"payload":"` + s[1] + `","signatures":[{"protected":"` + s[0] + `","signature":"` + s[2] + `"}]}`
		}},
		"a fail":               {false, changed(t, private, head(kind, "k1", nil), "result", "fail")},
		"another person's":     {false, changed(t, private, head(kind, "k1", nil), "sub", "emp-2")},
		"another enterprise's": {false, changed(t, private, head(kind, "k1", nil), "aud", "e2")},
		"another Nod's":        {false, changed(t, private, head(kind, "k1", nil), "iss", "https://evil.example")},
		"another session's":    {false, changed(t, private, head(kind, "k1", nil), "session", "s2")},
		"another exam's":       {false, changed(t, private, head(kind, "k1", nil), "resource", "exam/2")},
		"another attempt's":    {false, changed(t, private, head(kind, "k1", nil), "nonce", "n2")},
		"a test's":             {false, changed(t, private, head(kind, "k1", nil), "mode", "test")},
		"one of an hour ago":   {false, changed(t, private, head(kind, "k1", nil), "exp", time.Now().Add(-50*time.Minute).Unix())},
	} {
		t.Run(name, func(t *testing.T) {
			nod, assertion := liar(t, keys)
			*assertion = tt.by(map[string]any{"iss": nod.URL, "aud": "e", "sub": "emp-1", "session": "s1", "purpose": "exam", "resource": "exam/1",
				"nonce": "n1", "mode": "live", "result": "pass", "iat": time.Now().Unix(), "exp": time.Now().Add(10 * time.Minute).Unix()})
			if granted, err := nod.Granted(t.Context(), check, "s1"); granted != tt.good {
				t.Errorf("granted %v, %v", granted, err)
			}
		})
	}
}

// changed says something else than it should, and is signed as it should be.
func changed(t *testing.T, key ed25519.PrivateKey, head map[jose.HeaderKey]any, name string, value any) func(map[string]any) string {
	return func(c map[string]any) string {
		c[name] = value
		return signedBy(t, jose.EdDSA, key, head, c)
	}
}
