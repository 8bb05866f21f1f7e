package vault

import (
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"nod/shared/domain"
)

// SealReference encrypts a reference under a fresh key of the session's own, and
// that key under the data key: without the stored key the reference is gone.
func (v *Vault) SealReference(session domain.ID, r domain.Reference) (secret, key []byte, err error) {
	own := random(32)
	defer clear(own)
	if secret, err = seal(own, session, r); err != nil {
		return nil, nil, err
	}
	key, err = v.data.Encrypt(own, []byte("session "+session))
	return secret, key, err
}

// SealAgain encrypts a reference under the key that the session has.
func (v *Vault) SealAgain(p *domain.Permit, s *domain.Session, r domain.Reference) (secret []byte, err error) {
	err = v.withKey(p, s, func(own []byte) error {
		secret, err = seal(own, s.ID, r)
		return err
	})
	return secret, err
}

// OpenReference decrypts a session's reference for the one call that the Permit
// was given for, and for no other session. The caller wipes it.
func (v *Vault) OpenReference(p *domain.Permit, s *domain.Session) (r domain.Reference, err error) {
	err = v.withKey(p, s, func(own []byte) error {
		r, err = open(own, s)
		return err
	})
	return r, err
}

// withKey lends the session's own key to whoever has a Permit for the session. One that
// was opened without a reference has none yet.
func (v *Vault) withKey(p *domain.Permit, s *domain.Session, use func(own []byte) error) error {
	if p == nil || p.Session() != s.ID {
		return domain.Refuse(domain.PermitForbidden)
	}
	own, err := v.data.Decrypt(s.SecretKey, []byte("session "+s.ID))
	if err != nil {
		return fmt.Errorf("vault: session key: %w", err)
	}
	defer clear(own)
	return use(own)
}

func seal(own []byte, session domain.ID, r domain.Reference) ([]byte, error) {
	cipher, err := subtle.NewAESGCM(own)
	if err != nil {
		return nil, err
	}
	plain := written(r)
	defer clear(plain)
	return cipher.Encrypt(plain, []byte(session))
}

func open(own []byte, s *domain.Session) (r domain.Reference, err error) {
	cipher, err := subtle.NewAESGCM(own)
	if err != nil {
		return r, err
	}
	plain, err := cipher.Decrypt(s.Secret, []byte(s.ID))
	if err != nil {
		return r, fmt.Errorf("vault: reference: %w", err)
	}
	defer clear(plain)
	var kept struct {
		domain.Reference
		Visit *domain.Visit `json:"visit"`
	}
	err = json.Unmarshal(plain, &kept)
	kept.Reference.Visit = kept.Visit
	return kept.Reference, err
}

// written is the JSON of a reference, in one buffer that can be wiped: a library's
// encoder keeps buffers of its own, with what it wrote.
func written(r domain.Reference) []byte {
	var none domain.Identity
	who := &none
	if r.Identity != nil {
		who = r.Identity
	}
	var visit domain.Visit
	if r.Visit != nil {
		visit = *r.Visit
	}
	const escaped = len(`\u0000`) // the most that one byte becomes
	most := escaped*(len(r.PhotoURL)+len(who.Name)+len(who.IDNumber)+len(visit.URL)+len(visit.Token)) + 200
	b := quoted(append(make([]byte, 0, most), `{"photo_url":`...), r.PhotoURL)
	if r.Identity != nil {
		b = quoted(append(b, `,"identity":{"name":`...), who.Name)
		b = append(quoted(append(b, `,"id_number":`...), who.IDNumber), '}')
	}
	if r.Visit != nil {
		b = quoted(append(b, `,"visit":{"url":`...), visit.URL)
		b = append(quoted(append(b, `,"token":`...), visit.Token), '}')
	}
	return append(b, '}')
}

func quoted[T ~string | ~[]byte](b []byte, value T) []byte {
	b, _ = jsontext.AppendQuote(b, value) // what is no UTF-8 is replaced, and was refused before
	return b
}
