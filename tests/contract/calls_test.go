package contract

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	bareProblem = `{"type":"about:blank","title":"Internal Server Error","status":500}`
	badRequest  = `{"type":"about:blank","title":"Bad Request","status":400}`
)

var fiveMB = strings.Repeat("QUJD", 5<<20/4) // as base64 of an image would be

// calls are the calls of the contract. Each says a little of what is right, so that
// runtimes that are equally wrong are caught too.
var calls = map[string]struct {
	call   call
	status int
	body   string // all of it, if it is short and fixed
	header map[string]string
	saw    func(*echo) // sets what the echo is to have seen besides what was sent
}{
	"a plain GET":            {call: call{method: "GET", path: "/"}},
	"a path with a slash":    {call: call{method: "GET", path: "/v1/log/tile/"}},
	"an encoded slash":       {call: call{method: "GET", path: "/v1/records/a%2Fb/proof"}},
	"a Chinese path":         {call: call{method: "GET", path: "/files/%E8%AF%81%E6%98%8E.json"}},
	"a path in odd letters":  {call: call{method: "GET", path: "/a:b@c!$&'()*+,;=d~-_."}},
	"a path to clean":        {call: call{method: "GET", path: "/v1/../status/200"}, status: 307, header: map[string]string{"Location": "/status/200"}},
	"a query":                {call: call{method: "GET", path: "/v1/sessions", query: "cursor=0192&limit=20"}},
	"a Chinese query":        {call: call{method: "GET", path: "/v1/sessions", query: "subject=%E5%BC%A0%E4%B8%89"}},
	"a query with a plus":    {call: call{method: "GET", path: "/v1/stats", query: "from=2026-01-01T00:00:00%2B08:00"}},
	"a query without values": {call: call{method: "GET", path: "/", query: "a=&b="}},
	"a POST of JSON": {call: call{method: "POST", path: "/v1/consent",
		header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}},
		body:   `{"decision":"granted","note":"我同意 <b>&</b> \u2028 😀"}`}},
	"a POST of nothing": {call: call{method: "POST", path: "/v1/session/extend"}},
	"a PUT":             {call: call{method: "PUT", path: "/v1/settings", body: "{}"}},
	"a DELETE":          {call: call{method: "DELETE", path: "/v1/x"}},
	"a PATCH":           {call: call{method: "PATCH", path: "/v1/x", body: "x"}},
	"an OPTIONS":        {call: call{method: "OPTIONS", path: "/v1/consent"}},
	"a Chinese header":  {call: call{method: "GET", path: "/", header: http.Header{"X-Echo-Text": {"中文"}}}},
	"several values": {
		call: call{method: "GET", path: "/", query: "kind=copy&kind=delete", header: http.Header{
			"X-Echo-List": {"one", "two", "three, four"}, "Cookie": {"a=1", "b=2"}}},
		saw: func(e *echo) {
			e.Header["X-Echo-List"] = []string{"one,two,three, four"}
			e.Header["Cookie"] = []string{"a=1; b=2"}
		},
	},

	"a HEAD":         {call: call{method: "HEAD", path: "/answer/untyped"}, status: 200, header: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
	"status 400":     {call: call{method: "GET", path: "/status/400"}, status: 400, body: `{"type":"/problems/example","status":400}`, header: map[string]string{"Content-Type": "application/problem+json", "Retry-After": "7"}},
	"status 404":     {call: call{method: "POST", path: "/status/404"}, status: 404, body: `{"type":"/problems/example","status":404}`},
	"status 429":     {call: call{method: "GET", path: "/status/429"}, status: 429, body: `{"type":"/problems/example","status":429}`},
	"status 503":     {call: call{method: "GET", path: "/status/503"}, status: 503, body: `{"type":"/problems/example","status":503}`},
	"5 MB":           {call: call{method: "POST", path: "/length", body: fiveMB}, status: 200, header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
	"cookies":        {call: call{method: "GET", path: "/answer/cookies"}, status: 200, body: "三块饼干", header: map[string]string{"Vary": "Accept, Accept-Language"}},
	"bytes":          {call: call{method: "GET", path: "/answer/binary"}, status: 200, body: "\xff\xd8\x00\x80Nod"},
	"compression":    {call: call{method: "GET", path: "/answer/compressed"}, status: 200, header: map[string]string{"Content-Encoding": "gzip"}},
	"no type":        {call: call{method: "GET", path: "/answer/untyped"}, status: 200, body: "<!doctype html><title>页面 & more</title>", header: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
	"no type wanted": {call: call{method: "GET", path: "/answer/typeless"}, status: 200, body: "no type, on purpose", header: map[string]string{"Content-Type": ""}},
	"nothing at all": {call: call{method: "GET", path: "/answer/nothing"}, status: 200},
	"no content":     {call: call{method: "GET", path: "/answer/no-content"}, status: 204},
	"not modified":   {call: call{method: "GET", path: "/answer/not-modified"}, status: 304, header: map[string]string{"Etag": `"7"`, "Content-Type": ""}},
	"hop by hop": {call: call{method: "GET", path: "/answer/connection"}, status: 200, body: "longer than it said",
		header: map[string]string{"Connection": "", "X-Hop": "", "Upgrade": "", "Trailer": ""}},
	"a header that breaks out":      {call: call{method: "GET", path: "/answer/injected"}, status: 200, body: "clean", header: map[string]string{"X-Injected": "", "X-Text": "中文"}},
	"a header too late":             {call: call{method: "GET", path: "/answer/late-header"}, status: 201, body: "made", header: map[string]string{"X-Late": ""}},
	"a status that is none":         {call: call{method: "GET", path: "/answer/bad-status"}, status: 500, body: bareProblem},
	"an answer above 6 MB":          {call: call{method: "GET", path: "/answer/large"}, status: 500, body: bareProblem},
	"a panic":                       {call: call{method: "GET", path: "/panic"}, status: 500, body: bareProblem, header: map[string]string{"Content-Type": "application/problem+json"}},
	"a panic with an error":         {call: call{method: "POST", path: "/panic/error", body: secret}, status: 500, body: bareProblem},
	"a panic that aborts":           {call: call{method: "GET", path: "/panic/abort"}, status: 500, body: bareProblem},
	"a panic in the answer's midst": {call: call{method: "GET", path: "/panic/late"}, status: 500, body: bareProblem, header: map[string]string{"X-Half": ""}},
}

func TestRuntimesAnswerEqually(t *testing.T) {
	t.Parallel()
	all := ways(t, patience)
	for name, tt := range calls {
		t.Run(name, func(t *testing.T) {
			want := all[0].do(t, tt.call)
			if tt.status == 0 {
				checkEcho(t, want, tt.call, tt.saw)
			} else {
				checkAnswer(t, want, tt.status, tt.body, tt.header)
			}
			for _, w := range all {
				if tt.saw != nil && !w.multi {
					continue // this gateway loses values on the way
				}
				got := w.do(t, tt.call)
				if !got.equal(want) {
					t.Errorf("%s: %v\n%s: %v", w.name, got, all[0].name, want)
				}
				if tt.status == 0 && got.client != w.client {
					t.Errorf("%s: client %q, want %q", w.name, got.client, w.client)
				}
			}
		})
	}
	// Every panic of above is behind us, and every function still lives.
	for _, w := range all {
		if got := w.do(t, call{method: "GET", path: "/"}); got.status != 200 {
			t.Errorf("%s afterwards: %d", w.name, got.status)
		}
		if strings.Contains(w.log(), secret) {
			t.Errorf("%s wrote what it should not have: %s", w.name, w.log())
		}
	}
}

// checkEcho compares what the handler saw with what was sent.
func checkEcho(t *testing.T, a answer, c call, more func(*echo)) {
	t.Helper()
	var got echo
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("status %d: %v", a.status, err)
	}
	want := echo{Method: c.method, Host: host, Escaped: c.path, Path: unescaped(t, c.path), Query: parsed(t, c.query),
		Header: map[string][]string{}, Length: int64(len(c.body)), Body: []byte(c.body), Deadline: true}
	for name, values := range c.header {
		want.Header[name] = values
	}
	if more != nil {
		more(&want)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("saw  %+v\nsent %+v", got, want)
	}
}

func checkAnswer(t *testing.T, a answer, status int, body string, header map[string]string) {
	t.Helper()
	if a.status != status || body != "" && a.body != body {
		t.Errorf("%d %.300q, want %d %q", a.status, a.body, status, body)
	}
	for name, value := range header {
		if a.header[name] != value {
			t.Errorf("%s: %q, want %q", name, a.header[name], value)
		}
	}
}
