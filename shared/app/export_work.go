package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"nod/shared/domain"
	"nod/shared/ledger/bundle"
	"nod/shared/ledger/packing"
)

// exportWork is how far an export is. It is written after each step, and holds no more than
// the names of parts, sums and places: the same for a million Records as for a few, but for
// the names.
type exportWork struct {
	Phase      exportPhase `json:"phase"`
	At         int64       `json:"at"` // where the phase goes on
	Parts      int         `json:"parts"`
	Size       int64       `json:"size"`
	Checkpoint string      `json:"checkpoint"`
	Keys       string      `json:"keys"`
	Timestamps []Timestamp `json:"timestamps"`
	First      int64       `json:"first"`
	End        int64       `json:"end"`

	Records int64            `json:"records"`
	Counts  map[string]int64 `json:"counts"`

	Leaves        packing.File    `json:"leaves"`
	Lines         packing.File    `json:"lines"`
	Places        packing.File    `json:"places"`
	Tables        []*packing.File `json:"tables"`
	Consents      packing.File    `json:"consents"`
	Support       packing.File    `json:"support"`
	SupportPlaces packing.File    `json:"support_places"`
	Documents     []*packing.File `json:"documents"`

	// Named is the places of consents that checks rest on, as they are met; Wanted is those
	// of all that the bundle needs beside its range, in order and each once.
	Named  packing.File `json:"named"`
	Wanted packing.File `json:"wanted"`
	// Deeds is runs of what people did, Laid the lines by which the enterprise laid something
	// down: for the reconciliation.
	Deeds packing.File `json:"deeds"`
	Laid  packing.File `json:"laid"`
	Tally bundle.Tally `json:"tally"`
	// Notices ("id.locale") and delegations that a line of the bundle names.
	Notices     []string `json:"notices"`
	Delegations []string `json:"delegations"`
}

type exportPhase int

const (
	exportBegin exportPhase = iota
	exportLeaves
	exportLines
	exportWanted
	exportSupport
	exportDocuments
	exportReport
	exportPack
)

// How much one step does.
const (
	leavesAtOnce    = 1 << 16
	exportedAtOnce  = 20_000
	exportedBatch   = 1_000 // lines that are in memory together
	documentsAtOnce = 50
)

// step does the next step of a job and enters how far that has brought it.
func (r *run) step(ctx context.Context) (next ExportNext, err error) {
	var w exportWork
	if r.job.Work != "" {
		if err := json.Unmarshal([]byte(r.job.Work), &w); err != nil {
			return next, err
		}
	}
	if w.Phase == exportPack {
		return r.pack(ctx, &w)
	}
	e := r.job.Export
	s := &exportStep{run: r, w: &w, asked: e.Asked, source: r.Source(r.job.Enterprise)}
	switch w.Phase {
	case exportBegin:
		e.State, e.StartedAt = domain.ExportRunning, r.now()
		err = s.begin(ctx)
	case exportLeaves:
		err = s.leaves(ctx)
	case exportLines:
		err = s.lines(ctx)
	case exportWanted:
		err = s.wanted(ctx)
	case exportSupport:
		err = s.support(ctx)
	case exportDocuments:
		err = s.documents(ctx)
	case exportReport:
		err = s.report(ctx)
	}
	if err != nil {
		return next, err
	}
	e.Of = w.End - w.First
	if e.Done = 0; w.Phase > exportLines {
		e.Done = e.Of
	} else if w.Phase == exportLines {
		e.Done = w.At - w.First
	}
	text, err := json.Marshal(w)
	r.job.Export, r.job.Work = e, string(text)
	return ExportNext{Wait: exportHeld, Hold: true}, err
}

// exportStep is what a step works with.
type exportStep struct {
	*run
	w      *exportWork
	asked  domain.ExportRequest
	source ExportSource
}

func (x Exporter) perStep() int { return cmp.Or(x.PerStep, exportedAtOnce) }

// phase goes on to the next one.
func (s *exportStep) phase(p exportPhase, at int64) { s.w.Phase, s.w.At = p, at }

