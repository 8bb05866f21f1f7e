package api

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// handedOver lets the timer make the last export of an enterprise that was closed, and
// returns its id.
func (h *house) handedOver() string {
	h.t.Helper()
	h.tick(h.t) // it is ordered
	h.pass(time.Minute)
	h.tick(h.t) // it is made, once all is in the log
	list := items(h.do(h.t, "GET", "/v1/exports?limit=200", h.auditor, nil).ok(200))
	last := list[len(list)-1]
	if last["last"] != true || last["state"] != "ready" {
		h.t.Fatalf("the last export is %v", last)
	}
	return text(last, "id")
}

func (h *house) closed() {
	h.t.Helper()
	h.do(h.t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
}

// Nobody has to think of it: the enterprise is told that its records are there to be
// fetched, all of them and with the ids of its people.
func TestD15_AClosedEnterpriseGetsItsLastExportByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	q := h.agreed()
	h.told(c, secret)
	h.closed()
	if types, _ := h.told(c, secret); !slices.Contains(types, "enterprise.closing") {
		t.Errorf("told %v", types)
	}
	id := h.handedOver()
	q.takesBack().ok(200) // people can, as long as they are known
	_, data := h.told(c, secret)
	if got := data["export.ready"]; got["export"] != id || got["last"] != true {
		t.Errorf("told %v", got)
	}
	e := h.do(t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200)
	if e["identifiers"] != "subjects" || e["reason"] != "end_of_service" || e["made_by"] != nil || e["from"] != nil || e["purposes"] != nil {
		t.Errorf("the export is %v", e)
	}
	b := h.fetched(id)
	b.holdsTogether(h)
	lines := h.lines()
	if got := b.lines("records.ndjson"); b.manifest["complete"] != true || len(b.manifest["filter"].(object)) > 0 || !slices.Equal(got, lines[:len(got)]) {
		t.Errorf("it is not the beginning of the log: %v", b.manifest)
	}
	if last := b.lines("records.ndjson"); !strings.Contains(last[len(last)-1], `"export.made"`) || !strings.Contains(b.files["instructions.csv"], ",enterprise.closed,") {
		t.Errorf("it ends with %s", last[len(last)-1])
	}
	if !b.mentions(p.subject) || !b.mentions(q.subject) {
		t.Error("its people cannot be told from it")
	}
	list := items(h.do(t, "GET", "/v1/access?"+h.span(time.Hour, time.Hour), h.admin, nil).ok(200))
	i := slices.IndexFunc(list, func(x object) bool { return x["type"] == "export.made" && x["export"] == id })
	if i < 0 || list[i]["key"] != nil || list[i]["reason"] != "end_of_service" {
		t.Errorf("the accesses are %v", list)
	}
}

// A bundle goes after seven days, and there is another one, until the enterprise says that
// it has its records; and what counts is what can be fetched then.
func TestD15_ALastExportIsMadeAgainUntilItIsAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	h.agreed()
	h.closed()
	acknowledge := func(export string) reply {
		return h.do(t, "POST", "/v1/closing/acknowledge", h.admin, object{"export": export})
	}
	first := h.handedOver()
	byHand := h.export(nil)
	w.pass(7*24*time.Hour + time.Minute)
	h.do(t, "POST", "/v1/closing/acknowledge", h.admin, nil).refused(409, "last-export-not-ready")
	w.tick(t) // the first goes
	second := h.handedOver()
	if second == first {
		t.Fatal("there is no other one")
	}
	h.fetched(second)
	h.writesNothing(func() {
		acknowledge(byHand).refused(422, "invalid-value")
		acknowledge(nobodys).refused(422, "invalid-value")
	})
	acknowledge(first).refused(409, "last-export-not-ready") // nobody may have fetched it
	if v := acknowledge(second).ok(200); v["acknowledged_at"] == nil {
		t.Errorf("the end is %v", v)
	}
	if said := h.recordsOf("enterprise.acknowledged"); len(said) != 1 || said[0]["export"] != second {
		t.Errorf("acknowledged is %v", said)
	}
	w.pass(8 * 24 * time.Hour)
	w.tick(t)
	w.tick(t)
	if made := h.recordsOf("export.made"); len(made) != 3 {
		t.Errorf("%d exports were made", len(made))
	}
}

// An enterprise that nobody audited gets a key for what it takes along, and no other.
func TestD15_AKeyTakesTheRecordsAlong(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.agreed()
	h.closed()
	id := h.handedOver()
	late := h.key("auditor", "Zhao Min, at the end")
	if r := h.do(t, "GET", "/v1/exports/"+id+"/bundle", text(late, "key"), nil); r.status != 200 {
		t.Errorf("it is answered %d: %s", r.status, r.body)
	}
}
