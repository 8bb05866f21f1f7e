package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf/scfrpc"
	"nod/shared/runtime/serve"
)

// A handler is told a little before the platform's own deadline, so that its answer
// still gets out; a process that overran its time would have been killed.
func TestHandlerSeesTheDeadlineAndStillAnswers(t *testing.T) {
	t.Parallel()
	for _, w := range ways(t, 3*time.Second) {
		if w.name != "serve" && w.name != "lambda-function-url" && w.name != "scf-function-url" {
			continue // the same process again
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got := w.do(t, call{method: "POST", path: "/wait", body: "x"})
			if got.status != http.StatusGatewayTimeout || got.body != context.DeadlineExceeded.Error() {
				t.Errorf("%v", got)
			}
			if next := w.do(t, call{method: "GET", path: "/"}); next.status != 200 {
				t.Errorf("the next call: %v", next)
			}
		})
	}
}

// malformed are events that no gateway of either cloud sends.
var malformed = map[string]struct{ lambda, scf string }{
	"no JSON":            {`{"rawPath":`, `{"path":`},
	"nothing":            {``, ``},
	"null":               {`null`, `null`},
	"a list":             {`[]`, `[1]`},
	"no shape":           {`{}`, `{}`},
	"another service":    {`{"Records":[{"eventSource":"aws:s3"}]}`, `{"Records":[{"cos":{}}]}`},
	"two shapes":         {`{"rawPath":"/","httpMethod":"GET","path":"/","requestContext":{"http":{"method":"GET"},"elb":{}}}`, `{"Type":"Timer","TriggerName":"x","httpMethod":"GET","path":"/"}`},
	"no method":          {`{"rawPath":"/","requestContext":{"http":{}}}`, `{"path":"/"}`},
	"a method in pieces": {`{"rawPath":"/","requestContext":{"http":{"method":"GET /x HTTP/1.1"}}}`, `{"httpMethod":"GET\r\n","path":"/"}`},
	"no path":            {`{"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET"}`},
	"an absolute URL":    {`{"rawPath":"http://elsewhere.example/","requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"https://elsewhere.example/"}`},
	"a path of a star":   {`{"rawPath":"*","requestContext":{"http":{"method":"OPTIONS"}}}`, `{"httpMethod":"OPTIONS","path":"*"}`},
	"two paths":          {`{"rawPath":"/a","requestContext":{"http":{"method":"GET","path":"/b"}}}`, `{"httpMethod":"GET","path":"b"}`},
	"a second path":      {`{"rawPath":"/a","path":"/b","requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":7}`},
	"balancer, two paths": {`{"path":"/a","rawPath":"/b","httpMethod":"GET","requestContext":{"elb":{}}}`,
		`{"httpMethod":"GET","path":["/"]}`},
	"two methods":              {`{"rawPath":"/","httpMethod":"PUT","requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":["GET"],"path":"/"}`},
	"both ways to send values": {`{"path":"/","httpMethod":"GET","headers":{"a":"1"},"multiValueHeaders":{"a":["2"]},"requestContext":{"elb":{}}}`, `{"httpMethod":"GET","path":"/","headers":{"a":{"b":1}}}`},
	"a line in the path":       {`{"rawPath":"/a\r\nx: y","requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/a\r\nx: y"}`},
	"a line in the query":      {`{"rawPath":"/","rawQueryString":"a=\n","requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","queryString":"a=\n"}`},
	"a line in a header":       {`{"rawPath":"/","headers":{"x":"a\r\nb: c"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"x":"a\r\nb: c"}}`},
	"a NUL in a header":        {`{"rawPath":"/","headers":{"x":"\u0000"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"x":"\u0000"}}`},
	"a header with a space":    {`{"rawPath":"/","headers":{"x y":"a"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"x y":"a"}}`},
	"a header without a name":  {`{"rawPath":"/","headers":{"":"a"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"":"a"}}`},
	"a header in two spellings": {`{"rawPath":"/","headers":{"authorization":"a","Authorization":"b"},"requestContext":{"http":{"method":"GET"}}}`,
		`{"httpMethod":"GET","path":"/","headers":{"authorization":"a","Authorization":"b"}}`},
	"two hosts":          {`{"path":"/","httpMethod":"GET","multiValueHeaders":{"host":["a.example","b.example"]},"requestContext":{"elb":{}}}`, `{"httpMethod":"GET","path":"/","headers":{"host":["a","b"]}}`},
	"a host with a path": {`{"rawPath":"/","headers":{"host":"a/b"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"host":"a/b"}}`},
	"two clients":        {`{"rawPath":"/","headers":{"host":"a b"},"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","headers":{"x-scf-remote-addr":"1.1.1.1","X-Scf-Remote-Addr":"2.2.2.2"}}`},
	"no base64":          {`{"rawPath":"/","body":"é","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}`, `{"httpMethod":"POST","path":"/","body":"é","isBase64Encoded":true}`},
	"a body that is none": {`{"rawPath":"/","body":{"a":1},"requestContext":{"http":{"method":"POST"}}}`,
		`{"httpMethod":"POST","path":"/","body":{"a":1}}`},
	"a query that is none": {`{"rawPath":"/","rawQueryString":[],"requestContext":{"http":{"method":"GET"}}}`, `{"httpMethod":"GET","path":"/","queryString":{"a":7}}`},
}

func TestMalformedEventsAreRefusedWithoutAWord(t *testing.T) {
	t.Parallel()
	for _, loop := range lambdaLoops {
		t.Run("with the loop"+loop, func(t *testing.T) { malformedEventsAreRefusedWithoutAWord(t, loop) })
	}
}

