package envelope

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm2"
)

// ErrOpen is the one answer to whatever is wrong with an encryption: a reason would help
// whoever tries altered ones.
var ErrOpen = errors.New("envelope: the fields cannot be opened")

// Opener decrypts what a Sealer has encrypted. A key that is nil opens nothing.
type Opener struct {
	RSA *rsa.PrivateKey `json:"-"` // for AES-256-CBC
	SM2 *sm2.PrivateKey `json:"-"` // for SM4-GCM
}

// Format keeps the keys out of every print.
func (Opener) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[envelope opener]") }

// Open returns the values of the sealed fields, which are in the order of EncryptList.
// The caller wipes them. The error, if any, is ErrOpen.
func (o Opener) Open(e Encryption, sealed [][]byte) ([][]byte, error) {
	s, known := schemes[e.Algorithm]
	if !known || len(sealed) == 0 || len(sealed) != len(e.EncryptList) || !s.fitsTags(e, len(sealed)) {
		return nil, ErrOpen
	}
	iv, err := encoding.DecodeString(e.Iv)
	if err != nil || len(iv) != s.ivSize {
		return nil, ErrOpen
	}
	key, err := o.unwrap(e, s.keySize)
	if err != nil || len(key) != s.keySize {
		return nil, ErrOpen
	}
	defer clear(key)
	values := make([][]byte, len(sealed))
	for i, text := range sealed {
		if values[i], err = s.open(key, iv, text, e.TagList, i); err != nil {
			for _, value := range values {
				clear(value)
			}
			return nil, ErrOpen
		}
	}
	return values, nil
}

func (s scheme) fitsTags(e Encryption, n int) bool {
	if s.tagSize == 0 {
		return len(e.TagList) == 0
	}
	return len(e.TagList) == n
}

// open decrypts the field at index i.
func (s scheme) open(key, iv, text []byte, tags []string, i int) ([]byte, error) {
	ciphertext, err := encoding.AppendDecode(nil, text)
	if err != nil {
		return nil, err
	}
	var tag []byte
	if s.tagSize > 0 {
		if tag, err = encoding.DecodeString(tags[i]); err != nil || len(tag) != s.tagSize {
			return nil, ErrOpen
		}
	}
	return s.decrypt(key, iv, ciphertext, tag)
}

// unwrap decrypts the symmetric key.
func (o Opener) unwrap(e Encryption, size int) ([]byte, error) {
	blob, err := encoding.DecodeString(e.CiphertextBlob)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Algorithm == AES256CBC && o.RSA != nil:
		// A key that was badly padded becomes a random one, in the same time, and the
		// fields do not open: so nobody can ask about the padding alone.
		key := make([]byte, size)
		_, _ = rand.Read(key)
		//lint:ignore SA1019 the padding is the vendor's
		return key, rsa.DecryptPKCS1v15SessionKey(nil, o.RSA, blob, key)
	case e.Algorithm == SM4GCM && o.SM2 != nil && len(blob) > 0 && blob[0] == uncompressed:
		return o.SM2.Decrypt(nil, blob, sm2.NewPlainDecrypterOpts(sm2.C1C3C2))
	}
	return nil, ErrOpen
}

// uncompressed is the first byte of a point with both of its coordinates.
const uncompressed = 4
