package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
	"nod/shared/receipt"
)

func hexSum(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

const origin = "nod.example.com/" + string(enterpriseID)

var notary = func() *ledger.Notary {
	n, err := ledger.NewNotary(bytes.Repeat([]byte{7}, 32))
	must(err)
	return n
}()

func vkey(n *ledger.Notary, origin string) string {
	keys, err := n.Verifiers(origin)
	must(err)
	return keys[0]
}

// sealed is a log: lines with their leaf hashes.
type sealed struct {
	lines  [][]byte
	leaves []ledger.Hash
}

// seal chains each person's Records and writes their lines.
func (w *world) seal() (s sealed) {
	prev := map[string]string{}
	for i, r := range w.records {
		before := ""
		if r.Subject != "" {
			before = prev[r.Subject]
		}
		if instead, is := w.named[i]; is {
			before = instead
		}
		e, err := ledger.Seal(r, before)
		must(err)
		prev[r.Subject] = e.Leaf
		s.lines, s.leaves = append(s.lines, e.Line), append(s.leaves, tlog.RecordHash(e.Line))
	}
	return s
}

// checkpoint signs the head of the first n lines.
func (s sealed) checkpoint(n int) []byte {
	return signed(notary, origin, int64(n), rootOf(s.leaves[:n]))
}

func signed(by *ledger.Notary, origin string, size int64, root ledger.Hash) []byte {
	text, err := by.Sign(origin, ledger.Head{Size: size, Root: root})
	must(err)
	return text
}

// rootOf is written once more here, as RFC 6962 has it.
func rootOf(leaves []ledger.Hash) ledger.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(rootOf(leaves[:k]), rootOf(leaves[k:]))
}

// cut is what of a log is exported.
type cut struct {
	from, to time.Time
	purposes []string
	subject  string
	subjects bool // with the platform's ids
}

// file is an entry of a bundle.
type file struct {
	name string
	data []byte
}

// parts are the entries of a bundle but its manifest, and what that says.
type parts struct {
	claims map[string]any
	files  []file
}

// bundle exports a cut of the world's log.
func (w *world) bundle(c cut) parts {
	s := w.seal()
	whole := len(c.purposes) == 0 && c.subject == ""
	first, end := 0, len(s.lines)
	in := func(r *domain.Record) bool {
		return (c.from.IsZero() || !r.At.Before(c.from)) && (c.to.IsZero() || r.At.Before(c.to))
	}
	if !c.from.IsZero() || !c.to.IsZero() {
		if first = slices.IndexFunc(w.records, in); first < 0 {
			first, end = 0, 0
		}
		for end = len(w.records); end > first && !in(w.records[end-1]); end-- {
		}
	}
	picked := map[int]bool{}
	counts := map[string]int{}
	var lines, places bytes.Buffer
	for i := first; i < end; i++ {
		r := w.records[i]
		if c.subject != "" && r.Subject != c.subject || len(c.purposes) > 0 && !slices.Contains(c.purposes, string(r.Purpose)) {
			continue
		}
		picked[i] = true
		counts[string(r.Type)]++
		put(&lines, &places, s.lines[i], i)
	}
	var support, supportPlaces bytes.Buffer
	for _, i := range w.closure(picked) {
		put(&support, &supportPlaces, s.lines[i], i)
	}
	var leaves []byte
	for _, h := range s.leaves {
		leaves = append(leaves, h[:]...)
	}
	p := parts{
		claims: map[string]any{
			"format": "nod-bundle-1", "enterprise": enterpriseID, "origin": origin, "filter": c.filter(), "complete": whole,
			"size": len(s.lines), "first": first, "count": end - first, "records": len(picked),
			"identifiers": map[bool]string{false: "pseudonyms", true: "subjects"}[c.subjects], "counts": counts,
		},
		files: []file{
			{"records.ndjson", lines.Bytes()}, {"proof/checkpoint", s.checkpoint(len(s.lines))},
			{"proof/keys", []byte(vkey(notary, origin) + "\n")}, {"proof/leaves", leaves}, {"proof/places", places.Bytes()},
			{"proof/support.ndjson", support.Bytes()}, {"proof/support-places", supportPlaces.Bytes()},
		},
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range w.documents {
			if !yield(name) {
				return
			}
		}
	}) {
		if id := strings.TrimSuffix(name, ".agreement") + ".json"; bytes.Contains(append(lines.Bytes(), support.Bytes()...), []byte(strings.Split(strings.Split(id, "/")[1], ".")[0])) {
			p.files = append(p.files, file{name, w.documents[name]})
		}
	}
	p.files = append(p.files, tables(lines.Bytes(), places.Bytes(), c.subjects)...)
	graph, report := p.told()
	p.files = append(p.files, file{"consents.jsonld", graph}, file{"report.html", report})
	p.files = append(p.files, file{"VERIFY.txt", []byte("nod verify-export\n")})
	return p
}

