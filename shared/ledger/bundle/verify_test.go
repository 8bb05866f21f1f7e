package bundle_test

import (
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
