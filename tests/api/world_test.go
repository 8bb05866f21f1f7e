package api

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/runtime/serve"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

// world is a running Nod with everything around it. Tests that do not let time
// pass share one between their subtests, each with an enterprise of its own.
type world struct {
	nod      *boot.Nod
	base     string
	client   *http.Client
	vendor   *vendor
	operator string
	watch    *watch
	log      *journal
	traces   *journal     // what a collector was sent
	offset   atomic.Int64 // of the clock
	faces    *panicky
}

// setup is what a test may want to be otherwise.
type setup struct {
	db          string        // a DSN; SQLite in a folder of the test's own if empty
	faceTimeout time.Duration // ten seconds if zero
	faceRate    int
	nobodyWaits bool   // whatever the vendor says: those after a busy call are checked at once
	objects     string // where they are kept; a folder of the test's own if empty
	tsa         string // the address of a timestamp authority
	roots       []byte // that one's
}

// noQueue gives nobody a turn, and nobody needs one.
type noQueue struct{}

func (noQueue) Turn(context.Context, domain.ID, domain.Route, int, bool) (app.Wait, error) {
	return app.Wait{}, nil
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	if s.db == "" {
		s.db = "sqlite:" + filepath.Join(t.TempDir(), "nod.db")
	}
	if s.faceTimeout == 0 {
		s.faceTimeout = 10 * time.Second
	}
	if s.faceRate == 0 {
		s.faceRate = 50
	}
	if s.objects == "" {
		s.objects = "file:" + t.TempDir()
	}
	dataKey, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		vendor: newVendor(t), log: &journal{}, traces: &journal{}, watch: &watch{secrets: map[string]bool{vendorsWords: true}},
		operator: domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String(),
	}
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w.traces, r.Body)
		_, _ = io.WriteString(w.traces, "\n")
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.base = "http://" + listener.Addr().String()
	w.nod, err = boot.NewWith(boot.Options{ClockOffset: func() time.Duration { return time.Duration(w.offset.Load()) }}, config.Config{
		PublicURL: w.base, DB: config.Secret(s.db), Connections: 4, Region: "ap-guangzhou",
		FaceEndpoint: w.vendor.URL, FaceIDRule: "rule-of-nod", FaceID: "id-of-the-face-api", FaceKey: "key-of-the-face-api",
		FaceTimeout: config.Duration(s.faceTimeout), FaceRate: config.Count(s.faceRate), SlowScript: config.Duration(20 * time.Millisecond),
		OperatorKey: config.Secret(w.operator), AssertionKey: config.Secret(vault.RandomKey()),
		DataKey: config.Secret(dataKey), IndexKey: config.Secret(vault.RandomKey()),
		Checkpoints: config.Secret(vault.RandomKey()), PromiseKey: config.Secret(vault.RandomKey()), Objects: s.objects,
		TSA: config.Secret(s.tsa), TSARoots: s.roots, TSAEvery: config.Duration(time.Hour),
		Traces: collector.URL, TracesHeader: "authorization=key-of-the-collector",
		ObjectsID: "id-of-the-objects", ObjectsKey: "key-of-the-objects",
	}, w.log, boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising)
	if err != nil {
		t.Fatal(err)
	}
	w.faces = &panicky{w.nod.API.Checks.Face}
	w.nod.API.Checks.Face = w.faces
	if s.nobodyWaits {
		w.nod.API.Checks.Turns = func(domain.ID) app.Turns { return noQueue{} }
	}
	if _, err := migrate.Up(t.Context(), w.nod.Store); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.nod.Serve(ctx, w.nod.All(), serve.Options{Listener: listener}) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	w.client = &http.Client{Transport: checker{next: transport, watch: w.watch},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := w.nod.Store.Close(); err != nil {
			t.Error(err)
		}
		w.nod.API.Trace.Close()
		collector.Close()
		w.checkLog(t)
	})
	return w
}

