package api

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
)

// bundled is an export's file, opened.
type bundled struct {
	t        *testing.T
	raw      []byte
	names    []string
	files    map[string]string
	manifest object
}

func unpack(t *testing.T, raw []byte) *bundled {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	b := &bundled{t: t, raw: raw, files: map[string]string{}}
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		b.names, b.files[e.Name] = append(b.names, e.Name), string(content)
	}
	if err := json.Unmarshal([]byte(b.files["manifest.json"]), &b.manifest); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundled) lines(name string) []string {
	if b.files[name] == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(b.files[name], "\n"), "\n")
}

func (b *bundled) mentions(what string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(b.files)), func(s string) bool { return strings.Contains(s, what) })
}

// holdsTogether holds everything in a bundle against the log's own checkpoint and against
// each other.
func (b *bundled) holdsTogether(h *house) {
	b.t.Helper()
	b.isListed()
	keys := h.do(b.t, "GET", "/v1/log/keys", h.auditor, nil).ok(200)
	head, err := ledger.OpenCheckpoint(text(keys, "origin"), []byte(b.files["proof/checkpoint"]), b.lines("proof/keys")...)
	if err != nil || float64(head.Size) != b.manifest["size"] || len(b.files["proof/leaves"]) != int(head.Size)*tlog.HashSize {
		b.t.Fatalf("the checkpoint is of %d, %v; the manifest says %v", head.Size, err, b.manifest)
	}
	// The verifier says the same, with nothing but the file and the keys.
	options := bundle.Options{Keys: b.lines("proof/keys")}
	if report, err := bundle.Verify(bytes.NewReader(b.raw), int64(len(b.raw)), options); err != nil {
		b.t.Errorf("it does not verify: %v\n%+v", err, report)
	}
	var leaves []string
	for leaf := range slices.Chunk([]byte(b.files["proof/leaves"]), tlog.HashSize) {
		leaves = append(leaves, hex.EncodeToString(leaf))
	}
	if g, err := ledger.Grow(0, nil, leaves); err != nil || g.Root != head.Root {
		b.t.Errorf("the leaves do not make the root: %v", err)
	}
	consents := map[string]bool{}
	var named []bundle.Line
	tables := map[string][]byte{}
	subjects := b.manifest["identifiers"] == "subjects"
	for _, name := range bundle.Files {
		tables[name] = bundle.AppendHeader(nil, name, false)
	}
	for _, file := range [][2]string{{"records.ndjson", "proof/places"}, {"proof/support.ndjson", "proof/support-places"}} {
		places := []byte(b.files[file[1]])
		last := int64(-1)
		for _, line := range b.lines(file[0]) {
			place := int64(binary.BigEndian.Uint64(places))
			places = places[8:]
			if place <= last || leaves[place] != ledger.LeafHash([]byte(line)) {
				b.t.Errorf("%s is not at place %d", line, place)
			}
			last = place
			l, err := bundle.ParseLine([]byte(line))
			if err != nil {
				b.t.Fatal(err)
			}
			named = append(named, l)
			consents[l.ID] = consents[l.ID] || l.Type == "consent.granted"
			if name := bundle.FileOf(l.Type); name != "" && file[0] == "records.ndjson" {
				tables[name] = bundle.AppendRow(tables[name], bundle.Row(l, uint64(place)))
			}
		}
		if len(places) > 0 {
			b.t.Errorf("%s has %d bytes too many", file[1], len(places))
		}
	}
	for name, want := range tables {
		if got := b.files[name]; got != string(want) && !(subjects && bundle.HasSubjects(name)) {
			b.t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
	for _, l := range named {
		b.isClosed(l, consents)
	}
}

// isListed holds the manifest against the files.
func (b *bundled) isListed() {
	b.t.Helper()
	listed := b.manifest["files"].(object)
	if b.names[0] != "manifest.json" || b.names[len(b.names)-1] != "VERIFY.txt" || len(listed) != len(b.names)-1 {
		b.t.Errorf("the bundle has %v, the manifest lists %d", b.names, len(listed))
	}
	for name, is := range listed {
		sum := sha256.Sum256([]byte(b.files[name]))
		if text(is.(object), "sha256") != hex.EncodeToString(sum[:]) || is.(object)["bytes"] != float64(len(b.files[name])) {
			b.t.Errorf("%s is not what the manifest says", name)
		}
	}
}

// isClosed holds that what a line names is in the bundle, with the hash that it names.
func (b *bundled) isClosed(l bundle.Line, consents map[string]bool) {
	b.t.Helper()
	if strings.HasPrefix(l.Type, "check.") && l.Consent != "" && !consents[l.Consent] {
		b.t.Errorf("the consent of %s is not there", l.ID)
	}
	hashed := func(name, want string) {
		if sum := sha256.Sum256([]byte(b.files[name])); hex.EncodeToString(sum[:]) != want {
			b.t.Errorf("%s is not what %s %s names", name, l.Type, l.ID)
		}
	}
	for _, n := range []*bundle.Reference{l.Notice, l.NoticeInForce} {
		if n != nil && n.Locale != "" {
			hashed("notices/"+n.ID+"."+n.Locale+".json", n.SHA256)
		} else if n != nil {
			hashed("notices/"+n.ID+".zh-CN.json", n.SHA256)
		}
	}
	if d := l.Delegation; d != nil {
		hashed("delegations/"+d.ID+".json", d.SHA256)
	}
}