func malformedEventsAreRefusedWithoutAWord(t *testing.T, loop string) {
	onLambda, onSCF := runtimeapi.Start(t, function("lambda"+loop)), scfrpc.Start(t, function("scf"))
	want := answer{status: 400, body: badRequest, header: map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}}
	for name, events := range malformed {
		t.Run(name, func(t *testing.T) {
			if got := eventAnswer(t, invokeLambda(t, onLambda, []byte(events.lambda), patience)); !got.equal(want) {
				t.Errorf("lambda: %v", got)
			}
			if got := eventAnswer(t, invokeSCF(t, onSCF, []byte(events.scf), patience)); !got.equal(want) {
				t.Errorf("scf: %v", got)
			}
		})
	}
}

func TestMalformedRequestsAreRefusedByServeToo(t *testing.T) {
	t.Parallel()
	address := startServe(t, serve.Options{Addr: "127.0.0.1:0"})
	for name, tt := range map[string]struct{ request, status string }{
		"a good one":              {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200"},
		"an absolute URL":         {"GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "200"}, // RFC 9112: must be taken
		"a proxy's request":       {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
		"no path":                 {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
		"two hosts":               {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
		"a host with a path":      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
		"a NUL in a header":       {"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", "400"},
		"two lengths":             {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		"a body above 6 MB":       {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6291457\r\n\r\n", "413"},
		"a length that is hidden": {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "200"},
		"a chunk that is none":    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := raw(t, address, tt.request); got != tt.status {
				t.Errorf("%s, want %s", got, tt.status)
			}
		})
	}
}

// A chunked upload is read as it comes, up to what a gateway would let through.
func TestBodyOfUnknownLengthIsBounded(t *testing.T) {
	t.Parallel()
	address := startServe(t, serve.Options{Addr: "127.0.0.1:0"})
	for size, status := range map[int]int{5: 200, gateway.MaxPayload: 200, gateway.MaxPayload + 1: 413} {
		body := struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", size))} // hides its length from the client
		r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://"+address+"/length", body)
		r.ContentLength = -1
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := httpAnswer(t, response); got.status != status || status == 200 && !strings.HasPrefix(got.body, fmt.Sprintf("-1 %d ", size)) {
			t.Errorf("%d bytes: %v", size, got)
		}
	}
}

func TestEventsAndAnswersAboveTheLimitAreThePlatforms(t *testing.T) {
	t.Parallel()
	onLambda, onSCF := runtimeapi.Start(t, function("lambda")), scfrpc.Start(t, function("scf"))
	large := []byte(strings.Repeat("x", runtimeapi.Limit+1))
	if _, err := onLambda.Invoke(large, patience); !errors.Is(err, runtimeapi.ErrEventTooLarge) {
		t.Errorf("lambda: %v", err)
	}
	if _, err := onSCF.Invoke(large, patience); !errors.Is(err, scfrpc.ErrEventTooLarge) {
		t.Errorf("scf: %v", err)
	}
}

func TestTimers(t *testing.T) {
	t.Parallel()
	for _, loop := range lambdaLoops {
		t.Run("with the loop"+loop, func(t *testing.T) { timers(t, loop) })
	}
}

func timers(t *testing.T, loop string) {
	onLambda, onSCF := runtimeapi.Start(t, function("lambda"+loop)), scfrpc.Start(t, function("scf"))
	lambdaNamed := func(name string) string {
		return strings.Replace(string(fixture(t, "lambda-eventbridge-schedule")), "every-minute", name, 1)
	}
	scfNamed := func(name string) string {
		return strings.Replace(string(fixture(t, "scf-timer")), "every-minute", name, 1)
	}
	for _, name := range []string{"fails", "panics"} {
		result, err := onLambda.Invoke([]byte(lambdaNamed(name)), patience)
		if err != nil || !result.Failed || !strings.Contains(string(result.Payload), gateway.ErrTimerFailed.Error()) || strings.Contains(string(result.Payload), secret) {
			t.Errorf("lambda, %s: %v %s", name, err, result.Payload)
		}
		onTencent, err := onSCF.Invoke([]byte(scfNamed(name)), patience)
		if err != nil || onTencent.Error == nil || onTencent.Error.Message != gateway.ErrTimerFailed.Error() || len(onTencent.Error.StackTrace) > 0 {
			t.Errorf("scf, %s: %v %+v", name, err, onTencent.Error)
		}
	}
	invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-schedule"), patience)
	invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-scheduler"), patience)
	invokeSCF(t, onSCF, fixture(t, "scf-timer"), patience)
	// The work is due although the event says neither when nor by whom.
	invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-schedule-minimal"), patience)
	invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-scheduler-minimal"), patience)
	invokeSCF(t, onSCF, fixture(t, "scf-timer-minimal"), patience)

	tick := gateway.Tick{Name: "every-minute", Time: time.Date(2026, 11, 23, 1, 2, 0, 0, time.UTC)}
	ask := call{method: "GET", path: "/ticks"}
	checkTicks(t, eventAnswer(t, invokeLambda(t, onLambda, lambdaGateways[0].eventOf(t, ask), patience)), tick, tick, gateway.Tick{}, gateway.Tick{})
	tick.Message = "maintain"
	checkTicks(t, eventAnswer(t, invokeSCF(t, onSCF, scfGateways[0].eventOf(t, ask), patience)), tick, gateway.Tick{})

	if logs := onLambda.Log() + onSCF.Log(); strings.Contains(logs, secret) {
		t.Errorf("written: %s", logs)
	}
}

func checkTicks(t *testing.T, a answer, want ...gateway.Tick) {
	t.Helper()
	var got []gateway.Tick
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got) != len(want) {
		t.Fatalf("%v: %s", err, a.body)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("tick %+v, want %+v", got[i], want[i])
		}
	}
}