// checkLog holds the whole log of the world, and its traces, against everything secret that
// its clients sent.
func (w *world) checkLog(t *testing.T) {
	for secret := range map[string]bool{"id-of-the-face-api": true, "key-of-the-face-api": true, "key-of-the-objects": true, "key-of-the-collector": true} {
		w.watch.add(secret)
	}
	for line := range bytes.Lines(w.log.all()) {
		if err := w.watch.find(line); err != nil {
			t.Errorf("the log holds %q: %.400s", err, line)
		}
		if !json.Valid(line) {
			t.Errorf("a line of the log is not JSON: %.400s", line)
		}
	}
	for message := range bytes.Lines(w.traces.all()) {
		if err := w.watch.find(message); err != nil {
			t.Errorf("the traces hold %q", err)
		}
	}
}

// pass lets time pass, for the database too.
func (w *world) pass(d time.Duration) { w.offset.Add(int64(d)) }

// journal is the log's writer.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) all() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.text.Bytes())
}

// panicky panics for photos that say so, with what it was given in the panic's value.
type panicky struct{ app.FaceAPI }

func (p *panicky) Compare(ctx context.Context, permit *domain.Permit, c domain.Comparison) domain.Outcome {
	if strings.HasSuffix(c.Reference.PhotoURL, "#panic") {
		panic(fmt.Sprintf("%s %s", c.Reference.PhotoURL, c.Capture.Base64()))
	}
	return p.FaceAPI.Compare(ctx, permit, c)
}

// house is an enterprise with all that a check needs, and the keys of its people.
type house struct {
	*world
	t                          *testing.T
	id                         string
	admin, integrator, auditor string
	delegation, notice         string
}

// body reads one of the bodies that cmd/nod/demo enters its enterprise with.
func body(t *testing.T, name string) (v object) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../cmd/nod/demo", name))
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// bare is an enterprise with keys, which has laid down nothing yet.
func (w *world) bare(t *testing.T, mode domain.Mode) *house {
	t.Helper()
	h := &house{world: w, t: t}
	profile := body(t, "enterprise.json")
	profile["mode"] = mode
	h.id = text(h.do(t, "POST", "/v1/enterprises", w.operator, profile).ok(201), "id")
	for role, key := range map[string]*string{"admin": &h.admin, "integrator": &h.integrator, "auditor": &h.auditor} {
		made := h.do(t, "POST", "/v1/enterprises/"+h.id+"/keys", w.operator, object{"role": role, "holder": "somebody's " + role})
		*key = text(made.ok(201), "key")
	}
	return h
}

// house is a live enterprise ready for exam checks.
func (w *world) house(t *testing.T) *house {
	t.Helper()
	h := w.bare(t, domain.Live)
	h.layDown()
	return h
}

// layDown gives the enterprise a delegation, a notice for exams, and settings.
func (h *house) layDown() {
	h.t.Helper()
	h.delegation = text(h.do(h.t, "POST", "/v1/delegations", h.admin, h.terms()).ok(201), "id")
	h.notice = text(h.do(h.t, "POST", "/v1/notices", h.admin, h.draft()).ok(201), "id")
	h.do(h.t, "PUT", "/v1/settings", h.admin, object{"face_service": true}).ok(200)
	h.set(nil)
}

// now is the present of the world, in whole seconds.
func (w *world) now() time.Time {
	return time.Now().Add(time.Duration(w.offset.Load())).UTC().Truncate(time.Second)
}

// terms are the body of a delegation in force for a year.
func (h *house) terms() object {
	terms := body(h.t, "delegation.json")
	terms["valid_from"], terms["valid_until"] = h.now().AddDate(0, 0, -1), h.now().AddDate(1, 0, 0)
	return terms
}

// draft is the body of a notice for exams, on the enterprise's delegation.
func (h *house) draft() object {
	draft := body(h.t, "notices/exam.json")
	draft["delegation_id"] = h.delegation
	return draft
}

// publish publishes the notice with an edit, and returns the answer.
func (h *house) publish(edit func(draft, facts object)) object {
	h.t.Helper()
	draft := h.draft()
	edit(draft, draft["facts"].(object))
	return h.do(h.t, "POST", "/v1/notices", h.admin, draft).ok(201)
}

