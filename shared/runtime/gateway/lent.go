package gateway

import (
	"bytes"
	"io"
	"net/http"
)

// Lent is a request's body that lies in memory already. A handler may take it as it is
// in the place of reading it into a buffer of its own, and may change it; it is good
// until the handler returns.
type Lent interface {
	io.ReadCloser
	Lend() []byte
}

type lent struct {
	bytes.Reader
	whole []byte
}

func lend(body []byte) io.ReadCloser {
	if len(body) == 0 {
		return http.NoBody
	}
	l := &lent{whole: body}
	l.Reset(body)
	return l
}

func (l *lent) Lend() []byte { return l.whole }
func (l *lent) Close() error { return nil }
