package packing_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"nod/shared/ledger/packing"
)

// made is a file in so many parts, as somebody makes it who is ended after each.
func made(t *testing.T, plain bool, parts [][]byte, kept map[string][]byte) packing.File {
	t.Helper()
	f := packing.File{Name: fmt.Sprintf("dir/plain-%v", plain), Plain: plain}
	for i, content := range parts {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		f = packing.File{}
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		p, err := f.Begin()
		if err != nil {
			t.Fatal(err)
		}
		p.Write(content)
		name := fmt.Sprint(f.Name, i)
		data, err := p.End(name)
		if err != nil {
			t.Fatal(err)
		}
		if data != nil {
			kept[name] = data
		}
	}
	return f
}

func TestPartsMakeTheFileThatTheyArePartsOf(t *testing.T) {
	line := bytes.Repeat([]byte("a line of a log, and another\n"), 1000)
	for name, parts := range map[string][][]byte{
		"none": nil, "nothing": {nil}, "one": {line}, "several": {line, nil, []byte("x"), line, line}, "empty ones around": {nil, line, nil},
	} {
		for _, plain := range []bool{true, false} {
			kept := map[string][]byte{}
			f := made(t, plain, parts, kept)
			want := bytes.Join(parts, nil)
			sum := sha256.Sum256(want)
			if got, err := f.SHA256(); err != nil || got != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(want)) {
				t.Errorf("%s: %s, %d bytes, %v", name, got, f.Bytes, err)
			}
			open := func(part string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept[part])), nil }
			var out, again bytes.Buffer
			for _, w := range []*bytes.Buffer{&out, &again} {
				if err := packing.Zip(w, []packing.File{f, made(t, !plain, parts, kept)}, open); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(out.Bytes(), again.Bytes()) {
				t.Errorf("%s: it is another zip each time", name)
			}
			z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil || len(z.File) != 2 {
				t.Fatalf("%s: %v", name, err)
			}
			for _, e := range z.File {
				if e.Modified.Format("2006-01-02 15:04") != "1980-01-01 00:00" || len(e.Extra) > 0 || e.Flags != 0 {
					t.Errorf("%s: %s is of %v, with %x, flags %x", name, e.Name, e.Modified, e.Extra, e.Flags)
				}
				r, err := e.Open()
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) { // the sum is checked too
					t.Errorf("%s: %s has %d bytes, %v", name, e.Name, len(got), err)
				}
			}
		}
	}
}

func TestAManifestHasOneSpelling(t *testing.T) {
	m := packing.Manifest{Format: packing.Format, Counts: map[string]int64{"b": 2, "a": 1}, Filter: packing.Filter{Subject: "<&>"}}
	if err := m.List(packing.File{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	got, err := m.Bytes()
	const want = `{"complete":false,"count":0,"counts":{"a":1,"b":2},"enterprise":"","files":{"x":{"bytes":0,` +
		`"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},"filter":{"subject":"<&>"},"first":0,` +
		`"format":"nod-bundle-1","identifiers":"","origin":"","records":0,"size":0}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
