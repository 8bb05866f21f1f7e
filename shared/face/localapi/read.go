package localapi

import (
	"errors"
	"io"
)

var errTooLong = errors.New("localapi: too long")

// firstRead is how much is read at first if the sender does not say how much comes.
const firstRead = 64 << 10

// readBounded reads all of r, at most limit bytes, else errTooLong. announced is the
// length that the sender gave, or -1. Buffers that became too small are overwritten,
// and so is the last if reading fails; the caller overwrites the one it gets.
func readBounded(r io.Reader, announced int64, limit int) ([]byte, error) {
	if announced > int64(limit) {
		return nil, errTooLong
	}
	size := firstRead
	if announced >= 0 {
		size = int(announced) + 1 // room to see that nothing follows
	}
	buf := make([]byte, size)
	n := 0
	for {
		m, err := r.Read(buf[n:])
		n += m
		switch {
		case n > limit:
			clear(buf)
			return nil, errTooLong
		case errors.Is(err, io.EOF):
			return buf[:n], nil
		case err != nil:
			clear(buf)
			return nil, err
		}
		if n == len(buf) {
			larger := make([]byte, min(2*len(buf), limit+1))
			copy(larger, buf)
			clear(buf)
			buf = larger
		}
	}
}
