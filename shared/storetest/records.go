package storetest

import (
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

var records = map[string]func(*testing.T, opener){
	"a line is stored exactly as it was sealed": linesAsSealed,
	"a person's Records are one chain":          oneChain,
	"Records about nobody follow none":          enterpriseRecords,
}

func linesAsSealed(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-3")
	var sealed []ledger.Entry
	for _, rule := range []func(*domain.Moment) error{
		p.deciding(domain.Granted), // shown and granted
		func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("a-1")); return err },
		func(m *domain.Moment) error { return m.Conclude("a-1", failed) },
		func(m *domain.Moment) error { return m.Withdraw("session") },
	} {
		entries, err := p.update(rule)
		h.must(err)
		sealed = append(sealed, entries...)
	}
	chain := p.chain()
	if len(chain) != len(sealed) || len(chain) != 5 {
		t.Fatalf("%d Records in the log, %d sealed, want 5", len(chain), len(sealed))
	}
	prev := ""
	for i, e := range sealed {
		if chain[i].line != string(e.Line) || chain[i].leaf != e.Leaf {
			t.Errorf("stored: %s\nsealed: %s", chain[i].line, e.Line)
		}
		again, err := ledger.Seal(e.Record, prev)
		h.must(err)
		if string(again.Line) != chain[i].line {
			t.Errorf("stored: %s\nsealed again: %s", chain[i].line, again.Line)
		}
		prev = e.Leaf
	}
	page, err := h.tenant.Records(t.Context(), chain[0].Subject, chain[1].ID, 2)
	h.must(err)
	if len(page) != 2 || page[0] != chain[2].line || page[1] != chain[3].line {
		t.Errorf("the page after the second Record is %q", page)
	}
}

func oneChain(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-4")
	h.must(p.check("a", failed))
	first := p.session
	h.must(p.openSession(store.NewID(), aRequest())) // another session of the same person
	h.must(p.check("a", passed))                     // an attempt's id belongs to its session
	p.session = first
	h.must(p.withdraw())
	chain := p.chain()
	if len(chain) != 7 || count(chain, domain.CheckStarted) != 2 || position(chain, domain.ConsentWithdrawnType) != 6 {
		t.Errorf("the chain is %v", chain)
	}
	if other := h.consenting("工号-5"); len(other.chain()) != 2 {
		t.Error("somebody else's Records are not a chain of their own")
	}
}

func enterpriseRecords(t *testing.T, open opener) {
	h := aHouse(t, open)
	_, err := h.addKey("李明", "secret")
	h.must(err)
	var types []string
	for _, r := range h.log("") {
		if r.Subject != "" || r.Prev != "" {
			t.Errorf("a Record about nobody names somebody: %s", r.line)
		}
		types = append(types, string(r.Type))
	}
	want := "enterprise.created delegation.recorded notice.published settings.changed settings.changed key.created"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("the log has %s\nwant %s", got, want)
	}
}
