package assertion_test

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"nod/shared/assertion"
	"nod/shared/domain"
)

// A seed of fixed bytes; its public key and thumbprint never change.
func seed(b byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(b)), ed25519.SeedSize)))
}

func newSigner(t *testing.T, keys string) *assertion.Signer {
	t.Helper()
	s, err := assertion.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func someClaims() assertion.Claims {
	return assertion.Claims{
		Issuer: "https://nod.example.com", Audience: "e1", Subject: "emp-1029", ID: "j1", IssuedAt: 1795395723, Expires: 1795396323,
		Session: "s1", State: domain.Passed, Resource: "exam/1", Purpose: domain.Exam, Route: domain.Photo, Capture: "stream",
		Mode: domain.Live, Result: domain.Pass, CheckedAt: "2026-11-23T01:02:09.001Z", Nonce: "c3ab",
		Notice:     &domain.NoticeRef{ID: "n1", Version: 1, SHA256: "ab", Locale: domain.Chinese},
		Delegation: &domain.DelegationRef{ID: "d1", Version: 1, SHA256: "cd"}, Consent: "c1",
	}
}

// verify is what an LMS does: EdDSA and the type alone, with the published keys.
func verify(token string, keys jose.JSONWebKeySet) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return nil, err
	}
	h := jws.Signatures[0].Protected
	if h.ExtraHeaders["typ"] != assertion.Type {
		return nil, errors.New("another type")
	}
	found := keys.Key(h.KeyID)
	if len(found) != 1 {
		return nil, errors.New("another key")
	}
	return jws.Verify(found[0])
}

