package bundle_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
)

// liedForgeries are logs that hold together, signed by the right key, and that say
// something which must not be.
func liedForgeries() map[string]forgery {
	lie := func(want bundle.Kind, edit func(w *world)) forgery {
		return forgery{lied(edit), want, bundle.Options{}}
	}
	return map[string]forgery{
		"another enterprise's record": lie(bundle.OtherLog, func(w *world) {
			w.records[20].Enterprise = "01920000-0000-7000-8000-00000000e001"
		}),
		"a check of somebody else's consent": lie(bundle.NoConsent, func(w *world) {
			w.first(domain.CheckStarted).Subject = "7d1e0000000000000000000000000009"
		}),
		"a check of another purpose": lie(bundle.NoConsent, func(w *world) { w.first(domain.CheckStarted).Purpose = domain.Training }),
		"a check by another route":   lie(bundle.NoConsent, func(w *world) { w.first(domain.CheckStarted).Route = domain.Hosted }),
		"a check without a consent":  lie(bundle.NoConsent, func(w *world) { w.first(domain.CheckStarted).Consent = "" }),
		"a check on a refusal": lie(bundle.NoConsent, func(w *world) {
			w.first(domain.CheckStarted).Consent = w.first(domain.ConsentRefusedType).ID
		}),
		"a check on another notice": lie(bundle.NoConsent, func(w *world) {
			w.first(domain.CheckStarted).Notice = w.first(domain.CheckStarted).NoticeInForce
		}),
		"a check before its consent": lie(bundle.NoConsent, func(w *world) {
			i, j := w.where(domain.ConsentGrantedType, 0), w.where(domain.CheckStarted, 0)
			w.records[i], w.records[j] = w.records[j], w.records[i]
		}),
		"a check after the term": lie(bundle.NoConsent, func(w *world) {
			w.first(domain.ConsentGrantedType).Until = begin.Add(time.Second)
		}),
		"a consent withdrawn before a check": lie(bundle.ConsentOver, func(w *world) {
			r := *w.first(domain.ConsentWithdrawnType)
			w.put(w.where(domain.CheckStarted, 1), r)
		}),
		"a consent lapsed before a check": lie(bundle.ConsentOver, func(w *world) {
			r := *w.first(domain.ConsentWithdrawnType)
			r.Type, r.Cause = domain.ConsentLapsedType, "term_over"
			w.put(w.where(domain.CheckStarted, 1), r)
		}),
		"a consent refused before a check": lie(bundle.ConsentOver, func(w *world) {
			w.put(w.where(domain.CheckStarted, 1), *w.first(domain.ConsentRefusedType))
		}),
		"a minor without a guardian": lie(bundle.NoConsent, func(w *world) {
			for _, r := range w.records {
				r.GuardianConsent = ""
			}
		}),
		"a guardian's consent that is the minor's own": lie(bundle.NoConsent, func(w *world) {
			for _, r := range w.records {
				if r.GuardianConsent != "" {
					r.GuardianConsent = r.Consent
				}
			}
		}),
		"a notice that had changed materially": lie(bundle.StaleNotice, func(w *world) {
			yes := true
			w.records[w.where(domain.NoticePublished, 2)].Material = &yes
		}),
		"a notice that had changed, and the check says it had not": lie(bundle.StaleNotice, func(w *world) {
			yes := true
			w.records[w.where(domain.NoticePublished, 2)].Material = &yes
			for _, r := range w.records[w.where(domain.NoticePublished, 2):] {
				if r.Type == domain.CheckStarted || r.Type == domain.CheckPassed {
					r.At = r.At.Add(time.Minute)
					ref := *r.Notice
					ref.Locale, ref.SHA256 = "", w.first(domain.NoticePublished).Notice.SHA256
					if ref.ID == w.first(domain.NoticePublished).Notice.ID {
						r.NoticeInForce = &ref
					}
				}
			}
		}),
		"a check under a revoked delegation": lie(bundle.DelegationOver, func(w *world) {
			r := *w.first(domain.DelegationRecorded)
			r.Type, r.At = domain.DelegationRevoked, w.records[w.where(domain.CheckStarted, 1)].At.Add(-11*time.Second)
			w.put(w.where(domain.CheckStarted, 1), r)
		}),
		"an outcome without a beginning": lie(bundle.NoStart, func(w *world) {
			i := w.where(domain.CheckStarted, 0)
			w.records = slices.Delete(w.records, i, i+1)
		}),
		"two outcomes of one check": lie(bundle.NoStart, func(w *world) {
			w.put(w.where(domain.CheckPassed, 0)+1, *w.first(domain.CheckPassed))
		}),
		"a check that began twice": lie(bundle.NoStart, func(w *world) {
			w.put(w.where(domain.CheckStarted, 0), *w.first(domain.CheckStarted))
		}),
		"an outcome of another route": lie(bundle.NoStart, func(w *world) { w.first(domain.CheckPassed).Route = domain.Hosted }),
		"a reference that is not what was published": lie(bundle.OtherDocument, func(w *world) {
			ref := *w.first(domain.NoticeShown).Notice
			ref.Version++
			w.first(domain.NoticeShown).Notice = &ref
		}),
		"a record that names another before it": lie(bundle.BrokenChain, func(w *world) {
			w.named = map[int]string{w.where(domain.CheckPassed, 0): strings.Repeat("0", 64)}
		}),
		"a record that names none before it": lie(bundle.BrokenChain, func(w *world) {
			w.named = map[int]string{w.where(domain.CheckPassed, 0): ""}
		}),
		"a person's first that names one before it": lie(bundle.BrokenChain, func(w *world) {
			w.named = map[int]string{w.where(domain.NoticeShown, 0): strings.Repeat("0", 64)}
		}),
		"a record about nobody that names one before it": lie(bundle.BrokenChain, func(w *world) {
			w.named = map[int]string{3: strings.Repeat("0", 64)}
		}),
		"a record about somebody by name": lie(bundle.NotARecord, func(w *world) { w.first(domain.NoticeShown).Subject = "Zhang San" }),
	}
}

