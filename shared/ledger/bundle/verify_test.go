package bundle_test

import (
	"strings"
	"testing"
	"time"

	"nod/shared/ledger/bundle"
)

// cuts are bundles that are true, of one log.
func cuts(w *world) map[string]cut {
	last := w.records[len(w.records)-1].At
	return map[string]cut{
		"the whole log":        {},
		"with platform's ids":  {subjects: true},
		"one purpose":          {purposes: []string{"exam"}},
		"one person":           {subject: "7d1e0000000000000000000000000002"},
		"person and purpose":   {subject: "7d1e0000000000000000000000000002", purposes: []string{"exam", "training"}},
		"the last three hours": {from: last.Add(-3 * time.Hour).Truncate(time.Second)},
		"the first day":        {to: begin.Add(12 * time.Hour).Truncate(time.Second)},
		"one purpose, late":    {purposes: []string{"training"}, from: last.Add(-1 * time.Minute).Truncate(time.Second)},
	}
}

// What a platform may call somebody stands in the last column as whoever makes a bundle
// writes it, and both verifiers take it.
func TestAnyPlatformsIDVerifies(t *testing.T) {
	ids := []string{"", "emp-1", "=1+1", "＝1+1", "＠a", "'=1", "'", `"`, `""`, `a"b`, `"a,b"`, ",", `\.`, "@a", "-1", "员工", "\u00a0x", strings.Repeat("员", 128), strings.Repeat(`"`, 128)}
	var trials []trial
	for _, id := range ids {
		row := bundle.AppendRow(nil, []string{"", id})
		trials = append(trials, trial{identified(string(row[1 : len(row)-2]))(), bundle.Options{}})
	}
	for i, said := range secondOpinion(t, trials) {
		if holds(t, trials[i].raw); !strings.HasPrefix(said, "verified") {
			t.Errorf("%q: %s", ids[i], said)
		}
	}
}

func TestATrueBundleVerifies(t *testing.T) {
	w := newWorld()
	for name, c := range cuts(w) {
		t.Run(name, func(t *testing.T) {
			p := w.bundle(c)
			r := holds(t, zipped(p.entries()))
			t.Log(r)
			want := bundle.Reconciliation{Started: r.Started, Concluded: r.Concluded, WithoutOutcome: r.WithoutOutcome, StartedEarlier: r.StartedEarlier}
			if r.Reconciliation != want {
				t.Errorf("%+v", r.Reconciliation)
			}
		})
	}
	all := w.bundle(cut{})
	r := holds(t, zipped(all.entries()))
	if r.Started != 8 || r.WithoutOutcome != 1 || r.Concluded != 7 {
		t.Errorf("%+v", r.Reconciliation)
	}
}
