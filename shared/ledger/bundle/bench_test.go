package bundle_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
	"nod/shared/receipt"
)

// BenchmarkVerifyAMillionRecords verifies a bundle of 50,000 people, each with a notice
// shown, a grant, and nine checks.
func BenchmarkVerifyAMillionRecords(b *testing.B) {
	const people, checks = 50_000, 9
	name := crowd(b, people, checks)
	for b.Loop() {
		file, err := os.Open(name)
		must(err)
		info, err := file.Stat()
		must(err)
		b.SetBytes(info.Size())
		r, err := bundle.Verify(file, info.Size(), bundle.Options{Keys: []string{key}})
		if err != nil || r.Started != people*checks {
			b.Fatal(err, r)
		}
		must(file.Close())
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-of-the-process")
}

// growing is an entry that is written to the disk first: it is too large for the memory.
type growing struct {
	name string
	file *os.File
	*bufio.Writer
	hash  hash.Hash
	bytes int
}

func (g *growing) put(p []byte) {
	_, err := g.Write(p)
	must(err)
	g.hash.Write(p)
	g.bytes += len(p)
}

// crowd writes a bundle of many people to a file.
func crowd(b *testing.B, people, checks int) string {
	b.Helper()
	folder := b.TempDir()
	parts := map[string]*growing{}
	var order []*growing
	begin := func(name string) {
		file, err := os.Create(filepath.Join(folder, fmt.Sprint(len(order))))
		must(err)
		parts[name] = &growing{name, file, bufio.NewWriterSize(file, 1<<20), sha256.New(), 0}
		order = append(order, parts[name])
	}
	w := small()
	laid := w.records[:w.where(domain.NoticeShown, 0)]
	for _, name := range []string{"records.ndjson", "proof/checkpoint", "proof/keys", "proof/leaves", "proof/places", "proof/support.ndjson", "proof/support-places"} {
		begin(name)
	}
	for name, document := range w.documents {
		begin(name)
		parts[name].put(document)
	}
	for _, name := range bundle.Files {
		begin(name)
		parts[name].put(bundle.AppendHeader(nil, name, false))
	}
	begin("consents.jsonld")
	parts["consents.jsonld"].put(receipt.Heading())
	begin("report.html")
	begin("VERIFY.txt")
	var tally bundle.Tally
	var publications bytes.Buffer
	counts := map[string]int{}
	var leaves []ledger.Hash
	seal := func(r *domain.Record, prev string) string {
		e, err := ledger.Seal(r, prev)
		must(err)
		place, leaf := uint64(len(leaves)), tlog.RecordHash(e.Line)
		parts["records.ndjson"].put(append(e.Line, '\n'))
		parts["proof/places"].put(binary.BigEndian.AppendUint64(nil, place))
		parts["proof/leaves"].put(leaf[:])
		leaves = append(leaves, leaf)
		counts[string(r.Type)]++
		l, err := bundle.ParseLine(e.Line)
		must(err)
		parts["consents.jsonld"].put(bundle.AppendConsent(nil, l, origin))
		if tally.Add(l); bundle.LaysDown(l.Type) {
			publications.Write(append(e.Line, '\n'))
		}
		if table := bundle.FileOf(l.Type); table != "" {
			parts[table].put(bundle.AppendRow(nil, bundle.Row(l, place)))
		}
		return e.Leaf
	}
	for _, r := range laid {
		seal(r, "")
	}
	for n := range people {
		prev := ""
		write := func(as *domain.Record, edit func(r *domain.Record)) domain.ID {
			r := *as
			r.ID, r.Subject, r.At = w.mint(), fmt.Sprintf("7d1e%028x", n), r.At.Add(time.Duration(n)*time.Second)
			r.Session = domain.ID(fmt.Sprintf("01920000-0000-7000-9000-%012x", n))
			edit(&r)
			prev = seal(&r, prev)
			return r.ID
		}
		write(w.first(domain.NoticeShown), func(*domain.Record) {})
		consent := write(w.first(domain.ConsentGrantedType), func(r *domain.Record) { r.Until = r.Until.Add(time.Duration(n) * time.Second) })
		for c := range checks {
			on := func(r *domain.Record) { r.Consent, r.Attempt = consent, fmt.Sprint("a", c) }
			write(w.first(domain.CheckStarted), on)
			write(w.first(domain.CheckPassed), on)
		}
	}
	all := int64(len(leaves))
	head := signed(notary, origin, all, rootOf(leaves))
	laidDown, err := bundle.ReadLaidDown(&publications)
	must(err)
	a := bundle.Account{Checkpoint: string(head), Tally: tally, Laid: laidDown}
	a.Manifest = bundle.Claims{Enterprise: string(enterpriseID), Origin: origin, Size: all, Count: all, Record: all}
	a.Names = bundle.NamesIn(w.documents["notices/"+laidDown.LatestNotice()+".zh-CN.json"])
	a.Reconciled.Started = int64(people * checks)
	a.Reconciled.Concluded = a.Reconciled.Started
	end, err := a.ConsentsEnd(func(name string) ([]byte, error) { return w.documents[name], nil })
	must(err)
	for name, content := range map[string][]byte{
		"proof/checkpoint": head, "proof/keys": []byte(key + "\n"), "consents.jsonld": end, "report.html": a.Report(),
	} {
		parts[name].put(content)
	}
	for _, p := range order {
		must(p.Flush())
	}
	claims := map[string]any{
		"format": "nod-bundle-1", "enterprise": enterpriseID, "origin": origin, "filter": map[string]any{}, "complete": true,
		"size": len(leaves), "first": 0, "count": len(leaves), "records": len(leaves), "identifiers": "pseudonyms", "counts": counts,
	}
	return packed(folder, claims, order)
}

func packed(folder string, claims map[string]any, order []*growing) string {
	files := map[string]any{}
	for _, p := range order {
		files[p.name] = map[string]any{"sha256": hex.EncodeToString(p.hash.Sum(nil)), "bytes": p.bytes}
	}
	claims = maps.Clone(claims)
	claims["files"] = files
	name := filepath.Join(folder, "bundle.zip")
	file, err := os.Create(name)
	must(err)
	z := zip.NewWriter(file)
	first, err := z.Create("manifest.json")
	must(err)
	_, err = first.Write(canonicalJSON(claims))
	must(err)
	for _, p := range order {
		to, err := z.Create(p.name)
		must(err)
		_, err = p.file.Seek(0, io.SeekStart)
		must(err)
		_, err = io.Copy(to, p.file)
		must(err)
		must(p.file.Close())
	}
	must(z.Close())
	must(file.Close())
	return name
}
