package bundle

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// instantForm is how a Record spells its time.
const instantForm = "2006-01-02T15:04:05.000Z"

// lines reads a file of lines together with that of their places, one ahead.
type lines struct {
	name    string
	entries []*entry
	text    *bufio.Reader
	where   *bufio.Reader
	read    int64
	line    []byte // without its end; nil when there is none left
	place   int64
	size    int64 // of the log
}

func (v *verification) lines(name, places string) (*lines, error) {
	l := &lines{name: name, place: -1, size: v.head.Size}
	for _, file := range []string{name, places} {
		e, err := v.open(file)
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		l.entries = append(l.entries, e)
	}
	l.text, l.where = bufio.NewReaderSize(l.entries[0], mostLine), bufio.NewReaderSize(l.entries[1], 16<<10)
	return l, l.next()
}

func (l *lines) Close() (err error) {
	for _, e := range l.entries {
		err = errors.Join(err, e.Close())
	}
	return err
}

func (l *lines) next() error {
	line, err := l.text.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return fault(NotARecord, "line %d of %s is longer than any Record", l.read+1, l.name)
	case errors.Is(err, io.EOF) && len(line) > 0:
		return fault(NotARecord, "%s breaks off in line %d", l.name, l.read+1)
	case errors.Is(err, io.EOF):
		l.line = nil
		if n, _ := l.where.Discard(1); n > 0 {
			return fault(WrongPlaces, "%s has %d lines and more places than that", l.name, l.read)
		}
		return nil
	case err != nil:
		return err
	}
	l.read++
	var raw [8]byte
	if _, err := io.ReadFull(l.where, raw[:]); err != nil {
		return fault(WrongPlaces, "line %d of %s has no place", l.read, l.name)
	}
	place := binary.BigEndian.Uint64(raw[:])
	if place >= uint64(l.size) || int64(place) <= l.place {
		return fault(WrongPlaces, "line %d of %s is said to be at place %d, behind place %d in a log of %d", l.read, l.name, place, l.place, l.size)
	}
	l.line, l.place = line[:len(line)-1], int64(place)
	return nil
}

// walk goes through the lines in the order of the log, those that the exported ones rest
// on among them, and holds each against its leaf hash and against what came before.
func (v *verification) walk(laid *laidDown) (err error) {
	records, err := v.lines(recordsFile, placesFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	support, err := v.lines(supportFile, supportPlacesFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, support.Close()) }()
	leaves, err := v.open(leavesFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leaves.Close()) }()
	tables, err := v.openTables()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tables.Close()) }()
	graph, err := v.openGraph()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, graph.Close()) }()
	w := &walk{
		verification: v, laid: laid, tables: tables, graph: graph, leaves: bufio.NewReaderSize(leaves, 16<<10),
		rules: newRules(laid, v.manifest.First == 0), heads: map[[16]byte]ledger.Hash{}, counts: map[string]int64{}, documents: documents{},
	}
	for records.line != nil || support.line != nil {
		if err := w.step(records, support); err != nil {
			return err
		}
	}
	return w.end(records.read, support.read)
}

// walk is the state of the walk.
type walk struct {
	*verification
	laid      *laidDown
	leaves    *bufio.Reader
	passed    int64 // leaf hashes
	tables    *tables
	graph     *graph
	node      []byte
	rules     *rules
	documents documents
	heads     map[[16]byte]ledger.Hash // of each person's chain
	counts    map[string]int64
	tally     Tally
}

func (w *walk) step(records, support *lines) error {
	from := records
	switch {
	case records.line == nil, support.line != nil && support.place < records.place:
		from = support
	case support.line != nil && support.place == records.place:
		return fault(WrongPlaces, "place %d is in %s and in %s", records.place, recordsFile, supportFile)
	}
	leaf := tlog.RecordHash(from.line)
	if err := w.inLog(from, leaf); err != nil {
		return err
	}
	l, at, err := w.parse(from)
	if err != nil {
		return err
	}
	if from == records {
		if err := w.exported(l, leaf, from, at); err != nil {
			return err
		}
	}
	if err := w.documents.note(l); err != nil {
		return err
	}
	if err := w.rules.see(l, from.place, at, from == records); err != nil {
		return err
	}
	return from.next()
}

// inLog compares a line with the leaf hash at its place.
func (w *walk) inLog(from *lines, leaf ledger.Hash) error {
	if _, err := w.leaves.Discard(int(from.place-w.passed) * len(leaf)); err != nil {
		return err
	}
	var want ledger.Hash
	if _, err := io.ReadFull(w.leaves, want[:]); err != nil {
		return err
	}
	w.passed = from.place + 1
	if leaf != want {
		return fault(NotInTheLog, "line %d of %s is not the one at place %d of the log", from.read, from.name, from.place)
	}
	return nil
}

func (w *walk) parse(from *lines) (l Line, at time.Time, err error) {
	if l, err = ParseLine(from.line); err != nil {
		return l, at, fault(NotARecord, "line %d of %s does not read as a Record: %v", from.read, from.name, err)
	}
	at, err = time.Parse(instantForm, l.At)
	_, named := binaryID(l.ID)
	switch {
	case l.V != 1:
		return l, at, fault(NotARecord, "line %d of %s is of version %d, which this build does not know", from.read, from.name, l.V)
	case err != nil || !named || l.Type == "":
		return l, at, fault(NotARecord, "line %d of %s lacks an id, a type or a time", from.read, from.name)
	case l.Enterprise != w.manifest.Enterprise:
		return l, at, fault(OtherLog, "line %d of %s is of the enterprise %s, the bundle of %s", from.read, from.name, l.Enterprise, w.manifest.Enterprise)
	}
	return l, at, nil
}

