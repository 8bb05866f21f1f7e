package contract

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf/scfrpc"
)

const consent = `{"decision":"granted","locale":"zh-CN","note":"我同意 <人脸识别> & \"核验\""}`

var (
	reading = http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer made-up-token"}}
	posting = http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer made-up-token"},
		"Content-Type": {"application/json"}, "Idempotency-Key": {"5f0c-made-up"}}
)

// fixtures are the requests that the files in events/ tell of, each in every
// platform's words. "scf-function-url" and "" make scf-function-url.json.
var fixtures = []struct {
	name   string
	call   call
	suffix string
	from   []string
}{
	{"a POST", call{method: "POST", path: "/v1/consent", header: posting, body: consent}, "",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb", "lambda-alb-multivalue", "scf-function-url"}},
	{"its body in base64", call{method: "POST", path: "/v1/consent", header: posting, body: consent}, "-base64-body",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb", "lambda-alb-multivalue"}},
	{"a Chinese query", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb", "lambda-alb-multivalue", "scf-function-url"}},
	{"a Chinese query, not decoded", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query-encoded",
		[]string{"scf-function-url"}},
	{"a Chinese query, in one piece", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query-string",
		[]string{"scf-function-url"}},
	{"a Chinese path", call{method: "GET", path: chinesePath, header: reading}, "-chinese-path",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb", "scf-function-url"}},
	{"a Chinese path, not decoded", call{method: "GET", path: chinesePath, header: reading}, "-chinese-path-encoded",
		[]string{"scf-function-url"}},
	{"several values", call{method: "GET", path: "/v1/requests", query: "kind=copy&kind=delete&open=", header: http.Header{
		"Accept": {"application/json"}, "X-Echo-List": {"one", "two"}, "Cookie": {"a=1", "b=2"}}}, "-multi-values",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb-multivalue", "scf-function-url"}},
	{"the least", call{method: "GET", path: "/"}, "-minimal",
		[]string{"lambda-function-url", "lambda-alb", "scf-function-url"}},
}

const (
	chineseQuery = "from=2026-01-01T00%3A00%3A00%2B08%3A00&resource=exam%2F2026%20%E7%A7%8B&subject=%E5%91%98%E5%B7%A5-%E5%BC%A0%E4%B8%89"
	chinesePath  = "/files/%E8%AF%81%E6%98%8E%20%E7%94%B2.json"
)

func TestFixturesAnswerAsNetHTTPDoes(t *testing.T) {
	t.Parallel()
	onServe := serveWay(t, patience)
	onLambda := runtimeapi.Start(t, function("lambda"))
	onSCF := scfrpc.Start(t, function("scf"))
	for _, tt := range fixtures {
		for _, from := range tt.from {
			t.Run(tt.name+" from "+from, func(t *testing.T) {
				want := onServe.do(t, tt.call)
				event := fixture(t, from+tt.suffix)
				var got answer
				if strings.HasPrefix(from, "scf") {
					got = eventAnswer(t, invokeSCF(t, onSCF, event, patience))
				} else {
					got = eventAnswer(t, invokeLambda(t, onLambda, event, patience))
				}
				client := "203.0.113.7"
				if tt.suffix == "-minimal" { // names neither host nor client
					client = ""
					want.body = strings.Replace(want.body, `"Host":"`+host+`"`, `"Host":""`, 1)
				}
				if !got.equal(want) || got.client != client {
					t.Errorf("got  %v\nwant %v", got, want)
				}
			})
		}
	}
}

func TestEveryFixtureIsUsed(t *testing.T) {
	t.Parallel()
	used := []string{"lambda-eventbridge-schedule", "lambda-eventbridge-scheduler", "scf-timer"} // TestTimers
	for _, tt := range fixtures {
		for _, from := range tt.from {
			used = append(used, from+tt.suffix)
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil || len(files) != len(used) {
		t.Errorf("%d files, %d used (%v)", len(files), len(used), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !slices.Contains(used, name) {
			t.Errorf("%s is not used", file)
		}
	}
}

func unescaped(t *testing.T, path string) string {
	t.Helper()
	plain, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func parsed(t *testing.T, query string) map[string][]string {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return values
}
