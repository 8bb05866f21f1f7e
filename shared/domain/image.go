package domain

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
)

// Bounds of an image, within those of the vendor (base64 <= 5 MB, JPEG <= 4000 px,
// others <= 2000 px, short side >= 64 px) and of a cloud event (6 MB).
const (
	MaxImageBytes = 3 << 20 // decoded
	MaxJPEGSide   = 4000
	MaxPNGSide    = 2000
	MinSide       = 64
)

// Inspect checks the image by its head and its tail only, for the two formats that the
// page sends and the vendor takes. Nothing is decompressed, so that a decompression
// bomb costs nothing. A library's decoder would keep pieces of the image in its own
// buffers; here they are in the capture's, and wiped.
func (c *Capture) Inspect() error {
	defer c.wipeDecoded()
	size, err := c.size()
	if err != nil {
		return err
	}
	if size > MaxImageBytes {
		return Refuse(ImageTooLarge)
	}
	h, err := c.header()
	if err != nil {
		return err
	}
	if !c.ends(h) {
		return Refuse(ImageTruncated)
	}
	if max(h.width, h.height) > h.format.most || min(h.width, h.height) < MinSide {
		return Refuse(ImageDimensions)
	}
	return nil
}

// format is an image format: the bytes that end an image, and its longest side.
type format struct {
	end  string
	most int
}

var (
	jpeg = format{"\xFF\xD9", MaxJPEGSide}
	png  = format{"IEND\xaeB`\x82", MaxPNGSide} // the end chunk with its checksum
)

// head is what the head of an image says. data is where its pixels begin at the earliest.
type head struct {
	format        format
	width, height int
	data          int
}

// window is how much of the text is decoded at once to find its end.
const window = 4096

// decoded is what is decoded of an image, a little at a time. It is no local variable,
// for a stack that grows is copied, and nobody wipes the old one.
type decoded struct {
	first  [24]byte
	group  [30]byte // 24 bytes at most, with what stands beside them in their groups of three
	window [window / 4 * 3]byte
}

func (c *Capture) wipeDecoded() {
	if c.held != nil {
		c.held().decoded = decoded{}
	}
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
	// Without a branch, and four at once: there are four million of them in a large image.
	var w, x, y, z byte
	rest := text[:n-pad]
	for ; len(rest) >= 4; rest = rest[4:] {
		w |= notBase64[rest[0]]
		x |= notBase64[rest[1]]
		y |= notBase64[rest[2]]
		z |= notBase64[rest[3]]
	}
	for _, last := range rest {
		w |= notBase64[last]
	}
	if w|x|y|z != 0 {
		return 0, Refuse(ImageNotBase64)
	}
	return n/4*3 - pad, nil
}

// notBase64 is 0 for what is in the alphabet.
var notBase64 = func() (table [256]byte) {
	for i := range table {
		table[i] = 1
	}
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[b] = 0
	}
	return table
}()

// header reads the format and the sides in pixels.
func (c *Capture) header() (h head, err error) {
	first := c.held().decoded.first[:]
	known := first[:c.at(0, first)]
	switch {
	case bytes.HasPrefix(known, []byte("\xFF\xD8")):
		return c.frame()
	case !bytes.HasPrefix(known, []byte("\x89PNG\r\n\x1a\n")):
		return h, Refuse(ImageUnreadable)
	case len(known) < len(first):
		return h, Refuse(ImageTruncated)
	case string(first[8:16]) != "\x00\x00\x00\x0dIHDR": // the first chunk, by the PNG specification
		return h, Refuse(ImageUnreadable)
	}
	return head{png, int(binary.BigEndian.Uint32(first[16:])), int(binary.BigEndian.Uint32(first[20:])), len(first)}, nil
}

// mostSegments is more than any JPEG has in front of its frame.
const mostSegments = 4096

// frame walks over a JPEG's segments to the frame header (ITU-T T.81, B.2): cameras
// put previews and profiles of any length in front of it.
func (c *Capture) frame() (h head, err error) {
	var s [9]byte // marker, length, precision, height, width
	off := 2
	for range mostSegments {
		n := c.at(off, s[:])
		switch marker := s[1]; {
		case n < 4:
			return h, Refuse(ImageTruncated)
		case s[0] != 0xFF || marker == 0xFF: // rubbish, which decoders skip, and filling
			off++
		case marker == 0 || marker >= 0xD0 && marker <= 0xD7: // nothing behind it
			off += 2
		case marker >= 0xC0 && marker <= 0xC2: // baseline, extended, progressive
			if n < len(s) {
				return h, Refuse(ImageTruncated)
			}
			return head{jpeg, int(binary.BigEndian.Uint16(s[7:])), int(binary.BigEndian.Uint16(s[5:])), off + len(s)}, nil
		case marker == 0xC4 || marker == 0xDB || marker == 0xDD || marker >= 0xE0: // tables, applications, comments
			off += 2 + int(binary.BigEndian.Uint16(s[2:]))
		default: // other frames, or data without one
			return h, Refuse(ImageUnreadable)
		}
	}
	return h, Refuse(ImageUnreadable)
}

// at decodes the bytes from off on into dst, and returns how many there are. Nothing
// is decoded but what is asked for, and what is not handed out is wiped.
func (c *Capture) at(off int, dst []byte) int {
	whole := c.held().decoded.group[:]
	text := c.Base64()
	from := min(off/3*4, len(text))
	to := min(from+(off%3+len(dst)+2)/3*4, len(text))
	n, err := base64.StdEncoding.Decode(whole, text[from:to])
	if err != nil || n < off%3 {
		return 0
	}
	return copy(dst, whole[off%3:n])
}

// ends looks for the mark that ends the image, from the end of the file on: cameras
// append what they like behind it, be it a few bytes or a film.
func (c *Capture) ends(h head) bool {
	decoded := c.held().decoded.window[:]
	text := c.Base64()
	for to := len(text); to/4*3 > h.data; to -= window - 32 { // windows overlap by more than a mark
		from := max(0, to-window)
		n, err := base64.StdEncoding.Decode(decoded, text[from:to])
		if err != nil {
			return false
		}
		found := bytes.LastIndex(decoded[:n], []byte(h.format.end))
		if found >= 0 {
			return from/4*3+found >= h.data
		}
	}
	return false
}