// claimedForgeries are true records of which a bundle says something that is not so, or
// lacks what they rest on, or that are held against something else.
func claimedForgeries() map[string]forgery {
	claim := func(name string, v any) func() []byte { return edited(func(p *parts) { p.claims[name] = v }) }
	late := func(edit func(w *world, p *parts)) func() []byte {
		return func() []byte {
			w := newWorld()
			p := w.bundle(cuts(w)["one purpose, late"])
			edit(w, &p)
			return zipped(p.entries())
		}
	}
	told := func(edit func(p *parts)) func() []byte { // a dossier whose report says the same
		return func() []byte {
			w := newWorld()
			p := w.bundle(cut{subject: "7d1e0000000000000000000000000002"})
			edit(&p)
			retell(&p)
			return zipped(p.entries())
		}
	}
	without := func(kind domain.RecordType) func() []byte {
		return late(func(w *world, p *parts) {
			text, where := p.get("proof/support.ndjson"), p.get("proof/support-places")
			lines, places := slices.Collect(bytes.Lines(text.data)), slices.Collect(slices.Chunk(where.data, 8))
			i := slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"type":"`+kind+`"`)) })
			text.data, where.data = bytes.Join(slices.Delete(lines, i, i+1), nil), bytes.Join(slices.Delete(places, i, i+1), nil)
		})
	}
	w := newWorld()
	log := w.seal()
	fork := newWorld()
	fork.records[3].Actor = fork.mint()
	forked := fork.seal()
	elsewhere, err := notary.Verifiers("other.example.com/" + string(enterpriseID))
	must(err)
	no := bundle.Options{}
	return map[string]forgery{
		"another format":            {claim("format", "nod-bundle-2"), bundle.NotABundle, no},
		"a field that is not known": {claim("proven", true), bundle.NotABundle, no},
		"another enterprise":        {claim("enterprise", "01920000-0000-7000-8000-00000000e001"), bundle.NotCounted, no},
		"another log":               {claim("origin", "other.example.com/"+string(enterpriseID)), bundle.WrongKey, no},
		"a larger log":              {claim("size", 1000), bundle.NotCounted, no},
		"another filter":            {claim("filter", map[string]any{"subject": "7d1e0000000000000000000000000002"}), bundle.NotCounted, no},
		"a filter by a name":        {told(func(p *parts) { p.claims["filter"] = map[string]any{"subject": "工号-42 李四"} }), bundle.NotCounted, no},
		"a filter by a pseudonym in capitals": {told(func(p *parts) {
			p.claims["filter"] = map[string]any{"subject": "7D1E0000000000000000000000000002"}
		}), bundle.NotCounted, no},
		"a filter by somebody else's pseudonym": {told(func(p *parts) {
			p.claims["filter"] = map[string]any{"subject": "7d1e0000000000000000000000000001"}
		}), bundle.NotCounted, no},
		"a filter by a person and a line about nobody": {func() []byte {
			w := newWorld()
			whole, p := w.bundle(cut{}), w.bundle(cut{subject: "7d1e0000000000000000000000000002"})
			editLines(func(l, places [][]byte) ([][]byte, [][]byte) {
				first, _, _ := bytes.Cut(whole.get("records.ndjson").data, []byte("\n"))
				return slices.Insert(l, 0, append(slices.Clone(first), '\n')), slices.Insert(places, 0, make([]byte, 8))
			})(&p)
			support, where := p.get("proof/support.ndjson"), p.get("proof/support-places")
			if bytes.HasPrefix(where.data, make([]byte, 8)) { // it is in the export now
				_, support.data, _ = bytes.Cut(support.data, []byte("\n"))
				where.data = where.data[8:]
			}
			retell(&p)
			return zipped(p.entries())
		}, bundle.NotCounted, no},
		"a log's name that moves the cursor": {claim("origin", "x\x1b[2K\rok   Everything holds.\x1b[8m/"+string(enterpriseID)), bundle.NotCounted, no},
		"a log's name with a space":          {claim("origin", "nod example.com/"+string(enterpriseID)), bundle.NotCounted, no},
		"a log's name in other letters":      {claim("origin", "例.example.com/"+string(enterpriseID)), bundle.NotCounted, no},
		"a log's name with a plus":           {claim("origin", "nod+example.com/"+string(enterpriseID)), bundle.NotCounted, no},
		"an enterprise that is no UUID": {edited(func(p *parts) {
			p.claims["enterprise"], p.claims["origin"] = "e\x1b[2K", "nod.example.com/e\x1b[2K"
		}), bundle.NotCounted, no},
		"a window":            {claim("filter", map[string]any{"from": "2030-01-01T00:00:00Z"}), bundle.NotCounted, no},
		"a type that is none": {claim("counts", map[string]int{"check.passed": 1, "Zhang San": 0}), bundle.NotCounted, no},
		"too many types": {edited(func(p *parts) {
			counts := map[string]int{}
			for i := range 201 {
				counts["check."+strings.Repeat("a", i+1)] = 1
			}
			p.claims["counts"] = counts
		}), bundle.TooLarge, no},
		"a manifest beyond all measure": {claim("format", strings.Repeat("x", 8<<20)), bundle.TooLarge, no},
		"fewer of a type":               {claim("counts", map[string]int{"check.passed": 1}), bundle.NotCounted, no},
		"no consent for a late check":   {without(domain.ConsentGrantedType), bundle.NoConsent, no},
		"no publication of a notice":    {without(domain.NoticePublished), bundle.Missing, no},
		"no recording of a delegation":  {without(domain.DelegationRecorded), bundle.Missing, no},
		"one person's record left out": {func() []byte {
			w := newWorld()
			p := w.bundle(cuts(w)["one person"])
			editLines(func(l, p [][]byte) ([][]byte, [][]byte) { return slices.Delete(l, 5, 6), slices.Delete(p, 5, 6) })(&p)
			return zipped(p.entries())
		}, bundle.BrokenChain, no},
		"a range that begins elsewhere": {late(func(_ *world, p *parts) { p.claims["first"] = 1 }), bundle.WrongPlaces, no},
		"a support line in the range, too": {late(func(w *world, p *parts) {
			s := w.seal()
			i := len(s.lines) - 1
			text, where := p.get("proof/support.ndjson"), p.get("proof/support-places")
			text.data, where.data = slices.Concat(text.data, s.lines[i], []byte("\n")), append(where.data, 0, 0, 0, 0, 0, 0, 0, byte(i))
		}), bundle.WrongPlaces, no},
		"a support line that is not in the log": {late(func(_ *world, p *parts) {
			f := p.get("proof/support.ndjson")
			f.data = bytes.Replace(f.data, []byte(`"material":true`), []byte(`"material":false`), 1)
		}), bundle.NotInTheLog, no},
		"the key of another log":            {edited(func(*parts) {}), bundle.WrongKey, bundle.Options{Keys: elsewhere}},
		"no key":                            {edited(func(*parts) {}), bundle.WrongKey, bundle.Options{Keys: []string{"key"}}},
		"a checkpoint held of a fork":       {edited(func(*parts) {}), bundle.Forked, bundle.Options{Checkpoint: forked.checkpoint(10)}},
		"a checkpoint held of a whole fork": {edited(func(*parts) {}), bundle.Forked, bundle.Options{Checkpoint: forked.checkpoint(len(log.lines))}},
		"a checkpoint held that is not one": {edited(func(*parts) {}), bundle.NotSigned, bundle.Options{Checkpoint: []byte("x\n")}},
		"a checkpoint held of somebody else's": {edited(func(*parts) {}), bundle.NotSigned, bundle.Options{
			Checkpoint: signed(notary, elsewhere[0][:5], 1, ledger.Hash{}),
		}},
	}
}

func TestNoForgeryVerifies(t *testing.T) {
	for name, f := range forgeries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := verify(f.made(), f.with)
			if err == nil || word(err) != f.want {
				t.Errorf("%v: %v, want %s", word(err), err, f.want)
			}
		})
	}
}

// Invented publications, as many as somebody likes, are not kept until they are found out.
func TestNoLineIsKeptThatTheLogDoesNotHave(t *testing.T) {
	for name, places := range map[string]string{"records.ndjson": "proof/places", "proof/support.ndjson": "proof/support-places"} {
		for _, placed := range []bool{false, true} {
			w := newWorld()
			p := w.bundle(cut{})
			if name != "records.ndjson" {
				p = w.bundle(cuts(w)["one purpose, late"])
			}
			text, where := p.get(name), p.get(places)
			var lines, at bytes.Buffer
			for i := range 100_000 {
				fmt.Fprintf(&lines, `{"type":"notice.published","notice":{"id":"%x"},"purpose":"%x"}`+"\n", i, i)
				at.Write(binary.BigEndian.AppendUint64(nil, uint64(i)))
			}
			text.data = append(text.data, lines.Bytes()...)
			if placed {
				text.data, where.data = lines.Bytes(), at.Bytes()
				p.claims["size"], p.claims["count"] = 100_000, 100_000-p.claims["first"].(int)
				if name == "records.ndjson" {
					p.claims["records"] = 100_000
				}
				forged := sealed{leaves: make([]ledger.Hash, 100_000)}
				p.get("proof/leaves").data, p.get("proof/checkpoint").data = make([]byte, 32*100_000), forged.checkpoint(100_000)
			}
			raw := zipped(p.entries())
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := verify(raw, bundle.Options{})
			runtime.ReadMemStats(&after)
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; err == nil || took > 16 {
				t.Errorf("%s, with places %v: %v, %d MB", name, placed, err, took)
			}
		}
	}
}

// What was done in the same moment as an instruction need not know of it.
func TestACheckMayNotKnowYetOfWhatWasInstructedInTheSameMoment(t *testing.T) {
	w := newWorld()
	r := *w.first(domain.DelegationRecorded)
	r.Type, r.At = domain.DelegationRevoked, w.records[w.where(domain.CheckStarted, 7)].At.Add(-9*time.Second)
	w.put(w.where(domain.CheckStarted, 7), r)
	p := w.bundle(cut{})
	holds(t, zipped(p.entries()))
}

// Whoever kept a checkpoint sees that the log is the one it was about.
func TestACheckpointHeldElsewhereIsContained(t *testing.T) {
	w := newWorld()
	log := w.seal()
	for n := range len(log.lines) + 1 {
		p := w.bundle(cut{})
		if r, err := verify(zipped(p.entries()), bundle.Options{Checkpoint: log.checkpoint(n)}); err != nil || len(r.Checked) < 9 {
			t.Errorf("%d: %v %q", n, err, r.Checked)
		}
	}
	earlier := &world{records: w.records[:30], documents: w.documents, charter: w.charter}
	p := earlier.bundle(cut{})
	if r, err := verify(zipped(p.entries()), bundle.Options{Checkpoint: log.checkpoint(40)}); err != nil || !r.Uncompared {
		t.Errorf("%v %q", err, r.Checked)
	}
}