// exported is what must hold of a line of the export itself.
func (w *walk) exported(l Line, leaf ledger.Hash, from *lines, at time.Time) error {
	m, n := w.manifest, from.read
	switch {
	case n > m.Records:
		return fault(NotCounted, "%s has more than the %d lines that the manifest counts", recordsFile, m.Records)
	case from.place < m.First || from.place >= m.First+m.Count:
		return fault(WrongPlaces, "line %d of %s is at place %d, outside of the range", n, recordsFile, from.place)
	case m.Complete && from.place != m.First+n-1:
		return fault(WrongPlaces, "line %d of %s is at place %d; the range is said to be complete, so it would be place %d", n, recordsFile, from.place, m.First+n-1)
	case m.Complete && (n == 1 || n == m.Records) && !m.Filter.within(at):
		return fault(NotCounted, "line %d of %s is the end of the range and outside of the window that the manifest names", n, recordsFile)
	case len(m.Filter.Purposes) > 0 && l.Purpose != "" && !slices.Contains(m.Filter.Purposes, l.Purpose):
		return fault(NotCounted, "line %d of %s is about the purpose %q, which the filter leaves out", n, recordsFile, l.Purpose)
	}
	w.counts[l.Type]++
	w.tally.Add(l)
	if err := w.chained(l, leaf, n); err != nil {
		return err
	}
	if err := w.laid.knows(l); err != nil {
		return err
	}
	w.node = AppendConsent(w.node[:0], l, m.Origin)
	if err := w.graph.expect(w.node); err != nil {
		return err
	}
	return w.tables.compare(l, uint64(from.place))
}

// chained compares a person's Record with the one before it, where none can be left out
// between them.
func (w *walk) chained(l Line, leaf ledger.Hash, n int64) error {
	f := w.manifest.Filter
	if f.Subject != "" && l.Subject != f.Subject {
		return fault(NotCounted, "line %d of %s is not about the person of the filter", n, recordsFile)
	}
	if l.Subject == "" {
		if l.Prev != "" {
			return fault(BrokenChain, "line %d of %s is about nobody and names a Record before it", n, recordsFile)
		}
		return nil
	}
	subject, ok := binaryHex(l.Subject)
	if !ok {
		return fault(NotARecord, "line %d of %s names a person otherwise than by a pseudonym", n, recordsFile)
	}
	if len(f.Purposes) > 0 {
		return nil
	}
	head, met := w.heads[subject]
	switch {
	case met && l.Prev != hex.EncodeToString(head[:]):
		return fault(BrokenChain, "line %d of %s does not name the same person's Record before it", n, recordsFile)
	case !met && w.manifest.First == 0 && l.Prev != "":
		return fault(BrokenChain, "line %d of %s is a person's first and names a Record before it", n, recordsFile)
	}
	w.heads[subject] = leaf
	return nil
}

// end is what can be said when all lines were seen.
func (w *walk) end(records, support int64) error {
	m := w.manifest
	if records != m.Records {
		return fault(NotCounted, "%s has %d lines, the manifest counts %d", recordsFile, records, m.Records)
	}
	if len(m.Counts) != len(w.counts) {
		return fault(NotCounted, "the manifest counts other types of Records than there are")
	}
	for kind, n := range w.counts {
		if m.Counts[kind] != n {
			return fault(NotCounted, "the manifest counts %d %s, there are %d", m.Counts[kind], kind, n)
		}
	}
	w.report.lines(m, support)
	if err := w.tables.end(); err != nil {
		return err
	}
	w.report.tabled(m)
	if err := w.agree(w.documents, w.laid); err != nil {
		return err
	}
	w.report.checked("Every notice and delegation that a Record names is here and is the one it names: %d documents.", len(w.documents))
	w.rules.leave()
	w.report.Reconciled, w.report.WasReconciled = Reconciled{w.rules.Reconciliation, w.rules.named}, true
	if w.rules.first != nil {
		return w.rules.first
	}
	return w.told()
}

// told derives what the lines are told as, to programs and to people, and compares.
func (w *walk) told() (err error) {
	a := Account{Manifest: w.manifest.claims(), Tally: w.tally, Laid: w.laid, Reconciled: w.report.Reconciled}
	document := func(name string) ([]byte, error) { return w.read(name, mostDocument) }
	end, err := a.ConsentsEnd(document)
	if err != nil {
		return err
	}
	if err := w.graph.end(end); err != nil {
		return err
	}
	checkpoint, err := document(checkpointFile)
	if err != nil {
		return err
	}
	a.Checkpoint = string(checkpoint)
	if latest := w.laid.LatestNotice(); latest != "" {
		text, err := document(noticeFile(Reference{ID: latest}))
		if err != nil {
			return err
		}
		a.Names = NamesIn(text)
	}
	report, err := document(reportFile)
	if err != nil {
		return err
	}
	if !bytes.Equal(report, a.Report()) {
		return fault(WrongReport, "%s is not what the lines come to", reportFile)
	}
	w.report.checked("%s and %s, for programs and for people, are what lines and documents come to.", ConsentsGraph, reportFile)
	return nil
}

// binaryID reads a UUID in its one spelling.
func binaryID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	return binaryHex(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
}

// binaryHex reads sixteen bytes in lower-case hex.
func binaryHex(s string) (b [16]byte, ok bool) {
	if len(s) != 32 {
		return b, false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return b, false
		}
		b[i/2] = b[i/2]<<4 | c
	}
	return b, true
}
