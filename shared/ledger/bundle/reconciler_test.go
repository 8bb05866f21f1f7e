package bundle_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger/bundle"
)

// spoil does something to a log that nobody may do, or that is merely rare.
func (w *world) spoil(r *rand.Rand) {
	about := func() *domain.Record {
		for {
			if x := w.records[r.IntN(len(w.records))]; x.Subject != "" {
				return x
			}
		}
	}
	x, y := about(), about()
	again := *x
	switch r.IntN(12) {
	case 0:
		w.put(r.IntN(len(w.records)), again)
	case 1:
		i, j := r.IntN(len(w.records)), r.IntN(len(w.records))
		w.records[i], w.records[j] = w.records[j], w.records[i]
	case 2:
		x.Consent = y.ID
	case 3:
		x.Consent, x.GuardianConsent = y.Consent, y.GuardianConsent
	case 4:
		x.Subject = y.Subject
	case 5:
		x.Session, x.Attempt = y.Session, y.Attempt
	case 6:
		x.Purpose = y.Purpose
	case 7:
		x.At = x.At.Add(time.Duration(r.IntN(400)-200) * 24 * time.Hour)
	case 8:
		x.Route = domain.Hosted
	case 9:
		x.Notice, x.NoticeInForce = y.Notice, y.NoticeInForce
	case 10:
		yes := r.IntN(2) == 0
		w.records[w.where(domain.NoticePublished, r.IntN(4))].Material = &yes
	case 11:
		over := *w.first(domain.DelegationRecorded)
		over.Type, over.At = domain.DelegationRevoked, y.At
		if x.Type == domain.ConsentGrantedType {
			over = *x
			over.Type, over.Consent = domain.ConsentWithdrawnType, x.ID
		}
		w.put(r.IntN(len(w.records)), over)
	}
}

// Whoever makes a bundle sees one person after the other, and whoever verifies it one line
// after the other; both come to the same, also where something is wrong.
func TestBothWaysOfReconcilingComeToTheSame(t *testing.T) {
	met := map[bundle.Kind]int{}
	for n := range 250 {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		w := newWorld()
		for range 1 + r.IntN(6) {
			w.spoil(r)
		}
		all := cuts(newWorld())
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if r.IntN(4) > 0 {
				continue
			}
			p := w.bundle(all[name])
			report, err := verify(zipped(p.entries()), bundle.Options{})
			if !report.WasReconciled {
				continue // it is no log at all
			}
			if word(err) == bundle.WrongReport {
				t.Errorf("%d, %s: the report is another", n, name)
			}
			for kind, list := range report.Named {
				met[kind] += len(list)
			}
			if got, _ := p.reconciled(1 + r.IntN(20)); !reflect.DeepEqual(got, report.Reconciled) {
				t.Errorf("%d, %s: one by one it is %+v, together %+v", n, name, got, report.Reconciled)
			}
		}
	}
	t.Log(met)
	for _, kind := range []bundle.Kind{bundle.NoConsent, bundle.ConsentOver, bundle.StaleNotice, bundle.DelegationOver, bundle.NoStart, "without_outcome"} {
		if met[kind] < 5 {
			t.Errorf("%s was met %d times, which proves little", kind, met[kind])
		}
	}
}

// Names of any form come back as they were, and every cut of a run is found.
func TestARunOfDeedsIsReadAsItWasWritten(t *testing.T) {
	d := &bundle.Deeds{}
	for i, subject := range []string{"7d1e0000000000000000000000000002", "", "Zhang San", "7d1e0000000000000000000000000001"} {
		for _, kind := range []string{"consent.granted", "check.started", "check.passed", "notice.shown"} {
			d.Add(bundle.Line{ID: fmt.Sprint(i, kind), Type: kind, At: "2026-11-23T01:02:03.456Z", Subject: subject, Session: "s", Attempt: "a"}, int64(i), true)
		}
	}
	run := run(d).Bytes()
	var again bytes.Buffer
	if err := bundle.MergeDeeds(&again, bytes.NewReader(run)); err != nil || !bytes.Equal(again.Bytes(), run) {
		t.Errorf("%v\n%q\n%q", err, run, again.Bytes())
	}
	whole := 0
	for n := range len(run) {
		if err := bundle.MergeDeeds(&again, bytes.NewReader(run[:n])); err == nil {
			whole++ // it ends between two deeds
		}
	}
	if whole != 13 { // nothing at all, and the words alone, among them
		t.Errorf("%d beginnings of a run of 12 deeds were taken for a run", whole)
	}
}
