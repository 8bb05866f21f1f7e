package notrace

import (
	"errors"
	"io"
)

// ErrTooMuch says that what was read has more than fits.
var ErrTooMuch = errors.New("notrace: more than fits")

// Fill reads all there is into a buffer, which must be longer than that by one byte at
// least. It is io.ReadAll for what must lie in one place only: a buffer that grows leaves
// copies behind. The error is ErrTooMuch, or the reader's, also where a connection broke
// off, which io.ReadFull does not tell from an end.
func Fill(buf []byte, from io.Reader) (n int, err error) {
	for n < len(buf) {
		m, err := from.Read(buf[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
	return n, ErrTooMuch
}
