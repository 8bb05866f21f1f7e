package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPathIsTheSameHoweverItWasSpelled(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b string
		same bool
	}{
		"equal":                {"/a/b", "/a/b", true},
		"decoded":              {"/a%20b", "/a b", true},
		"decoded the other":    {"/证明", "/%E8%AF%81%E6%98%8E", true},
		"hexadecimal in cases": {"/%e8", "/%E8", true},
		"decoded once":         {"/100%2525", "/100%25", true},
		"no encoding at all":   {"/100%", "/100%", true},
		"another":              {"/a", "/b", false},
		"a prefix":             {"/v1/admin", "/v1/adm", false},
		"dots are not cleaned": {"/a/../b", "/b", false},
		"nothing":              {"/", "", false},
	} {
		if got := SamePath(tt.a, tt.b); got != tt.same {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTargetEncodesOnlyWhatCannotHaveBeenOnTheWire(t *testing.T) {
	for _, tt := range []struct{ path, query, want string }{
		{"/", "", "/"},
		{"/a%2Fb", "x=%2B+1", "/a%2Fb?x=%2B+1"},
		{"/证 明", "", "/%E8%AF%81%20%E6%98%8E"},
		{"/what?/is#this", "a=#", "/what%3F/is%23this?a=%23"},
		{"/100%", "a=100%&b=%zz", "/100%25?a=100%25&b=%25zz"},
		{"//elsewhere.example/", "", "//elsewhere.example/"}, // a path, as it is to net/http
	} {
		got, err := target(tt.path, tt.query)
		if err != nil || got != tt.want {
			t.Errorf("%s ? %s: %s, %v", tt.path, tt.query, got, err)
		}
	}
	for _, path := range []string{"", "a", "*", "http://elsewhere.example/", "\\", "/\n", "/\x00", "/\x7f"} {
		if got, err := target(path, ""); err == nil {
			t.Errorf("%q became %s", path, got)
		}
	}
}

func TestQueryInPartsIsPutTogether(t *testing.T) {
	sent := Query{"名": {"张三", "a&b=c"}, "from": {"2026-01-01T00:00:00+08:00"}, "raw": {"%E5%BC%A0+x"}, "none": {}}
	if got, want := sent.Guessed(), "from=2026-01-01T00%3A00%3A00%2B08%3A00&raw=%E5%BC%A0+x&%E5%90%8D=%E5%BC%A0%E4%B8%89&%E5%90%8D=a%26b%3Dc"; got != want {
		t.Errorf("guessed %s\nwant    %s", got, want)
	}
	raw := Query{"b": {"%26", "&"}, "a": {"1+2 3"}}
	if got, want := raw.Encoded(), "a=1+2%203&b=%26&b=%26"; got != want {
		t.Errorf("encoded %s\nwant    %s", got, want)
	}
}

func TestHeaderIsFoldedAndRidOfTheConnection(t *testing.T) {
	got, err := fold(map[string][]string{
		"x-list": {" a ", "b,c"}, "COOKIE": {"a=1", "b=2"}, "x-empty": {""}, "x-none": {},
		"connection": {"close, X-Named", "host"}, "x-named": {"1"}, "keep-alive": {"1"}, "TE": {"trailers"},
		"transfer-encoding": {"chunked"}, "content-length": {"7"}, "expect": {"100-continue"}, "host": {"a"},
	})
	want := http.Header{"X-List": {"a,b,c"}, "Cookie": {"a=1; b=2"}, "X-Empty": {""}, "Host": {"a"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestClientIsWhoThePlatformSays(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.7": "203.0.113.7:0", " 203.0.113.7 ": "203.0.113.7:0", "203.0.113.7:4711": "203.0.113.7:0",
		"2001:db8::1": "[2001:db8::1]:0", "[2001:db8::1]": "[2001:db8::1]:0", "[2001:db8::1]:443": "[2001:db8::1]:0",
		"::ffff:203.0.113.7": "203.0.113.7:0",
		"":                   "", "unknown": "", "203.0.113.7, 203.0.113.8": "", "1.2.3.4\r\nx": "",
	} {
		if got := remoteAddr(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestRequestHasTheBodyOfTheEvent(t *testing.T) {
	for name, tt := range map[string]struct {
		in   Incoming
		want string
	}{
		"text":   {Incoming{Body: []byte("同意")}, "同意"},
		"base64": {Incoming{Body: []byte("5ZCM5oSP"), Base64: true}, "同意"},
		"none":   {Incoming{Base64: true}, ""},
	} {
		tt.in.Method, tt.in.Path, tt.in.Host = "POST", "/", "nod.example.com"
		r, err := tt.in.Request(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != tt.want || r.ContentLength != int64(len(tt.want)) || r.Host != "nod.example.com" {
			t.Errorf("%s: %q, %d bytes, host %s, %v", name, body, r.ContentLength, r.Host, err)
		}
	}
}

// A body in base64 is decoded where it lies, and nothing else of it stays.
func TestBase64IsDecodedInPlace(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 300 {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(random.Uint32())
		}
		event := []byte(base64.StdEncoding.EncodeToString(want))
		if size%3 == 1 && size > 60 { // as some encoders break it
			event = slices.Insert(event, 57, '\r', '\n')
		}
		got, err := Incoming{Body: event, Base64: true}.body()
		if err != nil || !bytes.Equal(got, want) || size > 0 && &got[0] != &event[0] {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if left := event[len(got):]; len(bytes.Trim(left, "\x00")) != 0 {
			t.Fatalf("%d bytes leave %q", size, left)
		}
	}
	if _, err := (Incoming{Body: []byte("a=b"), Base64: true}).body(); !errors.Is(err, ErrMalformed) {
		t.Errorf("%v", err)
	}
}

func TestRequestOfAServerLooksLikeOneOfAnEvent(t *testing.T) {
	r := httptest.NewRequest("POST", "http://nod.example.com/a%2Fb?x=1", strings.NewReader("body"))
	r.TransferEncoding = []string{"chunked"}
	r.Header.Set("Trailer", "X")
	got, err := Arrived(r)
	if err != nil {
		t.Fatal(err)
	}
	event := Incoming{Method: "POST", Path: "/a%2Fb", Query: "x=1", Host: "nod.example.com", Body: []byte("body")}
	want, err := event.Request(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.URL, want.URL) || got.RequestURI != want.RequestURI || got.Host != want.Host ||
		got.ContentLength != want.ContentLength || got.TransferEncoding != nil || !reflect.DeepEqual(got.Header, want.Header) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// net/http's own server is the measure for the recorder.
func TestAnswerIsWhatNetHTTPWouldHaveMadeOfIt(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"text":         func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a"); io.WriteString(w, "b") },
		"an error":     func(w http.ResponseWriter, r *http.Request) { http.Error(w, "gone", http.StatusGone) },
		"a redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusSeeOther) },
		"status first": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); w.Header().Set("X-Late", "1") },
		"no such page": http.NotFound,
		"its own header": func(w http.ResponseWriter, r *http.Request) {
			w.Header()["x-lower"] = []string{"1"}
			w.WriteHeader(202)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/y", nil)
			server := httptest.NewServer(h)
			defer server.Close()
			transport := &http.Transport{DisableCompression: true}
			defer transport.CloseIdleConnections()
			request, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/y", nil)
			want, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(want.Body)
			want.Body.Close()
			want.Header.Del("Date")
			want.Header.Del("Content-Length")
			got := Respond(h, r)
			if got.Status != want.StatusCode || string(got.Body) != string(body) || !reflect.DeepEqual(got.Header, want.Header) {
				t.Errorf("%d %v %q\nnet/http: %d %v %q", got.Status, got.Header, got.Body, want.StatusCode, want.Header, body)
			}
		})
	}
}

func TestWithoutAHandlerNothingIsFound(t *testing.T) {
	if a := Respond(nil, httptest.NewRequest("GET", "/", nil)); a.Status != http.StatusNotFound {
		t.Errorf("%d", a.Status)
	}
}

func TestAnswerAboveTheLimitIsNotMarshalled(t *testing.T) {
	if _, ok := Marshal(string(make([]byte, MaxPayload/6+1))); ok { // six bytes each in JSON
		t.Error("marshalled")
	}
	if payload, ok := Marshal("<a&b>"); !ok || string(payload) != `"<a&b>"` {
		t.Errorf("%s", payload)
	}
}

func TestReserveIsKeptBackFromTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for given, reserve := range map[time.Duration]time.Duration{
			time.Second: 100 * time.Millisecond, 30 * time.Second: mostReserved, 15 * time.Minute: mostReserved,
		} {
			outer, cancelOuter := context.WithTimeout(t.Context(), given)
			ctx, cancel := WithReserve(outer)
			if deadline, _ := ctx.Deadline(); time.Until(deadline) != given-reserve {
				t.Errorf("%v: %v are left", given, time.Until(deadline))
			}
			cancel()
			cancelOuter()
		}
		ctx, cancel := WithReserve(t.Context())
		defer cancel()
		if _, ok := ctx.Deadline(); ok {
			t.Error("a deadline out of nowhere")
		}
	})
}

func TestTimerKeepsItsTroublesToItself(t *testing.T) {
	quiet := map[string]struct {
		timer Timer
		want  error
	}{
		"none":   {nil, ErrNoTimer},
		"works":  {func(context.Context, Tick) error { return nil }, nil},
		"fails":  {func(context.Context, Tick) error { return errors.New("of a person") }, ErrTimerFailed},
		"panics": {func(context.Context, Tick) error { panic("of a person") }, ErrTimerFailed},
	}
	for name, tt := range quiet {
		if err := tt.timer.Run(t.Context(), Tick{}); err != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if at := ParseTime("2026-11-23T09:02:00+08:00"); at.Format(time.RFC3339) != "2026-11-23T01:02:00Z" {
		t.Errorf("%v", at)
	}
	if at := ParseTime("tomorrow"); !at.IsZero() {
		t.Errorf("%v", at)
	}
}
