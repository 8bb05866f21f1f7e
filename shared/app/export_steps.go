package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
	"nod/shared/ledger/packing"
	"nod/shared/receipt"
)

// leaves takes the hashes of the next places.
func (s *exportStep) leaves(ctx context.Context) error {
	w, all := s.w, parts{step: s}
	part, err := all.of(&w.Leaves)
	if err != nil {
		return err
	}
	const width = 1 << ledger.TileHeight
	end := min(w.At+leavesAtOnce, w.Size)
	var want []tlog.Tile
	for at := w.At; at < end; at += width {
		want = append(want, tlog.Tile{H: ledger.TileHeight, L: 0, N: at / width, W: int(min(width, w.Size-at))})
	}
	tiles, err := s.source.Tiles(ctx, want)
	if err != nil {
		return err
	}
	for _, tile := range tiles {
		part.Write(tile)
	}
	if s.phase(exportLeaves, end); end == w.Size {
		s.phase(exportLines, w.First)
	}
	return all.keep(ctx)
}

// lines takes the next lines of the range, with their places and their rows.
func (s *exportStep) lines(ctx context.Context) error {
	w := s.w
	page, err := s.newPage()
	if err != nil {
		return err
	}
	ids := s.asked.Identifiers == domain.SubjectIDs
	for read := 0; read < s.perStep(); {
		limit := min(exportedBatch, s.perStep()-read)
		list, err := s.source.Exported(ctx, w.At, w.End, s.asked.Subject, ids, limit)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := page.add(l); err != nil {
				return err
			}
			w.At = l.Place + 1
		}
		if read += len(list); len(list) < limit {
			w.At = w.End
			s.phase(exportWanted, 0)
			break
		}
	}
	if err := page.consents(ctx); err != nil {
		return err
	}
	if err := page.did.Run(page.deeds); err != nil {
		return err
	}
	return page.all.keep(ctx)
}

// page is the next part of all that follows from lines.
type page struct {
	*exportStep
	all                  parts
	lines, places, named *packing.Part
	graph                *packing.Part
	deeds, laid          *packing.Part
	did                  bundle.Deeds
	tables               map[string]*packing.Part
	rested               map[domain.ID]bool // consents that checks of the page rest on
	here                 map[domain.ID]bool // those that are in it themselves
	known                map[string]string  // ids by pseudonym
}

func (s *exportStep) newPage() (*page, error) {
	p := &page{exportStep: s, all: parts{step: s}, tables: map[string]*packing.Part{},
		rested: map[domain.ID]bool{}, here: map[domain.ID]bool{}, known: map[string]string{}}
	for into, f := range map[**packing.Part]*packing.File{
		&p.lines: &s.w.Lines, &p.places: &s.w.Places, &p.named: &s.w.Named, &p.deeds: &s.w.Deeds, &p.laid: &s.w.Laid, &p.graph: &s.w.Consents,
	} {
		part, err := f.Begin()
		if err != nil {
			return nil, err
		}
		*into = part
	}
	p.all.list = append(p.all.list, p.lines, p.places, p.named, p.deeds, p.laid, p.graph)
	if s.w.Consents.Bytes == 0 {
		p.graph.Write(receipt.Heading())
	}
	for _, f := range s.w.Tables {
		part, err := p.all.of(f)
		if err != nil {
			return nil, err
		}
		if p.tables[f.Name] = part; f.Bytes == 0 {
			part.Write(bundle.AppendHeader(nil, f.Name, s.asked.Identifiers == domain.SubjectIDs))
		}
	}
	return p, nil
}

func (p *page) add(l ExportedLine) error {
	line, err := bundle.ParseLine([]byte(l.Line))
	if err != nil {
		return err
	}
	if !p.asked.Holds(domain.Purpose(line.Purpose), line.Subject) {
		return nil
	}
	p.lines.Write(append([]byte(l.Line), '\n'))
	p.places.Write(binary.BigEndian.AppendUint64(nil, uint64(l.Place)))
	p.w.Records++
	p.w.Counts[line.Type]++
	p.w.named(line)
	p.w.Tally.Add(line)
	p.graph.Write(bundle.AppendConsent(nil, line, p.Origin(p.job.Enterprise)))
	p.did.Add(line, l.Place, true)
	if bundle.LaysDown(line.Type) {
		p.laid.Write(append([]byte(l.Line), '\n'))
	}
	switch {
	case line.Type == string(domain.ConsentGrantedType):
		p.here[domain.ID(line.ID)] = true
	case strings.HasPrefix(line.Type, "check."):
		for _, id := range []string{line.Consent, line.GuardianConsent} {
			if id != "" {
				p.rested[domain.ID(id)] = true
			}
		}
	}
	return p.row(line, l)
}

func (p *page) row(line bundle.Line, l ExportedLine) error {
	file := bundle.FileOf(line.Type)
	if file == "" {
		return nil
	}
	row := bundle.Row(line, uint64(l.Place))
	if p.asked.Identifiers == domain.SubjectIDs && bundle.HasSubjects(file) {
		id, err := p.subject(line.Subject, l.SealedID)
		if err != nil {
			return err
		}
		row = append(row, id)
	}
	p.tables[file].Write(bundle.AppendRow(nil, row))
	return nil
}

// subject is the id by which the platform knows somebody; empty if it was deleted.
func (p *page) subject(pseudonym string, sealed []byte) (id string, err error) {
	if id, found := p.known[pseudonym]; found || len(sealed) == 0 {
		return id, nil
	}
	if id, err = p.Vault.OpenSubject(p.job.Enterprise, sealed); err == nil {
		p.known[pseudonym] = id
	}
	return id, err
}

