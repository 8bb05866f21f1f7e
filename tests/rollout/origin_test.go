package rollout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// origin is what all processes stand behind. It gives each call to one of those that are in
// place, by chance, and notes what that answers.
type origin struct {
	*httptest.Server

	mu      sync.Mutex
	places  []*place
	answers map[answer]int
	broken  []string // calls that had no answer
}

// place is a process that takes calls.
type place struct {
	*server
	proxy *httputil.ReverseProxy
	calls sync.WaitGroup // that it has
}

// answer is what a release said to a call.
type answer struct {
	release, call string
	status        int
	problem       string
}

func newOrigin(t *testing.T) *origin {
	o := &origin{answers: map[answer]int{}}
	o.Server = httptest.NewServer(o)
	t.Cleanup(func() { o.CloseClientConnections(); o.Close() })
	return o
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := o.one()
	defer p.calls.Done()
	p.proxy.ServeHTTP(w, r)
}

func (o *origin) one() *place {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.places[rand.IntN(len(o.places))]
	p.calls.Add(1)
	return p
}

// put has a process take calls.
func (o *origin) put(s *server) *place {
	p := &place{server: s, proxy: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: s.addr})}
	p.proxy.Transport = &http.Transport{DisableKeepAlives: true}
	p.proxy.ModifyResponse = func(r *http.Response) error { return o.note(s.release.name, r) }
	p.proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
		w.WriteHeader(http.StatusBadGateway)
		if r.Context().Err() == nil { // whoever asked is still there
			o.mu.Lock()
			defer o.mu.Unlock()
			o.broken = append(o.broken, fmt.Sprintf("%s %s at %s: %v", r.Method, r.URL.Path, s.release.name, err))
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.places = append(o.places, p)
	return p
}

// take has it take none any more, and waits until it has answered those that it has.
func (o *origin) take(p *place) {
	o.mu.Lock()
	o.places = slices.DeleteFunc(slices.Clone(o.places), func(other *place) bool { return other == p })
	o.mu.Unlock()
	p.calls.Wait()
}

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

func (o *origin) note(release string, r *http.Response) error {
	a := answer{release: release, call: r.Request.Method + " " + ids.ReplaceAllString(r.Request.URL.Path, "{id}"), status: r.StatusCode}
	if r.StatusCode >= 400 {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		var problem struct{ Type string }
		_ = json.Unmarshal(text, &problem) // what is no problem document shows by its status
		a.problem = strings.TrimPrefix(problem.Type, "/problems/")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers[a]++
	return nil
}

// counted is how often a release has answered each call well, and what else was answered.
func (o *origin) counted() (well map[string]map[string]int, otherwise map[answer]int, broken []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	well, otherwise = map[string]map[string]int{}, map[answer]int{}
	for a, n := range o.answers {
		if a.status >= 400 {
			otherwise[a] = n
			continue
		}
		if well[a.release] == nil {
			well[a.release] = map[string]int{}
		}
		well[a.release][a.call] += n
	}
	return well, otherwise, slices.Clone(o.broken)
}

// faults is what the processes in place say of what nobody foresaw.
func (o *origin) faults() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var b strings.Builder
	for _, p := range o.places {
		if said := p.faults(); said != "" {
			fmt.Fprintf(&b, "%s says:\n%.1500s", p.release.name, said)
		}
	}
	return b.String()
}

// summary tells who answered what.
func (o *origin) summary() string {
	well, otherwise, _ := o.counted()
	var b strings.Builder
	for _, release := range slices.Sorted(maps.Keys(well)) {
		for _, call := range slices.Sorted(maps.Keys(well[release])) {
			fmt.Fprintf(&b, "%-5s %6d  %s\n", release, well[release][call], call)
		}
	}
	for a, n := range otherwise {
		fmt.Fprintf(&b, "%-5s %6d  %s: %d %s\n", a.release, n, a.call, a.status, a.problem)
	}
	return b.String()
}