func (c cut) filter() map[string]any {
	f := map[string]any{}
	if !c.from.IsZero() {
		f["from"] = c.from.Format(time.RFC3339)
	}
	if !c.to.IsZero() {
		f["to"] = c.to.Format(time.RFC3339)
	}
	if len(c.purposes) > 0 {
		f["purposes"] = c.purposes
	}
	if c.subject != "" {
		f["subject"] = c.subject
	}
	return f
}

func put(lines, places *bytes.Buffer, line []byte, place int) {
	lines.Write(append(slices.Clone(line), '\n'))
	places.Write(binary.BigEndian.AppendUint64(nil, uint64(place)))
}

// closure is the places of the Records that others rest on.
func (w *world) closure(picked map[int]bool) (places []int) {
	named := map[domain.ID]bool{}
	name := func(r *domain.Record) {
		named[r.Consent], named[r.GuardianConsent] = true, true
		if r.Notice != nil {
			named[r.Notice.ID] = true
		}
		if r.NoticeInForce != nil {
			named[r.NoticeInForce.ID] = true
		}
		if r.Delegation != nil {
			named[r.Delegation.ID] = true
		}
	}
	for i := range picked {
		name(w.records[i])
	}
	for i, r := range w.records {
		if picked[i] {
			continue
		}
		switch {
		case r.Type == domain.NoticePublished && named[r.Notice.ID], r.Type == domain.DelegationRecorded && named[r.Delegation.ID],
			r.Type == domain.ConsentGrantedType && named[r.ID], r.Type == domain.SettingsChanged:
			places = append(places, i)
		}
	}
	return places
}

// tables derives the tables anew.
func tables(lines, places []byte, subjects bool) (files []file) {
	text := map[string][]byte{}
	for _, name := range bundle.Files {
		text[name] = bundle.AppendHeader(nil, name, subjects)
	}
	for line := range bytes.Lines(lines) {
		l, err := bundle.ParseLine(line)
		must(err)
		place := binary.BigEndian.Uint64(places)
		places = places[8:]
		if name := bundle.FileOf(l.Type); name != "" {
			row := bundle.Row(l, place)
			if subjects && bundle.HasSubjects(name) {
				row = append(row, "emp,\"1\"")
			}
			text[name] = bundle.AppendRow(text[name], row)
		}
	}
	for _, name := range bundle.Files {
		files = append(files, file{name, text[name]})
	}
	return files
}

// reconciled holds the checks against the rules as whoever makes a bundle does: by runs of
// so many lines, which are merged, and one person after the other.
func (p *parts) reconciled(perRun int) (bundle.Reconciled, *bundle.LaidDown) {
	var runs []io.Reader
	d, n := &bundle.Deeds{}, 0
	records, support := p.get("records.ndjson").data, p.get("proof/support.ndjson").data
	for i, text := range [][]byte{records, support} {
		places := p.get([]string{"proof/places", "proof/support-places"}[i]).data
		for line := range bytes.Lines(text) {
			l, err := bundle.ParseLine(line)
			must(err)
			d.Add(l, int64(binary.BigEndian.Uint64(places)), i == 0)
			if places, n = places[8:], n+1; n%perRun == 0 {
				runs, d = append(runs, run(d)), &bundle.Deeds{}
			}
		}
	}
	var merged bytes.Buffer
	half := len(runs) / 2
	must(bundle.MergeDeeds(&merged, runs[:half]...))
	runs = append(runs[half:], &merged, run(d))
	laid, err := bundle.ReadLaidDown(io.MultiReader(bytes.NewReader(records), bytes.NewReader(support)))
	must(err)
	r, err := bundle.Reconcile(laid, p.claims["first"] == 0, runs...)
	must(err)
	return r, laid
}

