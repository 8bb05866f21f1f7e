package bundle_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger/bundle"
	"nod/tests/authority"
)

// clock is the authority that timestamps the bundles of these tests.
var clock = authority.New()

// noon is when it does.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// stamp adds the timestamp of a checkpoint over so many lines.
func (p *parts) stamp(checkpoint []byte, size int) {
	name := fmt.Sprintf("proof/timestamps/%d", size)
	p.files = append(p.files, file{name + ".checkpoint", checkpoint}, file{name + ".tsr", clock.Stamp(checkpoint, noon)})
}

// stamped is a bundle with the timestamps of checkpoints over so many lines.
func (w *world) stamped(c cut, sizes ...int) parts {
	p, s := w.bundle(c), w.seal()
	for _, n := range sizes {
		p.stamp(s.checkpoint(n), n)
	}
	return p
}

func told(lines []string, part string) bool {
	return slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, part) })
}

func TestTheReportSaysWhichOutsideEvidenceThereIs(t *testing.T) {
	w := newWorld()
	all := len(w.records)
	p := w.stamped(cut{}, 13, all)
	raw := zipped(p.entries())

	r, err := verify(raw, bundle.Options{TSARoots: clock.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	want := []bundle.Timestamp{
		{Size: 13, Time: noon, Accuracy: time.Second, Authority: "Test Time 测试"},
		{Size: int64(all), Time: noon, Accuracy: time.Second, Authority: "Test Time 测试"},
	}
	if !slices.Equal(r.Timestamps, want) {
		t.Errorf("%+v", r.Timestamps)
	}
	if !told(r.Checked, "The first 13 lines are timestamped by Test Time 测试 at 2026-11-24T12:00:00Z (give or take 1s), not witnessed") {
		t.Errorf("checked %q", r.Checked)
	}

	if r, err = verify(raw, bundle.Options{}); err != nil || !told(r.Notes, "was not verified") || told(r.Checked, "are timestamped by") || r.Timestamps[0].Authority != "" {
		t.Errorf("without a root: %v, %q, %q", err, r.Checked, r.Notes)
	}
	q := w.bundle(cut{})
	if r = holds(t, zipped(q.entries())); !told(r.Notes, "neither timestamped nor witnessed") {
		t.Errorf("without a timestamp: %q", r.Notes)
	}
	for name, roots := range map[string]*x509.CertPool{"another authority's": authority.New().Roots(), "no": x509.NewCertPool()} {
		if _, err := verify(raw, bundle.Options{TSARoots: roots}); word(err) != bundle.WrongTimestamp {
			t.Errorf("with %s root: %v", name, err)
		}
	}
}

// What is changed of a timestamp is found, or changes nothing that is told: where there is a
// root, who says when; without one, that it was not verified is told each time.
func TestEveryBitOfATimestampIsFoundOrToldToBeUnverified(t *testing.T) {
	w := small()
	p := w.stamped(cut{}, len(w.records))
	was, err := verify(zipped(p.entries()), bundle.Options{TSARoots: clock.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	last := len(p.files) - 1
	for i := range p.files[last].data {
		q := parts{maps.Clone(p.claims), slices.Clone(p.files)}
		q.files[last].data = bytes.Clone(p.files[last].data)
		q.files[last].data[i] ^= 1 << (i % 8)
		raw := zipped(q.entries())
		r, err := verify(raw, bundle.Options{TSARoots: clock.Roots()})
		if err == nil && !slices.Equal(r.Timestamps, was.Timestamps) || err != nil && word(err) != bundle.WrongTimestamp {
			t.Errorf("byte %d: %v, %+v", i, err, r.Timestamps)
		}
		r, err = verify(raw, bundle.Options{})
		if err == nil && !told(r.Notes, "was not verified") || err != nil && word(err) != bundle.WrongTimestamp {
			t.Errorf("byte %d, without a root: %v, %q", i, err, r.Notes)
		}
	}
}

// stampedForgeries are bundles whose timestamps are not what they are said to be.
func stampedForgeries() map[string]forgery {
	made := func(edit func(w *world, s sealed, p *parts)) func() []byte {
		return func() []byte {
			w := newWorld()
			p := w.bundle(cut{})
			edit(w, w.seal(), &p)
			return zipped(p.entries())
		}
	}
	no := bundle.Options{}
	return map[string]forgery{
		"a timestamp of another checkpoint": {made(func(_ *world, s sealed, p *parts) {
			p.stamp(s.checkpoint(13), 13)
			p.files[len(p.files)-1].data = clock.Stamp(s.checkpoint(14), noon)
		}), bundle.WrongTimestamp, no},
		"a timestamp under another size": {made(func(_ *world, s sealed, p *parts) { p.stamp(s.checkpoint(13), 12) }), bundle.WrongTimestamp, no},
		"a timestamp of another log": {made(func(_ *world, s sealed, p *parts) {
			p.stamp(signed(notary, "elsewhere.example.com/x", 13, rootOf(s.leaves[:13])), 13)
		}), bundle.WrongTimestamp, no},
		"a timestamp that is none": {made(func(_ *world, s sealed, p *parts) {
			p.stamp(s.checkpoint(13), 13)
			p.files[len(p.files)-1].data = []byte("yes, on Monday")
		}), bundle.WrongTimestamp, no},
		"a timestamp of what is no checkpoint": {made(func(_ *world, _ sealed, p *parts) { p.stamp([]byte("x\n"), 13) }), bundle.WrongTimestamp, no},
		"a timestamp of a log that was rewritten": {made(func(w *world, _ sealed, p *parts) {
			first := *w.records[0]
			first.At = first.At.Add(time.Second)
			other := &world{records: append([]*domain.Record{&first}, w.records[1:]...), documents: w.documents, charter: w.charter}
			p.stamp(other.seal().checkpoint(13), 13)
		}), bundle.Forked, no},
		"a timestamp of a rewritten log as long": {made(func(w *world, s sealed, p *parts) {
			n := len(s.lines)
			p.stamp(signed(notary, origin, int64(n), rootOf(s.leaves[:n-1])), n)
		}), bundle.Forked, no},
		"a timestamp without its checkpoint": {made(func(_ *world, s sealed, p *parts) {
			p.stamp(s.checkpoint(13), 13)
			n := len(p.files)
			p.files = slices.Delete(p.files, n-2, n-1)
		}), bundle.WrongEntries, no},
		"a timestamp of more than the log": {made(func(_ *world, s sealed, p *parts) {
			p.stamp(s.checkpoint(13), len(s.lines)+1)
		}), bundle.NotCounted, no},
	}
}
