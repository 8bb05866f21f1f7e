package domain

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"image"
	_ "image/jpeg" // the two formats that the page sends and the vendor takes
	_ "image/png"
)

// Bounds of an image, within those of the vendor (base64 <= 5 MB, JPEG <= 4000 px,
// others <= 2000 px, short side >= 64 px) and of a cloud event (6 MB).
const (
	MaxImageBytes = 3 << 20 // decoded
	MaxJPEGSide   = 4000
	MaxPNGSide    = 2000
	MinSide       = 64
)

// Inspect checks the image by its head and its tail only: nothing is decompressed,
// so that a decompression bomb costs nothing, and the pieces looked at are wiped.
func (c *Capture) Inspect() error {
	size, err := c.size()
	if err != nil {
		return err
	}
	if size > MaxImageBytes {
		return Refuse(ImageTooLarge)
	}
	format, conf, err := c.header()
	if err != nil {
		return err
	}
	if !c.wholeTail(format) {
		return Refuse(ImageTruncated)
	}
	limit := MaxJPEGSide
	if format == "png" {
		limit = MaxPNGSide
	}
	if max(conf.Width, conf.Height) > limit || min(conf.Width, conf.Height) < MinSide {
		return Refuse(ImageDimensions)
	}
	return nil
}

// size checks that the text is standard base64 and returns how many bytes it stands for.
func (c *Capture) size() (int, error) {
	text := c.Base64()
	n := len(text)
	if n == 0 {
		return 0, Refuse(ImageMissing)
	}
	pad := 0
	for pad < 2 && pad < n && text[n-1-pad] == '=' {
		pad++
	}
	if n%4 != 0 {
		return 0, Refuse(ImageNotBase64)
	}
	for _, b := range text[:n-pad] {
		if !base64Alphabet[b] {
			return 0, Refuse(ImageNotBase64)
		}
	}
	return n/4*3 - pad, nil
}

var base64Alphabet = func() (ok [256]bool) {
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		ok[b] = true
	}
	return ok
}()

// header reads the format and the dimensions.
func (c *Capture) header() (string, image.Config, error) {
	buf := make([]byte, 4096)
	defer clear(buf)
	r := base64.NewDecoder(base64.StdEncoding, bytes.NewReader(c.Base64()))
	head := bufio.NewReaderSize(r, len(buf))
	defer head.Reset(nil)
	conf, format, err := image.DecodeConfig(head)
	switch {
	case err != nil && c.startsLikeImage():
		return "", conf, Refuse(ImageTruncated)
	case err != nil, format != "jpeg" && format != "png": // another package may have registered more
		return "", conf, Refuse(ImageUnreadable)
	}
	return format, conf, nil
}

// startsLikeImage recognises the signatures of JPEG and PNG in base64.
func (c *Capture) startsLikeImage() bool {
	return bytes.HasPrefix(c.Base64(), []byte("/9j/")) || bytes.HasPrefix(c.Base64(), []byte("iVBORw0KGgo"))
}

// wholeTail looks for the end mark of the format near the end of the image: some
// cameras append bytes after it.
func (c *Capture) wholeTail(format string) bool {
	mark := []byte{0xFF, 0xD9} // JPEG's end of image
	if format == "png" {
		mark = []byte("IEND\xaeB`\x82") // the end chunk with its checksum
	}
	const window = 4096
	from := max(0, len(c.Base64())-window) / 4 * 4
	tail := make([]byte, window)
	defer clear(tail)
	n, err := base64.StdEncoding.Decode(tail, c.Base64()[from:])
	return err == nil && bytes.Contains(tail[:n], mark)
}
