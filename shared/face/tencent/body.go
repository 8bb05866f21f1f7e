package tencent

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"strings"
)

// body is the JSON of a call, in the pieces that it is sent in. The image stays where
// it lies, as base64, and is neither decoded nor copied.
type body struct{ before, image, after []byte }

// newBody writes an object of the parameters and the image. The parameters are an
// object with one member or more.
func newBody(parameters any, name string, image []byte) (b body, err error) {
	object, err := json.Marshal(parameters)
	if err != nil {
		return b, err
	}
	before := append(object[:len(object)-1], `,"`+name+`":"`...)
	return body{before, image, []byte(`"` + blank + `}`)}, nil
}

// blank follows the image: what hashes and encrypts the body works through blocks of
// 64 bytes, and holds blanks at the end where it held the last of the image.
var blank = strings.Repeat(" ", 2*sha256.BlockSize)

func (b body) size() int { return len(b.before) + len(b.image) + len(b.after) }

func (b body) hash() []byte {
	h := sha256.New()
	h.Write(b.before)
	h.Write(b.image)
	// In small pieces, for whole blocks are read where they lie and leave the hash's
	// own block as it was.
	const piece = sha256.BlockSize / 4
	for rest := b.after; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
		h.Write(rest[:min(piece, len(rest))])
	}
	return h.Sum(nil)
}

func (b body) writeTo(w io.Writer) error {
	for _, part := range [][]byte{b.before, b.image, b.after} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
