package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"
)

// call is a request as a client makes it.
type call struct {
	method string
	path   string // encoded
	query  string // encoded
	header http.Header
	body   string
}

// answer is what a client gets back, but for what every server writes its own way
// (Date, Content-Length) and the address that the echo saw.
type answer struct {
	status  int
	header  map[string]string
	cookies []string
	body    string
	client  string
}

// equal reports whether a client could not tell the two answers apart. Cookies of
// different names have no order (RFC 6265 section 4.1.1).
func (a answer) equal(b answer) bool {
	return a.status == b.status && maps.Equal(a.header, b.header) && a.body == b.body &&
		slices.Equal(slices.Sorted(slices.Values(a.cookies)), slices.Sorted(slices.Values(b.cookies)))
}

func (a answer) String() string {
	return fmt.Sprintf("%d %q %q %.600q client %q", a.status, a.header, a.cookies, a.body, a.client)
}

func newAnswer(status int, header http.Header, body []byte) answer {
	a := answer{status: status, header: map[string]string{}, body: string(body)}
	for name, values := range header {
		switch name {
		case "Date", "Content-Length":
		case "Set-Cookie":
			a.cookies = values
		case clientHeader:
			a.client = values[0]
		default:
			a.header[name] = strings.Join(values, ", ")
		}
	}
	return a
}

// httpAnswer reads an answer of net/http.
func httpAnswer(t *testing.T, response *http.Response) answer {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return newAnswer(response.StatusCode, response.Header, body)
}

// eventAnswer turns an answer event into HTTP, as any of the platforms would. It is
// strict: what a platform would not understand fails the test.
func eventAnswer(t *testing.T, payload []byte) answer {
	t.Helper()
	var event struct {
		StatusCode        int                        `json:"statusCode"`
		StatusDescription *string                    `json:"statusDescription"`
		Headers           map[string]json.RawMessage `json:"headers"`
		MultiValueHeaders map[string][]string        `json:"multiValueHeaders"`
		Cookies           []string                   `json:"cookies"`
		Body              string                     `json:"body"`
		Base64            bool                       `json:"isBase64Encoded"`
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&event); err != nil {
		t.Fatalf("the answer %.200q: %v", payload, err)
	}
	header := http.Header{}
	for name, values := range event.MultiValueHeaders {
		header[textproto.CanonicalMIMEHeaderKey(name)] = values
	}
	for name, raw := range event.Headers {
		header.Add(name, "")
		name = textproto.CanonicalMIMEHeaderKey(name)
		var one string
		var several []string
		if json.Unmarshal(raw, &one) == nil {
			several = []string{one}
		} else if err := json.Unmarshal(raw, &several); err != nil || name != "Set-Cookie" {
			t.Fatalf("header %s: %s", name, raw)
		}
		header[name] = append(header[name][:len(header[name])-1], several...)
	}
	if len(event.Cookies) > 0 {
		header["Set-Cookie"] = event.Cookies
	}
	body := []byte(event.Body)
	if event.Base64 {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			t.Fatal(err)
		}
	}
	return newAnswer(event.StatusCode, header, body)
}
