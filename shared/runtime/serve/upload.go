package serve

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"nod/shared/runtime/gateway"
)

// uploads holds the buffers for bodies whose length the client did not tell. There
// are few, so that clients nobody knows cannot fill the memory; more clients wait.
type uploads chan []byte

const uploadsAtOnce = 8

func newUploads() uploads {
	u := make(uploads, uploadsAtOnce)
	for range uploadsAtOnce {
		u <- nil // made when it is first needed
	}
	return u
}

// gather reads a body of unknown length, so that the handler meets it as it would
// behind a gateway. free wipes the buffer and gives it back; it is nil with an error.
func (u uploads) gather(r *http.Request) (free func(), err error) {
	if r.ContentLength >= 0 {
		return func() {}, nil
	}
	var buf []byte
	select {
	case buf = <-u:
	case <-r.Context().Done():
		return nil, gateway.ErrMalformed
	}
	if buf == nil {
		buf = make([]byte, gateway.MaxPayload+1)
	}
	n, err := fill(buf, r.Body)
	free = func() { clear(buf[:n]); u <- buf }
	if err != nil {
		free()
		return nil, err
	}
	r.ContentLength, r.Body = int64(n), io.NopCloser(bytes.NewReader(buf[:n]))
	return free, nil
}

// fill reads all that there is, which must not fill buf.
func fill(buf []byte, from io.Reader) (n int, err error) {
	for n < len(buf) {
		more, err := from.Read(buf[n:])
		n += more
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, gateway.ErrMalformed
		}
	}
	return n, gateway.ErrTooLarge
}
