package bundle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// grace is how long, by the Records' times, a check may not know yet of what an
// administrator did at the same moment: an instruction and a check under way wait for
// each other no longer than that.
const grace = 10 * time.Second

// laidDown is what the enterprise published and recorded, as far as the bundle holds it.
type laidDown struct {
	notices     map[string]*published
	series      map[series][]*published
	delegations map[string]Reference
	recorded    map[string]time.Time
	revoked     map[string]time.Time
	latest      string // the notice that was published last
	latestAt    time.Time
}

// LaidDown is that for whoever makes a bundle.
type LaidDown = laidDown

// LaysDown reports whether a type of Record is a part of what is laid down.
func LaysDown(recordType string) bool {
	return recordType == "notice.published" || recordType == "delegation.recorded" || recordType == "delegation.revoked"
}

// ReadLaidDown takes it from lines, those of other Records among them or not.
func ReadLaidDown(r io.Reader) (*LaidDown, error) {
	d := newLaidDown()
	return d, d.pick(r, func([]byte) (bool, error) { return true, nil })
}

// LatestNotice is the notice that was published last, whose Chinese text tells the
// enterprise's name; empty if there is none.
func (d *laidDown) LatestNotice() string { return d.latest }

// series are the versions of a notice that follow each other.
type series struct{ purpose, audience string }

type published struct {
	series
	ref      Reference
	hashes   LocaleTexts
	material bool
	from     time.Time // in force, or published, whichever came later
}

func newLaidDown() *laidDown {
	return &laidDown{
		notices: map[string]*published{}, series: map[series][]*published{}, delegations: map[string]Reference{},
		recorded: map[string]time.Time{}, revoked: map[string]time.Time{},
	}
}

// pick reads lines and keeps those that lay something down and are in the log. It asks for
// each line, in their order.
func (d *laidDown) pick(r io.Reader, inLog func(line []byte) (bool, error)) error {
	lines := bufio.NewReaderSize(r, mostLine)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil // the walk says so, with its number
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if in, err := inLog(line[:len(line)-1]); err != nil {
			return err
		} else if !in { // the walk says so, with its number
			return nil
		}
		if !publication(line) {
			continue
		}
		if l, err := ParseLine(line); err == nil { // or else the walk says so
			d.lay(l)
		}
	}
}

// placed tells whether lines are those at their places, one after the other, so that no
// invented one is kept.
type placed struct {
	where, leaves *bufio.Reader
	passed, size  int64 // leaf hashes
}

func (p *placed) next(line []byte) (bool, error) {
	var raw [8]byte
	if _, err := io.ReadFull(p.where, raw[:]); err != nil {
		return false, unlessOver(err)
	}
	place := binary.BigEndian.Uint64(raw[:])
	if place >= uint64(p.size) || int64(place) < p.passed {
		return false, nil
	}
	var want ledger.Hash
	for skip := (int64(place) - p.passed) * int64(len(want)); skip > 0; {
		n, err := p.leaves.Discard(int(min(skip, 1<<30)))
		if skip -= int64(n); err != nil {
			return false, unlessOver(err)
		}
	}
	if _, err := io.ReadFull(p.leaves, want[:]); err != nil {
		return false, unlessOver(err)
	}
	p.passed = int64(place) + 1
	return !publication(line) || tlog.RecordHash(line) == want, nil
}

// unlessOver is an error of reading, if it is not that there is no more.
func unlessOver(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

func (d *laidDown) lay(l Line) {
	at, _ := time.Parse(instantForm, l.At)
	switch {
	case l.Type == "notice.published" && l.Notice != nil && d.notices[l.Notice.ID] == nil:
		p := &published{
			series: series{l.Purpose, l.Audience}, ref: *l.Notice, hashes: l.Hashes,
			material: l.Material != nil && *l.Material, from: at,
		}
		if from, err := time.Parse(instantForm, l.EffectiveFrom); err == nil && from.After(at) {
			p.from = from
		}
		d.notices[l.Notice.ID] = p
		d.series[p.series] = append(d.series[p.series], p)
		if later := at.Compare(d.latestAt); d.latest == "" || later > 0 || later == 0 && l.Notice.ID > d.latest {
			d.latest, d.latestAt = l.Notice.ID, at
		}
	case l.Type == "delegation.recorded" && l.Delegation != nil:
		d.delegations[l.Delegation.ID], d.recorded[l.Delegation.ID] = *l.Delegation, at
	case l.Type == "delegation.revoked" && l.Delegation != nil:
		d.revoked[l.Delegation.ID] = at
	}
}

// stale reports whether a consent to one version of a notice had ended, when another was
// in force, by a material change in between or one that came into force since.
func (d *laidDown) stale(agreed, inForce *published, at time.Time) bool {
	for _, p := range d.series[agreed.series] {
		known := p.ref.Version <= inForce.ref.Version || p.from.Add(grace).Before(at)
		if p.material && p.ref.Version > agreed.ref.Version && known {
			return true
		}
	}
	return false
}

// knows checks that what a line refers to is there, and is what was published.
func (d *laidDown) knows(l Line) error {
	for _, ref := range []*Reference{l.Notice, l.NoticeInForce} {
		if ref == nil {
			continue
		}
		p := d.notices[ref.ID]
		switch {
		case p == nil:
			return fault(Missing, "the Record %s names the notice %s, whose publication is not in the bundle", l.ID, ref.ID)
		case p.ref.Version != ref.Version || p.hashes[ref.locale()] != ref.SHA256:
			return fault(OtherDocument, "the Record %s names the notice %s otherwise than it was published", l.ID, ref.ID)
		}
	}
	if ref := l.Delegation; ref != nil {
		recorded, known := d.delegations[ref.ID]
		switch {
		case !known:
			return fault(Missing, "the Record %s names the delegation %s, whose recording is not in the bundle", l.ID, ref.ID)
		case recorded != *ref:
			return fault(OtherDocument, "the Record %s names the delegation %s otherwise than it was recorded", l.ID, ref.ID)
		}
	}
	return nil
}

// locale is the language that a reference means: Chinese, where it names none.
func (r Reference) locale() string {
	if r.Locale == "" {
		return "zh-CN"
	}
	return r.Locale
}
