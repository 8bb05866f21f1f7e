package localapi

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	testID  = "AKIDlocal"
	testKey = "local-secret-key"
	noon    = 1_800_000_000 // a moment that has nothing special about it
)

// newAPI returns a server whose clock stands at noon.
func newAPI(t testing.TB) *Server {
	t.Helper()
	s, err := New(Options{SecretID: testID, SecretKey: testKey, Now: func() time.Time { return time.Unix(noon, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call is a request before it is signed; the zero values are those of a good one.
type call struct {
	id, key, token, date, service string
	signedHeaders                 string
	at                            int64
	body                          string
	headers                       map[string]string // set before signing
}

// request signs the call, independently of the code under test.
func (c call) request() *http.Request {
	c.fill()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", "CompareFace")
	r.Header.Set("X-TC-Version", "2020-03-03")
	r.Header.Set("X-TC-Region", "ap-guangzhou")
	r.Header.Set("X-TC-Timestamp", strconv.FormatInt(c.at, 10))
	if c.token != "" {
		r.Header.Set("X-TC-Token", c.token)
	}
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	canonical := "POST\n/\n\n"
	for name := range strings.SplitSeq(c.signedHeaders, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical += name + ":" + strings.ToLower(value) + "\n"
	}
	canonical += "\n" + c.signedHeaders + "\n" + digest(c.body)
	scope := c.date + "/" + c.service + "/tc3_request"
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%s", c.at, scope, digest(canonical))
	key := keyed(keyed(keyed([]byte("TC3"+c.key), c.date), c.service), "tc3_request")
	r.Header.Set("Authorization", fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		c.id, scope, c.signedHeaders, keyed(key, text)))
	return r
}

func (c *call) fill() {
	or := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	if c.at == 0 {
		c.at = noon
	}
	or(&c.id, testID)
	or(&c.key, testKey)
	or(&c.date, time.Unix(c.at, 0).UTC().Format("2006-01-02"))
	or(&c.service, "iai")
	or(&c.signedHeaders, "content-type;host")
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func keyed(key []byte, s string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(s))
	return m.Sum(nil)
}

// reply is an answer of the face service.
type reply struct {
	Score            *float64
	FaceModelVersion string
	RequestID        string `json:"RequestId"`
	Error            struct{ Code, Message string }
}

// send has the server answer and checks what every answer has in common.
func send(t testing.TB, s *Server, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var e struct{ Response reply }
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	if w.Code != http.StatusOK || e.Response.RequestID == "" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("HTTP %d, %v, %q", w.Code, w.Header(), w.Body)
	}
	if failed := e.Response.Error.Code != ""; failed == (e.Response.Score != nil) || failed && e.Response.Error.Message == "" {
		t.Errorf("neither a score nor an error, or half of one: %q", w.Body)
	}
	return e.Response
}

// body marshals a CompareFace request; images are []byte.
func body(fields map[string]any) string {
	if _, ok := fields["FaceModelVersion"]; !ok {
		fields["FaceModelVersion"] = "3.0"
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// compared sends a comparison of two images.
func compared(t testing.TB, s *Server, fields map[string]any) reply {
	t.Helper()
	return send(t, s, call{body: body(fields)}.request())
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// blank is a picture without a face.
func blank(w, h int) []byte { return pngOf(image.NewGray(image.Rect(0, 0, w, h))) }
