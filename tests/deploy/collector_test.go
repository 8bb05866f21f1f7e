package deploy

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
)

// collector takes the functions' traces.
type collector struct {
	url string
	mu  sync.Mutex
	got bytes.Buffer
}

func newCollector(t testing.TB) *collector {
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		message, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got.Write(message)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// all is what has come so far.
func (c *collector) all() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got.Bytes())
}

// traced holds that functions sent their spans before they answered: they are not asked for
// anything any more, and a cloud would have frozen them.
func (c *cloud) traced(functions ...string) {
	c.t.Helper()
	for _, name := range functions {
		if !bytes.Contains(c.collector.all(), []byte(`"nod-`+name+`"`)) {
			c.t.Errorf("%s has sent no trace", name)
		}
		line := regexp.MustCompile(`"msg":"call","function":"` + name + `".*"platform_request_id":"[^"]+","trace_id":"[0-9a-f]{32}"`)
		if !slices.ContainsFunc(c.secrets.logs, func(log func() string) bool { return line.MatchString(log()) }) {
			c.t.Errorf("%s has logged no call with the platform's id and the trace's", name)
		}
	}
	for _, told := range []string{`"POST /v1/verify"`, `"faas.invocation_id"`, `"pass"`, `"consent-withdrawn"`} {
		if !bytes.Contains(c.collector.all(), []byte(told)) {
			c.t.Errorf("no trace tells of %s", told)
		}
	}
}