func run(d *bundle.Deeds) *bytes.Buffer {
	var b bytes.Buffer
	must(d.Run(&b))
	return &b
}

// told derives the consents for programs, and the report for people.
func (p *parts) told() (graph, report []byte) {
	var tally bundle.Tally
	graph = receipt.Heading()
	for line := range bytes.Lines(p.get("records.ndjson").data) {
		l, err := bundle.ParseLine(line)
		must(err)
		graph = bundle.AppendConsent(graph, l, origin)
		tally.Add(l)
		raw, err := json.Marshal(tally) // as it is kept between two steps
		must(err)
		tally = bundle.Tally{}
		must(json.Unmarshal(raw, &tally))
	}
	a := bundle.Account{Manifest: p.repeated(), Checkpoint: string(p.get("proof/checkpoint").data), Tally: tally}
	a.Reconciled, a.Laid = p.reconciled(7)
	if latest := a.Laid.LatestNotice(); latest != "" {
		a.Names = bundle.NamesIn(p.get("notices/" + latest + ".zh-CN.json").data)
	}
	end, err := a.ConsentsEnd(func(name string) ([]byte, error) { return p.get(name).data, nil })
	must(err)
	return append(graph, end...), a.Report()
}

// repeated is what the report repeats of the manifest.
func (p *parts) repeated() bundle.Claims {
	var m struct {
		bundle.Claims
		Identifiers string
		Records     int64
		Filter      struct {
			From, To, Subject string
			Purposes          []string
		}
	}
	must(json.Unmarshal(canonicalJSON(p.claims), &m))
	c := m.Claims
	c.Record, c.Subjects = m.Records, m.Identifiers == "subjects"
	c.From, c.To, c.Purposes, c.Subject = m.Filter.From, m.Filter.To, m.Filter.Purposes, m.Filter.Subject
	return c
}

// get is an entry to be changed.
func (p *parts) get(name string) *file {
	for i := range p.files {
		if p.files[i].name == name {
			return &p.files[i]
		}
	}
	panic(name)
}

// manifest writes what fits the parts as they are.
func (p *parts) manifest() []byte {
	listed := map[string]any{}
	for _, f := range p.files {
		listed[f.name] = map[string]any{"sha256": hexSum(f.data), "bytes": len(f.data)}
	}
	p.claims["files"] = listed
	return canonicalJSON(p.claims)
}

func canonicalJSON(v any) []byte {
	raw, err := json.Marshal(v)
	must(err)
	must((*jsontext.Value)(&raw).Canonicalize())
	return raw
}

// entries is the whole bundle, with a manifest that fits.
func (p *parts) entries() []file { return append([]file{{"manifest.json", p.manifest()}}, p.files...) }

func zipped(files []file) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
		must(err)
		_, err = w.Write(f.data)
		must(err)
	}
	must(z.Close())
	return b.Bytes()
}

var key = vkey(notary, origin)

func verify(raw []byte, o bundle.Options) (bundle.Report, error) {
	if o.Keys == nil {
		o.Keys = []string{key}
	}
	return bundle.Verify(bytes.NewReader(raw), int64(len(raw)), o)
}

// holds fails the test unless the bundle verifies.
func holds(t testing.TB, raw []byte) bundle.Report {
	t.Helper()
	r, err := verify(raw, bundle.Options{})
	if err != nil {
		t.Fatalf("%v\n%q", err, r.Checked)
	}
	return r
}
