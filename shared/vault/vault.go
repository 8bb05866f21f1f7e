// Package vault encrypts what Nod may keep only unreadable: subjects' ids, the
// references of sessions, and answers that hold a secret. It also makes the keyed
// index by which a subject is found again, and the secrets that Nod hands out.
package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"nod/shared/domain"
)

// Vault is safe for concurrent use.
type Vault struct {
	data  tink.AEAD
	index []byte
}

// New opens a vault. dataKey is a Tink keyset of AEAD keys, JSON in base64: its
// primary key encrypts, all of them decrypt, which is how it is rotated. indexKey
// is 32 bytes in base64 and stays, because the index of subjects hangs on it.
func New(dataKey, indexKey string) (*Vault, error) {
	raw, err := base64.StdEncoding.DecodeString(dataKey)
	if err != nil {
		return nil, errors.New("the data key is not base64")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errors.New("the data key is not a Tink keyset")
	}
	data, err := aead.New(handle)
	if err != nil {
		return nil, errors.New("the data key is not a keyset of AEAD keys")
	}
	index, err := base64.StdEncoding.DecodeString(indexKey)
	if err != nil || len(index) != 32 {
		return nil, errors.New("the index key is not 32 bytes in base64")
	}
	return &Vault{data: data, index: index}, nil
}

// NewDataKey makes a keyset with one AES-256-GCM key, in the form New takes.
func NewDataKey() (string, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// RandomKey makes 32 random bytes in base64: an index key, a signing key's seed.
func RandomKey() string { return base64.StdEncoding.EncodeToString(random(32)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

// NewSecret makes what a caller proves itself with: 130 random bits.
func NewSecret() string { return rand.Text() }

// Hash is what is stored of such a secret. It has enough entropy to need no salt.
func Hash(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// NewPseudonym makes the name that the log knows a person by.
func NewPseudonym() string { return hex.EncodeToString(random(16)) }

// NewSalt makes the salt of a commitment.
func NewSalt() []byte { return random(32) }

// Lookup is the keyed index of a subject's id within its enterprise.
func (v *Vault) Lookup(enterprise domain.ID, subject string) string {
	h := hmac.New(sha256.New, v.index)
	fmt.Fprintf(h, "%s\n%s", enterprise, subject)
	return hex.EncodeToString(h.Sum(nil))
}

// Marks tell this vault's keys apart from others without telling anything of them. A
// database remembers those it was begun with: see Knows.
func (v *Vault) Marks() (index, data string, err error) {
	h := hmac.New(sha256.New, v.index)
	io.WriteString(h, markWord)
	sealed, err := v.data.Encrypt([]byte(markWord), []byte("mark"))
	return hex.EncodeToString(h.Sum(nil)), base64.StdEncoding.EncodeToString(sealed), err
}

const markWord = "nod mark of a key"

// Knows reports whether marks were made with this vault's keys: its index key, and one
// of its data keys, which may have been rotated since.
func (v *Vault) Knows(index, data string) bool {
	h := hmac.New(sha256.New, v.index)
	io.WriteString(h, markWord)
	sealed, err := base64.StdEncoding.DecodeString(data)
	if err != nil || index != hex.EncodeToString(h.Sum(nil)) {
		return false
	}
	_, err = v.data.Decrypt(sealed, []byte("mark"))
	return err == nil
}

// SealSubject encrypts a subject's id, bound to its enterprise.
func (v *Vault) SealSubject(enterprise domain.ID, subject string) ([]byte, error) {
	return v.data.Encrypt([]byte(subject), []byte("subject "+enterprise))
}

// OpenSubject is its inverse.
func (v *Vault) OpenSubject(enterprise domain.ID, sealed []byte) (string, error) {
	b, err := v.data.Decrypt(sealed, []byte("subject "+enterprise))
	if err != nil {
		return "", fmt.Errorf("vault: subject: %w", err)
	}
	return string(b), nil
}

// SealSalt encrypts the salt of a commitment, bound to the person it is about. In the
// clear it would open the commitment for whoever reads the database and guesses ids.
func (v *Vault) SealSalt(pseudonym string, salt []byte) ([]byte, error) {
	return v.data.Encrypt(salt, []byte("salt "+pseudonym))
}

// OpenSalt is its inverse. A salt that is gone (the end of retention) stays so.
func (v *Vault) OpenSalt(pseudonym string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	b, err := v.data.Decrypt(sealed, []byte("salt "+pseudonym))
	if err != nil {
		return nil, fmt.Errorf("vault: salt: %w", err)
	}
	return b, nil
}

// SealAnswer encrypts an answer that is kept to be given again, bound to where it
// belongs.
func (v *Vault) SealAnswer(place string, answer []byte) ([]byte, error) {
	return v.data.Encrypt(answer, []byte("answer "+place))
}

// OpenAnswer is its inverse.
func (v *Vault) OpenAnswer(place string, sealed []byte) ([]byte, error) {
	b, err := v.data.Decrypt(sealed, []byte("answer "+place))
	if err != nil {
		return nil, fmt.Errorf("vault: answer: %w", err)
	}
	return b, nil
}

// Fingerprint is what is kept of a request to recognise it by. It is keyed: a request may
// hold an ID number, and a plain hash of one can be tried out.
func (v *Vault) Fingerprint(request string) string {
	h := hmac.New(sha256.New, v.index)
	io.WriteString(h, "request\n"+request)
	return hex.EncodeToString(h.Sum(nil))
}

// SealWords encrypts what somebody wrote or handed in, bound to where it belongs. What is
// empty stays so.
func (v *Vault) SealWords(place string, words []byte) ([]byte, error) {
	if len(words) == 0 {
		return nil, nil
	}
	return v.data.Encrypt(words, []byte("words "+place))
}

// OpenWords is its inverse.
func (v *Vault) OpenWords(place string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	b, err := v.data.Decrypt(sealed, []byte("words "+place))
	if err != nil {
		return nil, fmt.Errorf("vault: words: %w", err)
	}
	return b, nil
}
