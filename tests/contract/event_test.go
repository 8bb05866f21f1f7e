package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// A gateway makes an event of a call, as the platform does. The fixture of the same
// name gives everything that is not of the call.
type gatewayKind struct {
	name  string
	multi bool // passes several values of one header on
	event func(fixture map[string]any, c call)
}

var lambdaGateways = []gatewayKind{
	{"lambda-function-url", true, payload2Event},
	{"lambda-http-api-v2", true, payload2Event},
	{"lambda-alb", false, balancerEvent},
	{"lambda-alb-multivalue", true, balancerMultiEvent},
}

var scfGateways = []gatewayKind{{"scf-function-url", true, scfEvent}}

func (g gatewayKind) eventOf(t *testing.T, c call) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(fixture(t, g.name), &event); err != nil {
		t.Fatal(err)
	}
	g.event(event, c)
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return repeated.ReplaceAllFunc(data, func(marker []byte) []byte {
		parts := repeated.FindSubmatch(marker)
		times, err := strconv.Atoi(string(parts[2]))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Repeat(parts[1], times)
	})
}

// repeated stands for a large text in a fixture: what is repeated, and how often.
var repeated = regexp.MustCompile(`<(\w+) x (\d+)>`)

func payload2Event(e map[string]any, c call) {
	e["rawPath"], e["rawQueryString"] = c.path, c.query
	header := joined(c.header)
	delete(header, "cookie")
	e["headers"] = header
	if cookies := c.header["Cookie"]; len(cookies) > 0 {
		e["cookies"] = cookies
	}
	http := e["requestContext"].(map[string]any)["http"].(map[string]any)
	http["method"], http["path"] = c.method, c.path
	e["body"], e["isBase64Encoded"] = bodyOf(c)
}

func balancerEvent(e map[string]any, c call) {
	e["httpMethod"], e["path"] = c.method, c.path
	header, query := joined(c.header), map[string]string{}
	header["x-forwarded-for"] = "203.0.113.7"
	for name, values := range undecoded(c.query) {
		query[name] = values[len(values)-1] // the balancer keeps the last
	}
	e["headers"], e["queryStringParameters"] = header, query
	e["body"], e["isBase64Encoded"] = bodyOf(c)
}

func balancerMultiEvent(e map[string]any, c call) {
	e["httpMethod"], e["path"] = c.method, c.path
	header := map[string][]string{"x-forwarded-for": {"203.0.113.7"}, "host": {host}}
	for name, values := range c.header {
		header[strings.ToLower(name)] = values
	}
	e["multiValueHeaders"], e["multiValueQueryStringParameters"] = header, undecoded(c.query)
	e["body"], e["isBase64Encoded"] = bodyOf(c)
}

func scfEvent(e map[string]any, c call) {
	e["httpMethod"], e["path"] = c.method, c.path
	header := map[string]any{"connection": "keep-alive", "x-scf-remote-addr": "203.0.113.7"}
	for name, value := range joined(c.header) {
		header[name] = value
	}
	query, _ := url.ParseQuery(c.query)
	parts := map[string]any{}
	for name, values := range query {
		parts[name] = values
		if len(values) == 1 {
			parts[name] = values[0]
		}
	}
	e["headers"], e["queryString"] = header, parts
	e["body"] = c.body
}

func bodyOf(c call) (string, bool) {
	if utf8.ValidString(c.body) {
		return c.body, false
	}
	return base64.StdEncoding.EncodeToString([]byte(c.body)), true
}

// joined is a header as most gateways hand it over: lower case, one value a name.
func joined(header http.Header) map[string]string {
	one := map[string]string{"host": host}
	for name, values := range header {
		separator := ","
		if name == "Cookie" {
			separator = "; "
		}
		one[strings.ToLower(name)] = strings.Join(values, separator)
	}
	return one
}

// undecoded takes a query apart and leaves its encoding alone.
func undecoded(query string) map[string][]string {
	parts := map[string][]string{}
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			parts[name] = append(parts[name], value)
		}
	}
	return parts
}
