package localapi

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// past is the error of an authenticated request with an empty object: it shows that
// every check of the sender was passed, at no cost.
var past = errModelVersion.Code

func TestSenderIsHeldAgainstTheSignature(t *testing.T) {
	s := newAPI(t)
	for _, c := range []struct {
		name   string
		call   call
		tamper func(*http.Request)
		want   string
	}{
		{"a signed request", call{}, nil, past},
		{"more headers signed", call{signedHeaders: "content-type;host;x-tc-action"}, nil, past},
		{"content type with a charset", call{headers: map[string]string{"Content-Type": "application/json; charset=utf-8"}}, nil, past},
		{"another key", call{key: "another"}, nil, "AuthFailure.SignatureFailure"},
		{"another id", call{id: "AKIDother"}, nil, "AuthFailure.SecretIdNotFound"},
		{"an id that starts alike", call{id: testID + "x"}, nil, "AuthFailure.SecretIdNotFound"},
		{"another service", call{service: "cvm"}, nil, "AuthFailure.SignatureFailure"},
		{"the other service, whose version is another", call{service: "faceid"}, nil, "NoSuchVersion"},
		{"another day", call{date: "2027-01-14"}, nil, "AuthFailure.SignatureFailure"},
		{"a token where there is none", call{token: "t"}, nil, "AuthFailure.TokenFailure"},
		{"another body", call{}, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("[]")) }, "AuthFailure.SignatureFailure"},
		{"an unsigned body", call{body: "UNSIGNED-PAYLOAD", headers: map[string]string{"X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}},
			func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, "AuthFailure.SignatureFailure"},
		{"another host", call{}, func(r *http.Request) { r.Host = "other" }, "AuthFailure.SignatureFailure"},
		{"another content type", call{}, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, "AuthFailure.SignatureFailure"},
		{"another time", call{}, func(r *http.Request) { r.Header.Set("X-TC-Timestamp", fmt.Sprint(noon+1)) }, "AuthFailure.SignatureFailure"},
		{"another signed action", call{signedHeaders: "content-type;host;x-tc-action"},
			func(r *http.Request) { r.Header.Set("X-TC-Action", "DetectFace") }, "AuthFailure.SignatureFailure"},
		{"host not signed", call{signedHeaders: "content-type"}, nil, "AuthFailure.InvalidAuthorization"},
		{"headers out of order", call{signedHeaders: "host;content-type"}, nil, "AuthFailure.InvalidAuthorization"},
		{"no signature", call{}, func(r *http.Request) { r.Header.Del("Authorization") }, "AuthFailure.InvalidAuthorization"},
		{"no time", call{}, func(r *http.Request) { r.Header.Del("X-TC-Timestamp") }, "MissingParameter"},
		{"a time in words", call{}, func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "noon") }, "MissingParameter"},
		{"no action", call{}, func(r *http.Request) { r.Header.Del("X-TC-Action") }, "MissingParameter"},
		{"no version", call{}, func(r *http.Request) { r.Header.Del("X-TC-Version") }, "MissingParameter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.call.body == "" {
				c.call.body = "{}"
			}
			r := c.call.request()
			if c.tamper != nil {
				c.tamper(r)
			}
			if got := send(t, s, r).Error.Code; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestRequestsAreGoodForFiveMinutes(t *testing.T) {
	s := newAPI(t)
	for offset, want := range map[int64]string{
		300:                 past,
		-300:                past,
		301:                 "AuthFailure.SignatureExpire",
		-301:                "AuthFailure.SignatureExpire",
		86400:               "AuthFailure.SignatureExpire",
		1<<62 - 1:           "AuthFailure.SignatureExpire",
		-1 << 62:            "AuthFailure.SignatureExpire",
		-noon - 1<<62 + 299: "AuthFailure.SignatureExpire",
	} {
		r := call{at: noon + offset, body: "{}"}.request()
		if got := send(t, s, r).Error.Code; got != want {
			t.Errorf("%d seconds away: %s, want %s", offset, got, want)
		}
	}
}

func TestTemporaryCredentialsNeedTheirToken(t *testing.T) {
	s, err := New(Options{SecretID: testID, SecretKey: testKey, Token: "right", Now: func() time.Time { return time.Unix(noon, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{"right": past, "": "AuthFailure.TokenFailure", "wrong": "AuthFailure.TokenFailure"} {
		if got := send(t, s, call{token: token, body: "{}"}.request()).Error.Code; got != want {
			t.Errorf("token %q: %s, want %s", token, got, want)
		}
	}
}

func TestServerNeedsCredentialsAndPrintsNone(t *testing.T) {
	for _, o := range []Options{{}, {SecretID: "a"}, {SecretKey: "b"}} {
		if _, err := New(o); err == nil {
			t.Error("made without credentials")
		}
	}
	o := Options{SecretID: testID, SecretKey: testKey}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(verb+verb, o, newAPI(t)); strings.Contains(text, testKey) || strings.Contains(text, testID) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

const goodHeader = "TC3-HMAC-SHA256 Credential=AKID/2026-01-15/iai/tc3_request, SignedHeaders=content-type;host, " +
	"Signature=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func TestAuthorizationOfAnotherFormIsRefused(t *testing.T) {
	if _, err := parseAuthorization(goodHeader); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"TC3-HMAC-SHA256 ", "TC3-HMAC-SHA1 "},
		{"TC3-HMAC-SHA256 ", ""},
		{"Credential=", "credential="},
		{"/tc3_request", ""},
		{"/tc3_request", "/tc2_request"},
		{"AKID/", "/"},
		{"AKID/", "AKID/a/"},
		{"content-type;host", "content-type;host;host"},
		{"content-type;host", "content-type;Host"},
		{"content-type;host", "content-type;;host"},
		{"content-type;host", "content-type;host;a b"},
		{"Signature=00", "Signature=0"},
		{"Signature=00", "Signature=zz"},
		{"aabb", "AABB"},
		{"Signature=00", "Extra=1, Signature=00"},
		{", Signature", ""},
		{"AKID", strings.Repeat("A", maxHeaderLength)},
	} {
		header := strings.Replace(goodHeader, change[0], change[1], 1)
		if _, err := parseAuthorization(header); err != errInvalidAuthorization {
			t.Errorf("%s -> %s: %v", change[0], change[1], err)
		}
	}
}

func FuzzAuthorizationThatParsesSaysTheSameAgain(f *testing.F) {
	f.Add(goodHeader)
	f.Add(strings.ReplaceAll(goodHeader, ", ", ","))
	f.Add("TC3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=")
	f.Fuzz(func(t *testing.T, header string) {
		a, err := parseAuthorization(header)
		if err != nil {
			return
		}
		b, err := parseAuthorization(a.String())
		if err != nil || a.id != b.id || a.scope() != b.scope() || a.signature != b.signature || !slices.Equal(a.signedHeaders, b.signedHeaders) {
			t.Errorf("%q became %q, %v", header, a.String(), err)
		}
	})
}
