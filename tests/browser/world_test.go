package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/cmd/nod/demo"
	"nod/cmd/nod/demo/lms"
	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face/localapi"
	"nod/shared/runtime/serve"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

// world is a running Nod with the embedded face API and a learning platform.
type world struct {
	nod    *boot.Nod
	base   string
	lms    *lms.Server
	tenant demo.Tenant
	offset atomic.Int64 // of Nod's clock
	face   *faceAPI
	door   *door
}

// shared is one world for the tests that let no time pass and change nothing for others.
var shared = sync.OnceValue(func() *world { return newWorld(nil, domain.Live) })

// newWorld starts a world; t is nil for one that lasts as long as the tests do.
func newWorld(t testing.TB, mode domain.Mode) *world { return newWorldWith(t, mode, "") }

// newWorldWith is newWorld with a place for objects; empty for a folder of its own.
func newWorldWith(t testing.TB, mode domain.Mode, objects string) *world {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &world{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	w.base = "http://" + listener.Addr().String()
	w.face = newFaceAPI()
	data, err := vault.NewDataKey()
	must(err)
	dir := ""
	if t != nil {
		dir = t.TempDir()
	} else {
		dir = browsers.folder()
	}
	if objects == "" {
		objects = "file:" + filepath.Join(dir, "objects")
	}
	w.nod, err = boot.NewWith(boot.Options{ClockOffset: func() time.Duration { return time.Duration(w.offset.Load()) }}, config.Config{
		PublicURL: w.base, DB: config.Secret("sqlite:" + filepath.Join(dir, "nod.db")), Connections: 4, Region: "ap-guangzhou",
		FaceEndpoint: w.face.server.URL, FaceID: "id", FaceKey: "key", FaceTimeout: config.Duration(time.Minute), FaceRate: 50, // on a busy machine
		FaceIDRule:   hostedRule,
		OperatorKey:  config.Secret(domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()),
		AssertionKey: config.Secret(vault.RandomKey()), DataKey: config.Secret(data), IndexKey: config.Secret(vault.RandomKey()),
		DomainFiles: config.Files{"WW_verify_abc123.txt": "abc123"},
		Checkpoints: config.Secret(vault.RandomKey()), PromiseKey: config.Secret(vault.RandomKey()), Objects: objects, ObjectsID: "id", ObjectsKey: "key",
	}, io.Discard, boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising)
	must(err)
	_, err = migrate.Up(ctx, w.nod.Store)
	must(err)
	w.door = &door{next: w.nod.All()}
	ended := make(chan error, 1)
	go func() { ended <- w.nod.Serve(ctx, w.door, serve.Options{Listener: listener}) }()

	platform, err := lms.Listen("127.0.0.1:0")
	must(err)
	origin := "http://" + platform.Addr().String()
	w.tenant, err = demo.Enter(ctx, demo.Client{Base: w.base}, string(w.nod.Config.OperatorKey), origin, mode)
	must(err)
	w.lms = lms.Serve(ctx, platform, lms.Nod{URL: w.base, Key: w.tenant.Integrator, Enterprise: w.tenant.Enterprise, Mode: string(mode)})
	end := func() {
		stop()
		<-ended
		_ = w.nod.Store.Close()
		w.face.server.Close()
	}
	if t == nil {
		browsers.atTheEnd(end)
	} else {
		t.Cleanup(end)
	}
	return w
}

// pass lets Nod's time pass.
func (w *world) pass(d time.Duration) { w.offset.Add(int64(d)) }

// faceAPI is the embedded face API behind a door that can be told to answer otherwise.
type faceAPI struct {
	server *httptest.Server
	mu     sync.Mutex
	next   []string // codes to answer in the place of it, one after the other
	hold   chan struct{}
	asked  chan struct{}
}

// hostedRule names the business flow of the vendor's hosted page.
const hostedRule = "1"

func newFaceAPI() *faceAPI {
	api, err := localapi.New(localapi.Options{SecretID: "id", SecretKey: "key", RuleID: hostedRule})
	if err != nil {
		panic(err)
	}
	inner := httptest.NewServer(api)
	at, _ := url.Parse(inner.URL)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Host = r.In.Host // it is signed
	}}
	f := &faceAPI{}
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		code := ""
		if len(f.next) > 0 {
			code, f.next = f.next[0], f.next[1:]
		}
		hold := f.hold
		f.mu.Unlock()
		if hold != nil {
			f.asked <- struct{}{}
			<-hold
		}
		if code == "" {
			proxy.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"Response":{"Error":{"Code":%q,"Message":"x"},"RequestId":"r"}}`, code)
	}))
	return f
}

// answers has the next calls answered with error codes of the vendor's.
func (f *faceAPI) answers(codes ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = append(f.next, codes...)
}

// holds has calls wait until they are released; asked tells that one does.
func (f *faceAPI) holds() (asked <-chan struct{}, release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hold := make(chan struct{})
	f.hold, f.asked = hold, make(chan struct{}, 9)
	return f.asked, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hold = nil
		close(hold)
	}
}

// door stands before Nod: it can be shut, lose a file of the page, and alter an answer.
type door struct {
	next  http.Handler
	shut  atomic.Bool
	loses atomic.Pointer[string] // the end of a path
	alter atomic.Pointer[func(path string, body []byte) []byte]
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	alter, lost := d.alter.Load(), d.loses.Load()
	switch {
	case lost != nil && strings.HasSuffix(r.URL.Path, *lost):
		w.WriteHeader(http.StatusServiceUnavailable)
	case d.shut.Load() && strings.HasPrefix(r.URL.Path, "/v1/"):
		w.WriteHeader(http.StatusServiceUnavailable)
	case alter != nil && strings.HasPrefix(r.URL.Path, "/v1/"):
		rec := httptest.NewRecorder()
		d.next.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		body := (*alter)(r.URL.Path, rec.Body.Bytes())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	default:
		d.next.ServeHTTP(w, r)
	}
}

type object = map[string]any

// call calls Nod with a key.
func (w *world) call(t testing.TB, method, path, key string, body any) object {
	t.Helper()
	var payload bytes.Buffer
	if body != nil {
		_ = json.NewEncoder(&payload).Encode(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, w.base+path, &payload)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + key}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var v object
	_ = json.NewDecoder(resp.Body).Decode(&v)
	if resp.StatusCode >= 400 {
		t.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, v)
	}
	return v
}

var people atomic.Int64

// visit is one session of somebody.
type visit struct {
	*world
	t       testing.TB
	subject string
	id, url string
}

// visitor is somebody new for whom a session is opened; edits change the request.
func (w *world) visitor(t testing.TB, edits ...func(object)) *visit {
	t.Helper()
	return w.visits(t, fmt.Sprintf("emp-%d", 5000+people.Add(1)), edits...)
}

func (w *world) visits(t testing.TB, subject string, edits ...func(object)) *visit {
	t.Helper()
	request := object{"kind": "check", "purpose": "exam", "route": "photo", "subject": subject, "age_group": "adult",
		"resource": "exam/1", "reference": object{"photo_url": w.lms.Origin() + "/photos/collins.png"}, "locale": "en",
		"return_url": w.lms.Origin() + "/exam?x=1"}
	for _, edit := range edits {
		edit(request)
	}
	made := w.call(t, "POST", "/v1/sessions", w.tenant.Integrator, request)
	return &visit{w, t, subject, made["id"].(string), made["page_url"].(string)}
}

func asking(r object) {
	r["kind"] = "consent"
	delete(r, "reference")
	delete(r, "route")
	delete(r, "resource")
}

// records are the lines of the log about the session that hold a word.
func (v *visit) records(word string) (list []string) {
	v.t.Helper()
	lines, err := v.nod.Store.Tenant(domain.ID(v.tenant.Enterprise)).Records(v.t.Context(), "", "", 5000)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, line := range lines {
		if strings.Contains(line, word) && strings.Contains(line, v.id) {
			list = append(list, line)
		}
	}
	return list
}

// seen is the session as its platform sees it.
func (v *visit) seen() object {
	v.t.Helper()
	return v.call(v.t, "GET", "/v1/sessions/"+v.id, v.tenant.Integrator, nil)
}

// is checks what the platform sees.
func (v *visit) is(state string) {
	v.t.Helper()
	if got := v.seen()["state"]; got != state {
		v.t.Errorf("the session is %v, want %s", got, state)
	}
}
