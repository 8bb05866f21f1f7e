package residue

import (
	"crypto/rand"
	"encoding/base64"
)

// image is a picture like no other: behind the head of a JPEG of 640 x 480 pixels stand
// random bytes, so that no run of it is in a memory by chance.
type image struct {
	raw  []byte
	text string // base64
}

func newImage(size int) image {
	raw := make([]byte, size)
	_, _ = rand.Read(raw) // it never fails: see crypto/rand
	copy(raw, "\xFF\xD8\xFF\xC0\x00\x11\x08\x01\xE0\x02\x80\x03")
	copy(raw[size-2:], "\xFF\xD9")
	return image{raw, base64.StdEncoding.EncodeToString(raw)}
}

// size in words.
func (m image) size() string { return bytesInWords(len(m.raw)) }
