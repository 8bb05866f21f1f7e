package localapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxSkew = 5 * time.Minute // the vendor's

// claim is what a request's headers say about its sender, still to be proved by the
// signature.
type claim struct {
	authorization
	timestamp string
}

// identify checks everything that can be checked without the body.
func (s *Server) identify(r *http.Request) (claim, error) {
	c := claim{timestamp: r.Header.Get("X-TC-Timestamp")}
	if c.timestamp == "" || r.Header.Get("X-TC-Action") == "" || r.Header.Get("X-TC-Version") == "" {
		return c, errMissingHeader
	}
	var err error
	if c.authorization, err = parseAuthorization(r.Header.Get("Authorization")); err != nil {
		return c, err
	}
	if subtle.ConstantTimeCompare([]byte(c.id), []byte(s.secretID)) != 1 {
		return c, errSecretIDNotFound
	}
	seconds, err := strconv.ParseInt(c.timestamp, 10, 64)
	if err != nil {
		return c, errMissingHeader
	}
	at := time.Unix(seconds, 0).UTC()
	if s.now().Sub(at).Abs() > maxSkew {
		return c, errSignatureExpire
	}
	if _, known := products[c.service]; !known || c.date != at.Format(time.DateOnly) {
		return c, errSignatureFailure
	}
	return c, nil
}

// verify proves the claim: only the holder of the secret key can have signed these
// headers and this body.
func (s *Server) verify(r *http.Request, c claim, body []byte) error {
	mac := c.sign(s.secretKey, c.canonical(r, body))
	if !hmac.Equal(mac, c.signature[:]) {
		return errSignatureFailure
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-TC-Token")), []byte(s.token)) != 1 {
		return errTokenFailure
	}
	return nil
}

// canonical is the request in the one form that both sides hash.
func (c claim) canonical(r *http.Request, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n/\n\n") // the path is always /, and a POST's query is always empty
	for _, name := range c.signedHeaders {
		value := r.Host
		if name != "host" {
			value = r.Header.Get(name)
		}
		b.WriteString(name + ":" + strings.ToLower(strings.TrimSpace(value)) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.signedHeaders, ";") + "\n" + hexHash(body))
	return b.String()
}

// sign derives the day's key and signs the canonical request with it.
func (c claim) sign(secretKey, canonical string) []byte {
	key := []byte("TC3" + secretKey)
	for _, part := range []string{c.date, c.service, scopeEnd} {
		key = authenticate(key, part)
	}
	return authenticate(key, strings.Join([]string{algorithm, c.timestamp, c.scope(), hexHash([]byte(canonical))}, "\n"))
}

func authenticate(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