// moreMaterial publishes a version that differs in whom to turn to.
func (h *house) moreMaterial() object {
	h.t.Helper()
	return h.publish(func(_, facts object) { facts["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"} })
}

// settings is the body of the exam settings.
func (h *house) settings() object {
	all := body(h.t, "settings.json")
	exam := all["purposes"].(object)["exam"].(object)
	assessment := exam["impact_assessment"].(object)
	assessment["date"] = h.now().AddDate(0, 0, -30).Format(time.DateOnly)
	assessment["valid_until"] = h.now().AddDate(1, 0, -30).Format(time.DateOnly)
	return exam
}

// set puts the exam settings, with an edit if one is given.
func (h *house) set(edit func(object)) object {
	h.t.Helper()
	exam := h.settings()
	if edit != nil {
		edit(exam)
	}
	return h.do(h.t, "PUT", "/v1/settings/exam", h.admin, exam).ok(200)
}

// records are the lines of the enterprise's log, in order, decoded.
func (h *house) records() (list []object) {
	h.t.Helper()
	lines, err := h.nod.Store.Tenant(domain.ID(h.id)).Records(h.t.Context(), "", "", 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, line := range lines {
		var r object
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// recordsOf are those of the types that start with a prefix.
func (h *house) recordsOf(prefix string) (list []object) {
	for _, r := range h.records() {
		if strings.HasPrefix(text(r, "type"), prefix) {
			list = append(list, r)
		}
	}
	return list
}

// dropped holds that the one comparison which was made came to nothing, and why.
func (h *house) dropped(why string) {
	h.t.Helper()
	outcomes := slices.DeleteFunc(h.recordsOf("check."), func(r object) bool { return text(r, "type") == "check.started" })
	if len(outcomes) != 1 || text(outcomes[0], "type") != "check.not_performed" || text(outcomes[0], "reason") != why {
		h.t.Errorf("the log has the outcomes %v, want one: not performed, %s", outcomes, why)
	}
}

// rows is everything that the database holds of the enterprise, as text.
func (h *house) rows() string {
	h.t.Helper()
	var b strings.Builder
	for table, column := range map[string]string{
		"enterprises": "id", "keys": "enterprise", "delegations": "enterprise", "agreement_files": "enterprise",
		"notices": "enterprise", "settings": "enterprise", "subjects": "enterprise", "sessions": "enterprise",
		"consents": "enterprise", "checks": "enterprise", "records": "enterprise", "answers": "realm",
		"requests": "enterprise", "request_proofs": "enterprise", "webhooks": "enterprise", "webhook_secrets": "enterprise", "logs": "enterprise", "log_tiles": "enterprise", "exports": "enterprise",
	} {
		list, err := h.table(table, column)
		if err != nil {
			h.t.Fatal(err)
		}
		slices.Sort(list)
		fmt.Fprintf(&b, "%s:\n%s\n", table, strings.Join(list, "\n"))
	}
	lines := strings.Split(b.String(), "\n")
	slices.Sort(lines) // the tables came in no order
	return strings.Join(lines, "\n")
}

func (h *house) table(table, column string) (list []string, err error) {
	err = h.nod.Store.Admin(func(db *sql.DB) error {
		// Nothing here comes from outside the test.
		rows, err := db.QueryContext(h.t.Context(), "SELECT * FROM "+table+" WHERE "+column+" = '"+h.id+"'") //nolint:gosec
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			list = append(list, fmt.Sprintf("%s %v", table, values))
		}
		return rows.Err()
	})
	return list, err
}

// writesNothing runs do and checks that it left the enterprise's rows as they were.
func (h *house) writesNothing(do func()) {
	h.t.Helper()
	before := h.rows()
	do()
	if after := h.rows(); after != before {
		h.t.Errorf("something was written:\n%s", added(before, after))
	}
}

func added(before, after string) string {
	old := strings.Split(before, "\n")
	var list []string
	for line := range strings.SplitSeq(after, "\n") {
		if !slices.Contains(old, line) {
			list = append(list, fmt.Sprintf("%.300s", line))
		}
	}
	return strings.Join(list, "\n")
}