// consents notes where the consents stand that the page's checks rest on, unless they are
// in the bundle anyhow.
func (p *page) consents(ctx context.Context) error {
	for id := range p.here {
		delete(p.rested, id)
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(p.rested)), exportedBatch) {
		places, err := p.source.Places(ctx, ids)
		if err != nil {
			return err
		}
		for _, at := range slices.Sorted(slices.Values(places)) {
			if !p.asked.Complete() || at < p.w.First || at >= p.w.End {
				p.named.Write(binary.BigEndian.AppendUint64(nil, uint64(at)))
			}
		}
	}
	return nil
}

// wanted brings the places of all that the bundle rests on into order, each once: those of
// consents, and of what the enterprise has laid down. It is the one step that has something
// of every Record in memory, eight bytes.
func (s *exportStep) wanted(ctx context.Context) error {
	places, err := s.source.LaidDown(ctx, s.w.Size)
	if err != nil {
		return err
	}
	for _, name := range s.w.Named.Parts {
		data, err := s.readPart(ctx, name)
		if err != nil {
			return err
		}
		for ; len(data) >= 8; data = data[8:] {
			places = append(places, int64(binary.BigEndian.Uint64(data)))
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	for chunk := range slices.Chunk(places, s.perStep()) {
		all := parts{step: s}
		part, err := all.of(&s.w.Wanted)
		if err != nil {
			return err
		}
		for _, at := range chunk {
			part.Write(binary.BigEndian.AppendUint64(nil, uint64(at)))
		}
		if err := all.keep(ctx); err != nil {
			return err
		}
	}
	s.phase(exportSupport, 0)
	return nil
}

// support takes the lines at the next of those places that are not in the bundle anyhow.
func (s *exportStep) support(ctx context.Context) error {
	w := s.w
	if w.At == int64(len(w.Wanted.Parts)) {
		s.phase(exportDocuments, 0)
		return nil
	}
	data, err := s.readPart(ctx, w.Wanted.Parts[w.At])
	if err != nil {
		return err
	}
	var places []int64
	for ; len(data) >= 8; data = data[8:] {
		places = append(places, int64(binary.BigEndian.Uint64(data)))
	}
	all := parts{step: s}
	lines, err := all.of(&w.Support)
	if err != nil {
		return err
	}
	at, err := all.of(&w.SupportPlaces)
	if err != nil {
		return err
	}
	deeds, err := all.of(&w.Deeds)
	if err != nil {
		return err
	}
	laid, err := all.of(&w.Laid)
	if err != nil {
		return err
	}
	var did bundle.Deeds
	for chunk := range slices.Chunk(places, exportedBatch) {
		list, err := s.source.At(ctx, chunk)
		if err != nil {
			return err
		}
		for _, l := range list {
			line, err := bundle.ParseLine([]byte(l.Line))
			if err != nil {
				return err
			}
			if l.Place >= w.First && l.Place < w.End && s.asked.Holds(domain.Purpose(line.Purpose), line.Subject) {
				continue
			}
			lines.Write(append([]byte(l.Line), '\n'))
			at.Write(binary.BigEndian.AppendUint64(nil, uint64(l.Place)))
			w.named(line)
			did.Add(line, l.Place, false)
			if bundle.LaysDown(line.Type) {
				laid.Write(append([]byte(l.Line), '\n'))
			}
		}
	}
	if err := did.Run(deeds); err != nil {
		return err
	}
	w.At++
	return all.keep(ctx)
}

// documents takes the next notices and delegations that are named, as what their hashes are
// over. One that does not have its hash stops the export.
func (s *exportStep) documents(ctx context.Context) error {
	w := s.w
	names := len(w.Notices) + len(w.Delegations)
	for n := 0; n < documentsAtOnce && w.At < int64(names); n++ {
		var err error
		if i := int(w.At); i < len(w.Notices) {
			err = s.notice(ctx, w.Notices[i])
		} else {
			err = s.delegation(ctx, domain.ID(w.Delegations[i-len(w.Notices)]))
			n = documentsAtOnce // its agreement may be large
		}
		if err != nil {
			return err
		}
		w.At++
	}
	if w.At == int64(names) {
		s.phase(exportReport, 0)
	}
	return nil
}

func (s *exportStep) notice(ctx context.Context, name string) error {
	id, locale, _ := strings.Cut(name, ".")
	n, err := s.source.Notice(ctx, domain.ID(id))
	if err != nil {
		return fmt.Errorf("notice %s: %w", id, err)
	}
	document := ledger.NoticeDocument(s.job.Enterprise, n, domain.Locale(locale))
	if hashOf(document) != n.SHA256[domain.Locale(locale)] {
		return fmt.Errorf("notice %s: %w", name, errAltered)
	}
	return s.single(ctx, "notices/"+name+".json", document)
}

func (s *exportStep) delegation(ctx context.Context, id domain.ID) error {
	d, file, err := s.source.Agreement(ctx, id)
	if err != nil {
		return fmt.Errorf("delegation %s: %w", id, err)
	}
	document := ledger.DelegationDocument(s.job.Enterprise, d)
	if hashOf(document) != d.SHA256 || len(file) > 0 && hashOf(file) != d.Terms.AgreementSHA256 {
		return fmt.Errorf("delegation %s: %w", id, errAltered)
	}
	if err := s.single(ctx, "delegations/"+string(id)+".json", document); err != nil || len(file) == 0 {
		return err
	}
	return s.single(ctx, "delegations/"+string(id)+".agreement", file)
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
