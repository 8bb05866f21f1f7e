package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"nod/shared/domain"
)

// NoticeHashes computes the hash of a notice for every locale it is written in.
func NoticeHashes(enterprise domain.ID, n domain.Notice) map[domain.Locale]string {
	out := make(map[domain.Locale]string, len(n.Contents))
	for l := range n.Contents {
		out[l] = sum(NoticeDocument(enterprise, n, l))
	}
	return out
}

// NoticeDocument is the canonical form (RFC 8785) of what one person was shown in
// one language; its SHA-256 is what a decision posts back.
func NoticeDocument(enterprise domain.ID, n domain.Notice, l domain.Locale) []byte {
	return canonical(struct {
		ID         domain.ID            `json:"id"`
		Version    int                  `json:"version"`
		Purpose    domain.Purpose       `json:"purpose"`
		Audience   domain.Audience      `json:"audience"`
		Locale     domain.Locale        `json:"locale"`
		Enterprise domain.ID            `json:"enterprise"`
		Facts      domain.Facts         `json:"facts"`
		Contents   domain.Contents      `json:"contents"`
		Delegation domain.DelegationRef `json:"delegation"`
	}{n.ID, n.Version, n.Purpose, n.Audience, l, enterprise, n.Facts, n.Contents[l], n.Delegation})
}

// DelegationHash is the SHA-256 over a delegation's canonical document.
func DelegationHash(enterprise domain.ID, d domain.Delegation) string {
	return sum(DelegationDocument(enterprise, d))
}

// DelegationDocument is the canonical form (RFC 8785) of a delegation as recorded.
func DelegationDocument(enterprise domain.ID, d domain.Delegation) []byte {
	terms := d.Terms
	terms.ValidFrom, terms.ValidUntil = terms.ValidFrom.UTC(), terms.ValidUntil.UTC()
	return canonical(struct {
		ID         domain.ID    `json:"id"`
		Version    int          `json:"version"`
		Enterprise domain.ID    `json:"enterprise"`
		RecordedAt string       `json:"recorded_at"`
		Terms      domain.Terms `json:"terms"`
	}{d.ID, d.Version, enterprise, Instant(d.RecordedAt), terms})
}

// DocumentHash is the SHA-256 over the canonical form of any other document that
// a Record puts on record: an enterprise's profile, a purpose's settings.
func DocumentHash(v any) string { return sum(canonical(v)) }

// Commitment binds a Record to a subject's id without naming it: HMAC-SHA-256,
// keyed by the salt, over enterprise, a line feed and the id, in hex. Whoever
// holds the receipt, and with it the salt, can open it; once the salt is gone
// nobody can.
func Commitment(salt []byte, enterprise domain.ID, subject string) string {
	h := hmac.New(sha256.New, salt)
	fmt.Fprintf(h, "%s\n%s", enterprise, subject)
	return hex.EncodeToString(h.Sum(nil))
}

func sum(document []byte) string {
	h := sha256.Sum256(document)
	return hex.EncodeToString(h[:])
}

// canonical panics on what cannot be marshalled: its callers hand it structs of
// strings, numbers and booleans.
func canonical(v any) []byte {
	raw, err := json.Marshal(v)
	if err == nil {
		err = (*jsontext.Value)(&raw).Canonicalize()
	}
	if err != nil {
		panic(fmt.Errorf("ledger: canonical form: %w", err))
	}
	return raw
}
