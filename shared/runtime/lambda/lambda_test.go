package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"nod/shared/runtime/gateway"
)

// The fixtures in events/ go through the real runtime in tests/contract; here is
// what only this package can do wrong.

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Set-Cookie", "a=1")
	w.Header().Add("Set-Cookie", "b=2")
	w.Header().Set("X-Client", r.RemoteAddr)
	w.Header().Set("X-Host", r.Host)
	w.Header().Set("X-Saw", r.URL.RawQuery+r.Header.Get("Cookie"))
	io.Copy(w, r.Body)
}

func invoke(t *testing.T, event string) string {
	t.Helper()
	payload, err := Adapter{Handler: http.HandlerFunc(echo)}.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}

func TestAnswerHasTheShapeOfItsEvent(t *testing.T) {
	const single = `"multiValueHeaders":null`
	for name, tt := range map[string]struct {
		event string
		want  []string
	}{
		"Function URL": {`{"rawPath":"/","requestContext":{"domainName":"d.example","http":{"method":"GET","sourceIp":"203.0.113.7"}}}`,
			[]string{`"cookies":["a=1","b=2"]`, `"X-Client":"203.0.113.7:0"`, `"X-Host":"d.example"`}},
		"load balancer": {`{"path":"/","httpMethod":"GET","headers":{"x-forwarded-for":"198.51.100.1, 203.0.113.7"},"requestContext":{"elb":{}}}`,
			[]string{single, `"statusDescription":"200 OK"`, `"set-cookie":"a=1"`, `"Set-cookie":"b=2"`, `"X-Client":"203.0.113.7:0"`}},
		"load balancer, multiple values": {`{"path":"/","httpMethod":"GET","multiValueHeaders":{},"requestContext":{"elb":{}}}`,
			[]string{`"headers":null`, `"Set-Cookie":["a=1","b=2"]`, `"X-Client":[""]`}},
		"load balancer, values in the query only": {`{"path":"/","httpMethod":"GET","multiValueQueryStringParameters":{"a":["1","2"]},"requestContext":{"elb":{}}}`,
			[]string{`"headers":null`, `"X-Saw":["a=1&a=2"]`}},
		"cookies told twice": {`{"rawPath":"/","headers":{"cookie":"a=1"},"cookies":["a=1","b=2"],"requestContext":{"http":{"method":"GET"}}}`,
			[]string{`"statusCode":200`, `"X-Saw":"a=1; b=2"`}},
		"load balancer, malformed": {`{"path":"","httpMethod":"GET","multiValueHeaders":{},"requestContext":{"elb":{}}}`,
			[]string{`"statusCode":400`, `"statusDescription":"400 Bad Request"`, `"Content-Type":["application/problem+json"]`}},
		"load balancer, wrong type": {`{"path":7,"requestContext":{"elb":{}}}`, []string{`"statusCode":400`, `"body":`}},
	} {
		t.Run(name, func(t *testing.T) {
			got := invoke(t, tt.event)
			for _, part := range tt.want {
				if !strings.Contains(got, part) {
					t.Errorf("%s is missing in %s", part, got)
				}
			}
		})
	}
}

func TestScheduleWithoutATimerFailsWithoutAWord(t *testing.T) {
	event := `{"detail-type":"Scheduled Event","source":"aws.events","resources":["arn:of-the-account"],"time":"x"}`
	payload, err := Adapter{}.Invoke(t.Context(), []byte(event))
	if payload != nil || !errors.Is(err, gateway.ErrNoTimer) {
		t.Errorf("%s, %v", payload, err)
	}
}

func TestScheduleWithoutResourcesStillTicks(t *testing.T) {
	var got gateway.Tick
	timer := func(_ context.Context, tick gateway.Tick) error { got = tick; return nil }
	event := `{"detail-type":"Scheduled Event","source":"aws.scheduler"}`
	if _, err := (Adapter{Timer: timer}).Invoke(t.Context(), []byte(event)); err != nil || got.Name != "" || !got.Time.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSpellingsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for i := range 512 {
		name := spelling("set-cookie", i)
		if seen[name] || !strings.EqualFold(name, "Set-Cookie") {
			t.Fatalf("%d: %s", i, name)
		}
		seen[name] = true
	}
}

func TestHere(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "")
	if Here() {
		t.Error("here without Lambda")
	}
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
	if !Here() {
		t.Error("not here on Lambda")
	}
}

func FuzzLambdaEvent(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "events", "lambda-*.json"))
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
	f.Add([]byte(`{"rawPath":"//a%","rawQueryString":"%","requestContext":{"http":{"method":"a","path":"//a%25"}}}`))
	a := Adapter{Handler: http.HandlerFunc(echo)}
	f.Fuzz(func(t *testing.T, event []byte) {
		payload, err := a.Invoke(t.Context(), event)
		if err != nil {
			if !errors.Is(err, gateway.ErrNoTimer) {
				t.Fatalf("an error of its own: %v", err)
			}
			return
		}
		var answer events.ALBTargetGroupResponse // its fields are in the other shape too
		if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode != 200 && answer.StatusCode != 400 {
			t.Fatalf("%v: %s", err, payload)
		}
	})
}
