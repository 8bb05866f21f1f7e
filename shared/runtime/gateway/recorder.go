package gateway

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

var errTooLarge = errors.New("gateway: the answer is larger than a function's may be")

// recorder is the http.ResponseWriter of all runtimes. It keeps to the rules of
// net/http's: the first status counts, the header is fixed with it, a missing
// Content-Type is found by sniffing.
type recorder struct {
	header   http.Header // the handler's
	status   int         // 0 until it is written
	sent     http.Header // the header when the status was written
	body     []byte
	tooLarge bool
	file     io.ReadCloser
	size     int64
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("gateway: invalid status %d", status)) // as net/http does
	}
	if rec.status != 0 || status < 200 {
		return // 1xx does not pass a gateway
	}
	rec.status = status
	rec.sent = rec.header.Clone()
}

func (rec *recorder) Write(p []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	if !bodyAllowed(rec.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if rec.tooLarge || len(rec.body)+len(p) > MaxPayload {
		rec.tooLarge = true
		return 0, errTooLarge
	}
	rec.body = append(rec.body, p...)
	return len(p), nil
}

// SendFile answers with a file of a size, which is read when the handler has returned, and
// closed then. Nothing else is written.
func (rec *recorder) SendFile(file io.ReadCloser, size int64) {
	rec.WriteHeader(http.StatusOK)
	rec.file, rec.size = file, size
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// answer ends the recording.
func (rec *recorder) answer(method string) Answer {
	rec.WriteHeader(http.StatusOK)
	if rec.tooLarge {
		return Problem(http.StatusInternalServerError)
	}
	a := Answer{Status: rec.status, Header: clean(rec.sent), Body: rec.body, File: rec.file, Size: rec.size}
	_, typed := rec.sent["Content-Type"]
	if !typed && len(a.Body) > 0 && a.Header.Get("Content-Encoding") == "" {
		a.Header.Set("Content-Type", http.DetectContentType(a.Body))
	}
	if a.Status == http.StatusNotModified {
		a.Header.Del("Content-Type") // net/http takes it away too
	}
	if method == http.MethodHead {
		a.Body = nil
		if a.File != nil {
			a.File.Close()
			a.File, a.Size = nil, 0
		}
	}
	return a
}
