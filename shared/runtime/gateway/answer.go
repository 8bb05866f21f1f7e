package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Answer is what a handler answered, complete.
type Answer struct {
	Status int
	Header http.Header // no hop-by-hop fields, no Content-Length
	Body   []byte

	// File stands for a Body that is not in memory, Size bytes long; whoever has the answer
	// closes it. Only Stream gives one.
	File io.ReadCloser
	Size int64
}

// whole reads the file into the body, for platforms that take an answer in one piece.
func (a Answer) whole() Answer {
	if a.File == nil {
		return a
	}
	defer a.File.Close()
	if a.Size > MaxPayload {
		return Problem(http.StatusInternalServerError)
	}
	body, err := io.ReadAll(io.LimitReader(a.File, a.Size))
	if err != nil {
		return Problem(http.StatusInternalServerError)
	}
	a.Body, a.File, a.Size = body, nil, 0
	return a
}

// Problem is an answer of the runtime's own: an RFC 9457 document that says the
// status and nothing else.
func Problem(status int) Answer {
	body, _ := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
	}{"about:blank", http.StatusText(status), status}) // strings and a number: cannot fail
	return Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/problem+json"}, "Cache-Control": {"no-store"}},
		Body:   body,
	}
}

// Text is the body as a JSON string can carry it: as it stands if it is text, in
// base64 if it is not (or is encoded, and only looks like text by chance).
func (a Answer) Text() (text string, isBase64 bool) {
	encoding := a.Header.Get("Content-Encoding")
	if utf8.Valid(a.Body) && (encoding == "" || strings.EqualFold(encoding, "identity")) {
		return string(a.Body), false
	}
	return base64.StdEncoding.EncodeToString(a.Body), true
}

// Joined is the header with one value a name, for platforms that take no more. The
// cookies come apart from it: they alone must not be joined (RFC 9110 section 5.3).
func (a Answer) Joined() (header map[string]string, cookies []string) {
	header = make(map[string]string, len(a.Header))
	for name, values := range a.Header {
		switch {
		case name == "Set-Cookie":
			cookies = values
		case len(values) > 0:
			header[name] = strings.Join(values, ", ")
		}
	}
	return header, cookies
}

// Marshal writes an answer event. The platform would refuse one above MaxPayload
// with words of its own; ok is false then, and the caller answers something short.
func Marshal(event any) (payload []byte, ok bool) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the event is no page, and escapes would make it larger
	if err := enc.Encode(event); err != nil || b.Len() > MaxPayload {
		return nil, false
	}
	return bytes.TrimRight(b.Bytes(), "\n"), true
}
