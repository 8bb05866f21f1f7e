package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
	"nod/shared/ledger/packing"
)

// mergedAtOnce is how many runs of deeds are open together.
const mergedAtOnce = 64

// report holds what people did against the rules by which a bundle is verified, and writes
// what it all comes to, for people and for programs. The runs of deeds, one for each part,
// are in the order of people: merged, they need the memory for one person. Where there are
// too many to be open together, a step makes one of some.
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
		text, err := s.document(ctx, "notices/"+id+"."+string(domain.Chinese)+".json")
		if err != nil {
			return err
		}
		a.Names = bundle.NamesIn(text)
	}
	if err := s.single(ctx, packing.ReportFile, a.Report()); err != nil {
		return err
	}
	return s.endConsents(ctx, a)
}

// endConsents writes what the consents for programs share.
func (s *exportStep) endConsents(ctx context.Context, a bundle.Account) error {
	end, err := a.ConsentsEnd(func(name string) ([]byte, error) { return s.document(ctx, name) })
	if err != nil {
		return err
	}
	all := parts{step: s}
	part, err := all.of(&s.w.Consents)
	if err != nil {
		return err
	}
	part.Write(end)
	s.phase(exportPack, 0)
	return all.keep(ctx)
}

// document is a notice's that is in the bundle, by its file.
func (s *exportStep) document(ctx context.Context, file string) ([]byte, error) {
	id, locale, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(file, "notices/"), ".json"), ".")
	n, err := s.source.Notice(ctx, domain.ID(id))
	if err != nil {
		return nil, fmt.Errorf("notice %s: %w", id, err)
	}
	return ledger.NoticeDocument(s.job.Enterprise, n, domain.Locale(locale)), nil
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
