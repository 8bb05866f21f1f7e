package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"nod/shared/domain"
	"nod/shared/runtime/gateway"
)

// DefaultBody bounds bodies that hold no file.
const DefaultBody = 256 << 10

// isLarge tells a body that is read only for somebody who is known: strangers must
// not fill the memory. One that is there already fills no more.
func (c *call) isLarge() bool {
	if _, ok := c.r.Body.(gateway.Lent); ok {
		return false
	}
	return c.r.ContentLength < 0 || c.r.ContentLength > DefaultBody
}

// read takes the body in one piece, within the route's bound.
func (c *call) read() error {
	if kind := c.r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return domain.Refuse(domain.UnsupportedMedia)
		}
	}
	if encoding := c.r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return domain.Refuse(domain.UnsupportedMedia)
	}
	if c.r.ContentLength > c.limit {
		return domain.Refuse(domain.BodyTooLarge)
	}
	if lent, ok := c.r.Body.(gateway.Lent); ok {
		c.body = lent.Lend()
		return nil
	}
	// One buffer of the right size, so that no half-grown copies of an image stay.
	size := c.limit + 1
	if c.r.ContentLength >= 0 {
		size = c.r.ContentLength
	}
	buf := make([]byte, size)
	n, err := io.ReadFull(c.r.Body, buf)
	c.body = buf[:n]
	switch {
	case int64(n) > c.limit:
		return domain.Refuse(domain.BodyTooLarge)
	case err == nil && int64(n) == c.r.ContentLength:
		return nil
	case c.r.ContentLength < 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return nil
	}
	if _, above := errors.AsType[*http.MaxBytesError](err); above {
		return domain.Refuse(domain.BodyTooLarge)
	}
	return domain.Refuse(domain.MalformedJSON) // it broke off
}