func published(t *testing.T, s *assertion.Signer) (keys jose.JSONWebKeySet) {
	t.Helper()
	raw, err := json.Marshal(s.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), `"d":`) {
		t.Fatalf("a private key is published: %s", raw)
	}
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAnAssertionVerifiesWithThePublishedKey(t *testing.T) {
	s := newSigner(t, seed('a'))
	token, err := s.Sign(someClaims())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := verify(token, published(t, s))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"iss":"https://nod.example.com","aud":"e1","sub":"emp-1029","jti":"j1","iat":1795395723,"exp":1795396323,` +
		`"session":"s1","state":"passed","resource":"exam/1","purpose":"exam","route":"photo","capture":"stream","liveness":false,` +
		`"mode":"live","result":"pass","checked_at":"2026-11-23T01:02:09.001Z","nonce":"c3ab",` +
		`"notice":{"id":"n1","version":1,"sha256":"ab","locale":"zh-CN"},"delegation":{"id":"d1","version":1,"sha256":"cd"},"consent":"c1"}`
	if string(raw) != want {
		t.Errorf("%s", raw)
	}
	head, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	var h map[string]any
	if err := json.Unmarshal(head, &h); err != nil {
		t.Fatal(err)
	}
	if len(h) != 3 || h["alg"] != "EdDSA" || h["typ"] != "nod-assertion+jwt" || h["kid"] != s.KeySet().Keys[0].KeyID {
		t.Errorf("%s", head)
	}
}

func TestD27AnAssertionHasNoFieldForAScore(t *testing.T) {
	raw, _ := json.Marshal(assertion.Claims{Result: domain.Pass})
	for _, word := range []string{"score", "reason", "name", "id_number", "image"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("%s: %s", word, raw)
		}
	}
}

func TestTheKeyIDIsTheThumbprint(t *testing.T) {
	key := newSigner(t, seed('a')).KeySet().Keys[0]
	// RFC 7638 with RFC 8037: the members crv, kty, x in this order.
	x := base64.RawURLEncoding.EncodeToString(key.Key.(ed25519.PublicKey))
	h := crypto.SHA256.New()
	h.Write([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	if want := base64.RawURLEncoding.EncodeToString(h.Sum(nil)); key.KeyID != want {
		t.Errorf("%s, want %s", key.KeyID, want)
	}
	if key.Algorithm != "EdDSA" || key.Use != "sig" {
		t.Errorf("%+v", key)
	}
}

func TestAnAssertionOfAReplacedKeyStillVerifies(t *testing.T) {
	before := newSigner(t, seed('a'))
	old, _ := before.Sign(someClaims())
	after := newSigner(t, seed('b')+", "+seed('a'))
	keys := published(t, after)
	if len(keys.Keys) != 2 {
		t.Fatalf("%d keys", len(keys.Keys))
	}
	if _, err := verify(old, keys); err != nil {
		t.Errorf("the old one: %v", err)
	}
	now, _ := after.Sign(someClaims())
	if _, err := verify(now, keys); err != nil {
		t.Errorf("the new one: %v", err)
	}
	if _, err := verify(now, published(t, before)); err == nil {
		t.Error("the old key signs on")
	}
	if _, err := verify(old, published(t, newSigner(t, seed('b')))); err == nil {
		t.Error("a key that is gone still verifies")
	}
}

func TestAnythingElseIsRefused(t *testing.T) {
	s := newSigner(t, seed('a'))
	keys := published(t, s)
	token, _ := s.Sign(someClaims())
	parts := strings.Split(token, ".")
	b64 := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	kid := keys.Keys[0].KeyID
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat("a", ed25519.SeedSize)))
	signed := func(alg jose.SignatureAlgorithm, key any, typ jose.ContentType) string {
		o := (&jose.SignerOptions{}).WithHeader("kid", kid)
		if typ != "" {
			o = o.WithType(typ)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
		if err != nil {
			t.Fatal(err)
		}
		jws, _ := signer.Sign([]byte(`{"result":"pass"}`))
		out, _ := jws.CompactSerialize()
		return out
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	for name, forged := range map[string]string{
		"alg none":                    b64(`{"alg":"none","typ":"nod-assertion+jwt","kid":"`+kid+`"}`) + "." + parts[1] + ".",
		"HMAC by the public key":      signed(jose.HS256, []byte(keys.Keys[0].Key.(ed25519.PublicKey)), assertion.Type),
		"the right key, another type": signed(jose.EdDSA, private, "JWT"),
		"the right key, no type":      signed(jose.EdDSA, private, ""),
		"another result":              parts[0] + "." + b64(strings.Replace(string(payload), `"state":"passed"`, `"state":"failed"`, 1)) + "." + parts[2],
		"another subject":             parts[0] + "." + b64(strings.Replace(string(payload), "emp-1029", "emp-1030", 1)) + "." + parts[2],
		"no signature":                parts[0] + "." + parts[1] + ".",
		"a signature of another":      parts[0] + "." + parts[1] + "." + strings.Split(signed(jose.EdDSA, private, assertion.Type), ".")[2],
		"a header of another":         b64(`{"alg":"EdDSA","kid":"`+kid+`","typ":"nod-assertion+jwt","x":1}`) + "." + parts[1] + "." + parts[2],
		"an unknown key":              func() string { o, _ := newSigner(t, seed('z')).Sign(someClaims()); return o }(),
		"nothing":                     "",
		"half of it":                  parts[0] + "." + parts[1],
	} {
		if raw, err := verify(forged, keys); err == nil {
			t.Errorf("%s: %s", name, raw)
		}
	}
	if _, err := verify(signed(jose.EdDSA, private, assertion.Type), keys); err != nil {
		t.Errorf("the forger's tool does not work: %v", err)
	}
}

func TestKeysThatAreNoSeedsAreRefusedWithoutBeingShown(t *testing.T) {
	for _, keys := range []string{"", "SECRET!", base64.StdEncoding.EncodeToString([]byte("SECRET")), seed('a') + ",", seed('a') + ",SECRET", seed('a') + seed('a')} {
		_, err := assertion.New(keys)
		if err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), seed('a')) {
			t.Errorf("%q: %v", keys, err)
		}
	}
}
