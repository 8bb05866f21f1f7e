package tencent

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"strings"
)

// body is the JSON of a call, in the pieces that it is sent in. The image is one of them
// and stays where it lies, as base64; it is neither decoded nor copied. The last piece
// ends with blanks.
type body [][]byte

// newBody writes an object of the parameters and, where it has a name, the image. The
// parameters are an object with one member or more.
func newBody(parameters any, name string, image []byte) (body, error) {
	object, err := json.Marshal(parameters)
	if err != nil {
		return nil, err
	}
	return withImage(object[:len(object)-1], name, image), nil
}

// withImage closes an object that still lacks its brace.
func withImage(open []byte, name string, image []byte) body {
	if name == "" {
		return body{open, []byte(blank + `}`)}
	}
	return body{append(open, `,"`+name+`":"`...), image, []byte(`"` + blank + `}`)}
}

// blank stands between what is about somebody and the end: what hashes and encrypts the
// body works through blocks of 64 bytes, and holds blanks at the end where it held the
// last of the image, or of the name.
var blank = strings.Repeat(" ", 2*sha256.BlockSize)

func (b body) size() (n int) {
	for _, part := range b {
		n += len(part)
	}
	return n
}

func (b body) hash() []byte {
	h := sha256.New()
	last := len(b) - 1
	for _, part := range b[:last] {
		h.Write(part)
	}
	// In small pieces, for whole blocks are read where they lie and leave the hash's
	// own block as it was.
	const piece = sha256.BlockSize / 4
	for rest := b[last]; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
		h.Write(rest[:min(piece, len(rest))])
	}
	return h.Sum(nil)
}

func (b body) writeTo(w io.Writer) error {
	for _, part := range b {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// wipe overwrites what this package wrote: the image is not its own.
func (b body) wipe() {
	clear(b[0])
	clear(b[len(b)-1])
}
