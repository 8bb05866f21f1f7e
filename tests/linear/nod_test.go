package linear

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

type object = map[string]any

// world is an enterprise at a Nod of one or more instances, which share a database and
// nothing else.
type world struct {
	t          *testing.T
	history    history
	instances  []http.Handler
	nod        *boot.Nod // the first instance
	faces      *faces
	enterprise string
	keys       map[string]string // by role
	delegation [roomForDelegations]string
	sessions   struct {
		sync.Mutex
		made int
		of   [roomForPeople][]*page // newest last

		receipts [roomForPeople][]receipt // newest last
	}
}

// receipt is the one of a grant, and the code that it carries.
type receipt struct{ consent, code string }

// page is a session as its person has it open.
type page struct {
	number, person int
	id, token      string
	over           atomic.Bool // it takes nothing more
}

// tampering breaks the gate of an instance on purpose.
type tampering func(func(domain.ID) app.Moments) func(domain.ID) app.Moments

// newWorld founds an enterprise with so many delegations.
func newWorld(t *testing.T, dsn string, instances, delegations int, tamper tampering) *world {
	t.Helper()
	w := &world{t: t, faces: &faces{under: map[string]*comparison{}}, keys: map[string]string{}}
	c := config.Config{
		PublicURL: "http://127.0.0.1:8080", DB: config.Secret(dsn), Connections: 8, Region: "ap-guangzhou",
		FaceTimeout: config.Duration(time.Minute), FaceRate: 50, AssertionKey: config.Secret(vault.RandomKey()), IndexKey: config.Secret(vault.RandomKey()),
		OperatorKey: config.Secret(domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()),
	}
	dataKey, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	c.DataKey = config.Secret(dataKey)
	w.keys["operator"] = string(c.OperatorKey)
	for range instances {
		n, err := boot.NewWith(boot.Options{}, c, io.Discard, boot.Signing, boot.Operator)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := n.Store.Close(); err != nil {
				t.Error(err)
			}
		})
		if w.nod == nil {
			w.nod = n
			if _, err := migrate.Up(t.Context(), n.Store); err != nil {
				t.Fatal(err)
			}
		}
		n.API.Checks.Face = w.faces
		if tamper != nil {
			n.API.Checks.Tenant = tamper(n.API.Checks.Tenant)
		}
		w.instances = append(w.instances, n.All())
	}
	w.found(delegations)
	return w
}

// onSQLite is the database of a test's own.
func onSQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "nod.db") }

// reply is an answer.
type reply struct {
	status int
	body   object
}

// send makes a call at one of the instances.
func (w *world) send(instance int, method, path, bearer string, body any) reply {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		payload = bytes.NewReader(b)
	}
	r := httptest.NewRequest(method, path, payload).WithContext(w.t.Context())
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer := httptest.NewRecorder()
	w.instances[instance%len(w.instances)].ServeHTTP(answer, r)
	v := object{}
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
		w.t.Errorf("%s %s: %v: %.300s", method, path, err, answer.Body)
	}
	return reply{answer.Code, v}
}

// must is send where anything but success ends the test.
func (w *world) must(method, path, bearer string, body any) object {
	w.t.Helper()
	r := w.send(0, method, path, bearer, body)
	if r.status >= 300 {
		w.t.Fatalf("%s %s: %d %v", method, path, r.status, r.body)
	}
	return r.body
}

// refused is the problem's slug, or empty.
func (r reply) refused() string {
	if r.status < 300 {
		return ""
	}
	kind, _ := r.body["type"].(string)
	return strings.TrimPrefix(kind, "/problems/")
}

// text finds a string in an answer.
func (r reply) text(path ...string) string {
	var v any = r.body
	for _, name := range path {
		o, _ := v.(object)
		v = o[name]
	}
	s, _ := v.(string)
	return s
}

func (r reply) number(path ...string) int {
	var v any = r.body
	for _, name := range path {
		o, _ := v.(object)
		v = o[name]
	}
	n, _ := v.(float64)
	return int(n)
}

func both(text string) object { return object{"zh-CN": text, "en": text} }

