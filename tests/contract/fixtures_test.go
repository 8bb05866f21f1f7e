package contract

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
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
	bare   bool // it names neither host nor client
}{
	{"a POST", call{method: "POST", path: "/v1/consent", header: posting, body: consent}, "",
		everyTrigger, false},
	{"its body in base64", call{method: "POST", path: "/v1/consent", header: posting, body: consent}, "-base64-body",
		everyTrigger, false},
	{"a large body", call{method: "POST", path: "/length", header: http.Header{"Content-Type": {"text/plain"}}, body: fiveMB}, "-large-body",
		[]string{"lambda-function-url", "lambda-http-api-v2", "scf-function-url"}, false},
	{"as large a body as a balancer lets through", call{method: "POST", path: "/length", body: fiveMB[:960<<10]}, "-large-body",
		[]string{"lambda-alb", "lambda-alb-multivalue"}, false},
	{"a large body in base64", call{method: "POST", path: "/length", body: strings.Repeat("ABC", 5<<20/4)}, "-large-base64-body",
		[]string{"lambda-function-url", "lambda-http-api-v2"}, false},
	{"a Chinese query", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query",
		everyTrigger, false},
	{"a Chinese query, not decoded", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query-encoded",
		[]string{"scf-function-url"}, false},
	{"a Chinese query, in one piece", call{method: "GET", path: "/v1/sessions", header: reading, query: chineseQuery}, "-chinese-query-string",
		[]string{"scf-function-url"}, false},
	{"a Chinese path", call{method: "GET", path: chinesePath, header: reading}, "-chinese-path",
		everyTrigger, false},
	{"a Chinese path, not decoded", call{method: "GET", path: chinesePath, header: reading}, "-chinese-path-encoded",
		[]string{"scf-function-url"}, false},
	{"several values", severalValues, "-multi-values",
		[]string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb-multivalue", "scf-function-url"}, false},
	{"several values, joined", severalValues, "-multi-values-joined",
		[]string{"scf-function-url"}, false},
	{"the last of several values", call{method: "GET", path: "/v1/requests", query: "kind=delete&open=", header: http.Header{
		"Accept": {"application/json"}, "X-Echo-List": {"two"}, "Cookie": {"b=2"}}}, "-multi-values",
		[]string{"lambda-alb"}, false},
	{"the least", call{method: "GET", path: "/"}, "-minimal", everyTrigger, true},
	{"the least, and null for the rest", call{method: "GET", path: "/"}, "-nulls", everyTrigger, true},
}

// everyTrigger is each that sends requests.
var everyTrigger = []string{"lambda-function-url", "lambda-http-api-v2", "lambda-alb", "lambda-alb-multivalue", "scf-function-url"}

var severalValues = call{method: "GET", path: "/v1/requests", query: "kind=copy&kind=delete&open=", header: http.Header{
	"Accept": {"application/json"}, "X-Echo-List": {"one", "two"}, "Cookie": {"a=1", "b=2"}}}

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
				if tt.bare {
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
	var used []string
	for _, timer := range []string{"lambda-eventbridge-schedule", "lambda-eventbridge-scheduler", "scf-timer"} { // TestTimers
		used = append(used, timer, timer+"-minimal")
	}
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

// A fixture is no more than somebody's idea of an event if nobody can say where its shape
// is from, or what it is for.
func TestEveryFixtureIsExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "events", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var sources, endings []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \|.*\|$`).FindAllStringSubmatch(string(text), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			if ending := name[1]; strings.HasPrefix(ending, "-") {
				endings = append(endings, ending)
			} else {
				sources = append(sources, strings.TrimSuffix(ending, "*"))
			}
		}
	}
	slices.Sort(sources)
	slices.Reverse(sources) // the longer name first: lambda-alb-multivalue before lambda-alb
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var met []string
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		from := slices.IndexFunc(sources, func(source string) bool { return strings.HasPrefix(name, source) })
		if from < 0 {
			t.Errorf("events/README.md has no source of %s", name)
			continue
		}
		ending := strings.TrimPrefix(name, sources[from])
		if ending != "" && !slices.Contains(endings, ending) {
			t.Errorf("events/README.md does not say what %s is about", name)
		}
		met = append(met, sources[from], ending)
	}
	for _, told := range append(sources, endings...) {
		if !slices.Contains(met, told) {
			t.Errorf("events/README.md tells of %s, which is not there", told)
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
