package scf

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"nod/shared/runtime/gateway"
)

// The fixtures in events/ go through the real runtime in tests/contract; here is
// what only this package can do wrong.

func echo(w http.ResponseWriter, r *http.Request) {
	for range r.URL.Query()["cookie"] {
		w.Header().Add("Set-Cookie", "a=1")
	}
	w.Header().Set("X-Client", r.RemoteAddr)
	w.Header().Set("X-Query", r.URL.RawQuery)
	w.Header().Set("X-Keys", r.Header.Get("X-Scf-Secret-Key"))
	io.Copy(w, r.Body)
}

func invoke(t *testing.T, event string) (headers map[string]any) {
	t.Helper()
	payload, err := Adapter{Handler: http.HandlerFunc(echo)}.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	var answer answerEvent
	if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode != 200 {
		t.Fatalf("%v: %s", err, payload)
	}
	return answer.Headers
}

func TestQueryComesInManyShapes(t *testing.T) {
	for query, want := range map[string]string{
		`null`: "", `""`: "", `{}`: "",
		`"a=1&b=%E5%BC%A0"`:                 "a=1&b=%E5%BC%A0",
		`"?a=1"`:                            "a=1",
		`{"b":"2","a":"1"}`:                 "a=1&b=2",
		`{"a":["1","2"]}`:                   "a=1&a=2",
		`{"a":true}`:                        "a=",
		`{"a":"张三"}`:                        "a=%E5%BC%A0%E4%B8%89",
		`{"a":"%E5%BC%A0%E4%B8%89"}`:        "a=%E5%BC%A0%E4%B8%89",
		`{"a":"100%"}`:                      "a=100%25",
		`{"a":"1&admin=true"}`:              "a=1%26admin%3Dtrue",
		`{"from":"2026-01-01T00:00+08:00"}`: "from=2026-01-01T00%3A00%2B08%3A00",
	} {
		headers := invoke(t, `{"httpMethod":"GET","path":"/","queryString":`+query+`}`)
		if headers["X-Query"] != want {
			t.Errorf("%s: %s, want %s", query, headers["X-Query"], want)
		}
	}
}

func TestPlatformHeadersStayOutside(t *testing.T) {
	headers := invoke(t, `{"httpMethod":"GET","path":"/","headers":{"X-Scf-Remote-Addr":"203.0.113.7","X-SCF-Secret-Key":"of the role"}}`)
	if headers["X-Client"] != "203.0.113.7:0" || headers["X-Keys"] != "" {
		t.Errorf("%v", headers)
	}
}

func TestClientCannotNameItself(t *testing.T) {
	headers := invoke(t, `{"httpMethod":"GET","path":"/","headers":{"x-forwarded-for":"203.0.113.7","x-real-ip":"203.0.113.7"}}`)
	if headers["X-Client"] != "" {
		t.Errorf("%v", headers)
	}
}

func TestCookiesAreOneOrAList(t *testing.T) {
	for query, want := range map[string]string{"": "", "cookie": "string", "cookie&cookie": "list"} {
		headers := invoke(t, `{"httpMethod":"GET","path":"/","queryString":"`+query+`"}`)
		got := ""
		switch headers["Set-Cookie"].(type) {
		case string:
			got = "string"
		case []any:
			got = "list"
		}
		if got != want {
			t.Errorf("%q: %v", query, headers)
		}
	}
}

func TestTimerWithoutWorkFailsWithoutAWord(t *testing.T) {
	payload, err := Adapter{}.Invoke(t.Context(), []byte(`{"Type":"Timer","TriggerName":"x","Time":"y","Message":"z"}`))
	if payload != nil || !errors.Is(err, gateway.ErrNoTimer) {
		t.Errorf("%s, %v", payload, err)
	}
}

func TestHere(t *testing.T) {
	t.Setenv("_LAMBDA_SERVER_PORT", "")
	if Here() {
		t.Error("here without SCF")
	}
	t.Setenv("_LAMBDA_SERVER_PORT", "9001")
	if !Here() {
		t.Error("not here on SCF")
	}
}

func FuzzSCFEvent(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "events", "scf-*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"httpMethod":"a","path":"//a%","queryString":{"%":["%","%41"]},"headers":{"a":["b",null]}}`))
	a := Adapter{Handler: http.HandlerFunc(echo)}
	f.Fuzz(func(t *testing.T, event []byte) {
		payload, err := a.Invoke(t.Context(), event)
		if err != nil {
			if !errors.Is(err, gateway.ErrNoTimer) {
				t.Fatalf("an error of its own: %v", err)
			}
			return
		}
		var answer answerEvent
		if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode != 200 && answer.StatusCode != 400 {
			t.Fatalf("%v: %s", err, payload)
		}
	})
}