// found lays down what an exam check needs.
func (w *world) found(delegations int) {
	w.t.Helper()
	w.enterprise = w.must("POST", "/v1/enterprises", w.keys["operator"], object{
		"name": both("Example"), "time_zone": "Asia/Shanghai", "mode": "live",
		"contact":       object{"officer": "officer", "email": "privacy@example.com", "phone": "+86 755 0000 0000", "address": "Shenzhen"},
		"frame_origins": []string{"https://lms.example.com"}, "return_origins": []string{"https://lms.example.com"},
	})["id"].(string)
	for _, role := range []string{"admin", "integrator"} {
		w.keys[role] = w.must("POST", "/v1/enterprises/"+w.enterprise+"/keys", w.keys["operator"], object{"role": role, "holder": role})["key"].(string)
	}
	now := time.Now().UTC()
	for i := range delegations {
		w.delegation[i] = w.must("POST", "/v1/delegations", w.keys["admin"], object{
			"agreement_ref": fmt.Sprint("agreement ", i), "agreement_sha256": strings.Repeat("a1", 32), "handler": "enterprise",
			"purposes": []string{"exam"}, "routes": []string{"photo"}, "data_kinds": domain.KindsFor(domain.Photo),
			"safeguards": "safe", "duties": "duties", "supervision": "yearly", "return_and_deletion": "deleted",
			"subprocessors": theVendor, "instructed_by": "admin",
			"valid_from": now.AddDate(0, 0, -1), "valid_until": now.AddDate(1, 0, 0),
		})["id"].(string)
	}
	w.must("POST", "/v1/notices", w.keys["admin"], w.draft(0, 0, false))
	w.must("PUT", "/v1/settings", w.keys["admin"], object{"face_service": true})
	w.must("PUT", "/v1/settings/exam", w.keys["admin"], settings(true))
}

var theVendor = []object{{"name": "the vendor", "contact": "vendor@example.com", "route": "photo"}}

func (w *world) draft(contact, delegation int, raised bool) object {
	words := object{"title": "title", "summary": "summary", "body": "body", "agree": "I agree", "alternative": "at the desk"}
	return object{
		"purpose": "exam", "audience": "adult", "delegation_id": w.delegation[delegation], "material": raised,
		"facts": object{
			"routes": []string{"photo"}, "liveness": false, "recipients": theVendor, "data_kinds": domain.KindsFor(domain.Photo),
			"retention_days": domain.LeastRetentionDays, "consent_days": 365, "necessity": both("necessary"), "impact": both("small"),
			"rights": both("all"), "contact": both(fmt.Sprint("officer ", contact)),
		},
		"contents": object{"zh-CN": words, "en": words},
	}
}

func settings(on bool) object {
	today := time.Now()
	return object{
		"enabled": on, "false_accept": "1e-4", "photo_input": false, "no_coercion_declared": true, "stored_faces_declared": 0,
		"impact_assessment": object{
			"ref": "PIA", "date": today.AddDate(0, 0, -2).Format(time.DateOnly), "valid_until": today.AddDate(1, 0, 0).Format(time.DateOnly),
			"outcome": "acceptable", "high_risk": false, "sha256": strings.Repeat("b2", 32),
		},
	}
}

// chains reads the log: the lines about each person, in order.
func (w *world) chains() (list [][]string) {
	w.t.Helper()
	tenant := w.nod.Store.Tenant(domain.ID(w.enterprise))
	all, err := tenant.Records(w.t.Context(), "", "", 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	people := map[string]bool{}
	for _, text := range all {
		var r struct{ Subject string }
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			w.t.Fatal(err)
		}
		people[r.Subject] = r.Subject != ""
	}
	for _, subject := range slices.Sorted(maps.Keys(people)) {
		if people[subject] {
			lines, next, err := tenant.Chain(w.t.Context(), subject, 0, 10_000)
			if err != nil || next != 0 {
				w.t.Fatal(next, err)
			}
			var texts []string
			for _, l := range lines {
				texts = append(texts, l.Line)
			}
			list = append(list, texts)
		}
	}
	return list
}

// faces is the face API: it says what the test wants, and tells when it was called. So a
// check is two calls of the history, the gate up to here and the outcome from here on.
type faces struct {
	mu    sync.Mutex
	under map[string]*comparison // by attempt
}

type comparison struct {
	result    string // pass, fail or a problem's slug
	entered   func() // told before the comparison is made
	returned  func()
	meanwhile func() // what happens while it is made
}

func (f *faces) expect(attempt string, c *comparison) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under[attempt] = c
}

// Compare is app.FaceAPI's.
func (f *faces) Compare(ctx context.Context, p *domain.Permit, _ domain.Comparison) domain.Outcome {
	f.mu.Lock()
	c := f.under[p.Attempt()]
	f.mu.Unlock()
	c.entered()
	defer c.returned()
	_, cancel, err := p.Spend(ctx, domain.Photo)
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	if c.meanwhile != nil {
		c.meanwhile()
	}
	switch c.result {
	case "pass", "fail":
		return domain.Outcome{Result: domain.Result(c.result)}
	}
	return domain.Inconclusive(domain.Reason(c.result))
}

// Visit is app.FaceAPI's; nobody is sent to the vendor's page here.
func (f *faces) Visit(context.Context, *domain.Permit, domain.Comparison, string) (domain.Visit, domain.Outcome) {
	panic("linear: nobody goes to the vendor's page")
}

// Collect is app.FaceAPI's.
func (f *faces) Collect(context.Context, *domain.Permit, domain.Comparison) domain.Outcome {
	panic("linear: nobody was at the vendor's page")
}

// picture is a small JPEG; nobody looks at it.
var picture = sync.OnceValue(func() string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 80, 96)), nil); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
})
