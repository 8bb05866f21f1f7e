package app

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
	"nod/shared/ledger/packing"
)

// mergedAtOnce is how many runs of deeds are open together.
const mergedAtOnce = 64

// report holds what people did against the rules by which a bundle is verified, and writes
// the report for people. The runs of deeds, one for each part, are in the order of people:
// merged, they need the memory for one person. Where there are too many to be open together,
// a step makes one of some.
func (s *exportStep) report(ctx context.Context) error {
	w := s.w
	if len(w.Deeds.Parts) > mergedAtOnce {
		return s.mergeDeeds(ctx)
	}
	text, err := s.laidDown(ctx)
	if err != nil {
		return err
	}
	laid, err := bundle.ReadLaidDown(bytes.NewReader(text))
	if err != nil {
		return err
	}
	a := bundle.Account{Manifest: s.claims(w), Checkpoint: w.Checkpoint, Tally: w.Tally, Laid: laid}
	runs, closeAll, err := s.openRuns(ctx, w.Deeds.Parts)
	if err != nil {
		return err
	}
	a.Reconciled, err = bundle.Reconcile(laid, w.First == 0, runs...)
	if closeAll(); err != nil {
		return err
	}
	if id := laid.LatestNotice(); id != "" {
		n, err := s.source.Notice(ctx, domain.ID(id))
		if err != nil {
			return fmt.Errorf("notice %s: %w", id, err)
		}
		a.Names = bundle.NamesIn(ledger.NoticeDocument(s.job.Enterprise, n, domain.Chinese))
	}
	s.phase(exportPack, 0)
	return s.single(ctx, packing.ReportFile, a.Report())
}

// mergeDeeds makes one run of the first ones.
func (s *exportStep) mergeDeeds(ctx context.Context) error {
	w := s.w
	runs, closeAll, err := s.openRuns(ctx, w.Deeds.Parts[:mergedAtOnce])
	if err != nil {
		return err
	}
	defer closeAll()
	name := s.nextPart()
	if _, _, err := s.write(ctx, s.partName(name), func(to io.Writer) error { return bundle.MergeDeeds(to, runs...) }); err != nil {
		return err
	}
	w.Parts++
	w.Deeds.Parts = append(w.Deeds.Parts[mergedAtOnce:], name)
	return nil
}

// openRuns opens parts, which hold the lease while they are read.
func (s *exportStep) openRuns(ctx context.Context, parts []string) (runs []io.Reader, closeAll func(), err error) {
	var open []io.Closer
	closeAll = func() {
		for _, c := range open {
			c.Close()
		}
	}
	for _, name := range parts {
		content, err := s.openPart(ctx, name)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		open, runs = append(open, content), append(runs, holding{ctx, s.run, content})
	}
	return runs, closeAll, nil
}

// holding reads, and renews the lease meanwhile.
type holding struct {
	ctx  context.Context
	run  *run
	from io.Reader
}

func (h holding) Read(p []byte) (int, error) {
	if err := h.run.hold(h.ctx); err != nil {
		return 0, err
	}
	return h.from.Read(p)
}

// laidDown is the lines of what the enterprise laid down.
func (s *exportStep) laidDown(ctx context.Context) (text []byte, err error) {
	for _, name := range s.w.Laid.Parts {
		part, err := s.readPart(ctx, name)
		if err != nil {
			return nil, err
		}
		text = append(text, part...)
	}
	return text, nil
}

// claims are what the report repeats of the manifest.
func (r *run) claims(w *exportWork) bundle.Claims {
	m := r.manifest(w)
	return bundle.Claims{
		Enterprise: m.Enterprise, Origin: m.Origin, From: m.Filter.From, To: m.Filter.To, Purposes: m.Filter.Purposes, Subject: m.Filter.Subject,
		Subjects: m.Identifiers == string(domain.SubjectIDs), Size: m.Size, First: m.First, Count: m.Count, Record: m.Records,
	}
}