// begin fixes what the bundle is about: the last checkpoint that was published, and the
// range of places in which the Records of the asked time stand.
func (s *exportStep) begin(ctx context.Context) error {
	l, err := s.source.Log(ctx)
	if err != nil {
		return err
	}
	if l.Checkpoint == "" {
		return errNoCheckpoint
	}
	if e := s.job.Export; e.Last { // nothing may be missing that was written before it was ordered
		if waits, err := s.source.Unplaced(ctx, e.MadeAt, l.Published); err != nil || waits {
			return cmp.Or(err, errUnplaced)
		}
	}
	w := s.w
	w.Size, w.Checkpoint, w.Keys, w.Counts = l.Published, l.Checkpoint, l.Keys, map[string]int64{}
	if w.End = w.Size; !s.asked.AllTime() {
		if w.First, w.End, err = s.source.Range(ctx, s.asked.From, s.asked.To, w.Size); err != nil {
			return err
		}
	}
	if s.Timestamps != nil {
		if w.Timestamps, err = s.Timestamps(ctx, s.job.Enterprise, l, w.End); err != nil {
			return err
		}
	}
	w.Leaves = packing.File{Name: packing.LeavesFile, Plain: true}
	w.Lines = packing.File{Name: packing.RecordsFile}
	w.Places = packing.File{Name: packing.PlacesFile}
	w.Support = packing.File{Name: packing.SupportFile}
	w.SupportPlaces = packing.File{Name: packing.SupportPlacesFile}
	w.Consents = packing.File{Name: bundle.ConsentsGraph}
	w.Named, w.Wanted = packing.File{Plain: true}, packing.File{Plain: true}
	w.Deeds, w.Laid = packing.File{Plain: true}, packing.File{Plain: true}
	for _, name := range bundle.Files {
		w.Tables = append(w.Tables, &packing.File{Name: name})
	}
	s.phase(exportLeaves, 0)
	return nil
}

// parts are the next part of several files, which are kept when all of them are whole.
type parts struct {
	step *exportStep
	list []*packing.Part
}

func (p *parts) of(f *packing.File) (*packing.Part, error) {
	part, err := f.Begin()
	p.list = append(p.list, part)
	return part, err
}

// nextPart names the next part. The name is the lease's, so that nobody who has lost theirs
// writes over a part that counts.
func (s *exportStep) nextPart() string { return fmt.Sprintf("%s-%d", s.job.Lease[24:], s.w.Parts) }

// keep ends the parts and keeps them.
func (p *parts) keep(ctx context.Context) error {
	for _, part := range p.list {
		name := p.step.nextPart()
		data, err := part.End(name)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		p.step.w.Parts++
		if err := p.step.Objects.Write(ctx, p.step.partName(name), bytes.NewReader(data)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) partName(name string) string { return r.folder() + "parts/" + name }

func (r *run) openPart(ctx context.Context, name string) (io.ReadCloser, error) {
	content, _, err := r.Objects.Open(ctx, r.partName(name))
	return content, err
}

func (r *run) readPart(ctx context.Context, name string) ([]byte, error) {
	content, err := r.openPart(ctx, name)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

// single makes a file of one part, small enough to be held in memory.
func (s *exportStep) single(ctx context.Context, name string, content []byte) error {
	f := &packing.File{Name: name}
	all := parts{step: s}
	part, err := all.of(f)
	if err != nil {
		return err
	}
	part.Write(content)
	s.w.Documents = append(s.w.Documents, f)
	return all.keep(ctx)
}

// named remembers what a line names.
func (w *exportWork) named(l bundle.Line) {
	add := func(list []string, name string) []string {
		if i, found := slices.BinarySearch(list, name); !found {
			return slices.Insert(list, i, name)
		}
		return list
	}
	for _, n := range []*bundle.Reference{l.Notice, l.NoticeInForce} {
		if n != nil {
			locale := n.Locale
			if locale == "" {
				locale = string(domain.Chinese)
			}
			w.Notices = add(w.Notices, n.ID+"."+locale)
		}
	}
	if l.Delegation != nil {
		w.Delegations = add(w.Delegations, l.Delegation.ID)
	}
}
