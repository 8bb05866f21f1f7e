package serve

import (
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	heardAnyway = 256 << 10 // what net/http itself still reads after an answer
	mostHeard   = 64 << 20
	hearingTime = 5 * time.Second
)

// listening prepares for a client that sends a large body which the answer does not
// wait for. Many clients write all of it before they read anything; if the connection
// closed meanwhile they would see that, and never the answer. The function it returns
// is called after the answer was written and hears such a client out, within bounds.
func listening(w http.ResponseWriter, r *http.Request) (hear func()) {
	if r.ContentLength >= 0 && r.ContentLength <= heardAnyway {
		return func() {}
	}
	body, control := r.Body, http.NewResponseController(w)
	if control.EnableFullDuplex() != nil { // HTTP/2, which needs none of this
		return func() {}
	}
	return func() {
		if control.Flush() != nil || control.SetReadDeadline(time.Now().Add(hearingTime)) != nil {
			return
		}
		// At its end already, if the body was read.
		if _, err := io.CopyN(io.Discard, body, mostHeard); err != nil && !errors.Is(err, io.EOF) {
			// It broke off. With full duplex, net/http would take what is still to come of it
			// for the next request on this connection.
			panic(http.ErrAbortHandler)
		}
	}
}
