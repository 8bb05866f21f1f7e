package bundle_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/ledger/bundle"
	"nod/shared/ledger/timestamp"
)

var update = flag.Bool("update", false, "write the bundles of tests/verify/testdata anew")

// examples is where bundles are kept for whoever writes a verifier: what was exported once
// must verify in years.
const examples = "../../../tests/verify/testdata"

func deflated(raw []byte) []byte {
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		from, err := f.Open()
		must(err)
		to, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
		must(err)
		var text bytes.Buffer
		_, err = text.ReadFrom(from)
		must(err)
		_, err = to.Write(text.Bytes())
		must(err)
	}
	must(out.Close())
	return b.Bytes()
}

func TestTheExamplesVerifyAsTheyAlwaysDid(t *testing.T) {
	if *update {
		w := newWorld()
		whole, person := w.bundle(cut{}), w.bundle(cut{subject: "7d1e0000000000000000000000000002", subjects: true})
		stamped := w.stamped(cut{}, 13, len(w.records))
		withdrawn := forgeries()["a consent withdrawn before a check"].made()
		changed := forgeries()["a line and its leaf hash changed"].made()
		for name, data := range map[string][]byte{
			"whole.zip": deflated(zipped(whole.entries())), "person.zip": deflated(zipped(person.entries())),
			"stamped.zip": deflated(zipped(stamped.entries())), "tsa-root.pem": clock.RootPEM(),
			"withdrawn.zip": deflated(withdrawn), "changed.zip": deflated(changed),
			"key": []byte(key + "\n"), "checkpoint": w.seal().checkpoint(13),
		} {
			must(os.WriteFile(filepath.Join(examples, name), data, 0o644))
		}
	}
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(examples, name))
		must(err)
		return raw
	}
	with := bundle.Options{Keys: []string{strings.TrimSpace(string(read("key")))}, Checkpoint: read("checkpoint")}
	roots, err := timestamp.Roots(read("tsa-root.pem"))
	must(err)
	with.TSARoots = roots
	for name, want := range map[string]bundle.Kind{
		"stamped.zip": "<nil>",
		"whole.zip":   "<nil>", "person.zip": "<nil>", "withdrawn.zip": bundle.ConsentOver, "changed.zip": bundle.WrongRoot,
	} {
		with := with
		if want != "<nil>" {
			with.Checkpoint = nil
		}
		if _, err := verify(read(name), with); word(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// Whatever is put in a bundle's place, the verifier says something, and does not take it
// for a bundle of the log.
func FuzzVerify(f *testing.F) {
	w := small()
	p := w.bundle(cut{})
	raw := zipped(p.entries())
	f.Add(raw)
	f.Add(deflated(raw))
	s := newWorld()
	q := s.bundle(cut{purposes: []string{string(domain.Exam)}})
	f.Add(zipped(q.entries()))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := verify(data, bundle.Options{}); err == nil && !sameEntries(data, raw, zipped(q.entries())) {
			t.Error("it was taken for a bundle")
		} else if err != nil && word(err) == "" {
			t.Error(err)
		}
	})
}

// FuzzEntries changes an entry and makes a manifest to fit.
func FuzzEntries(f *testing.F) {
	w := small()
	p := w.bundle(cut{})
	for i, e := range p.files {
		f.Add(i, e.data)
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		if i < 0 || i >= len(p.files) {
			return
		}
		q := parts{map[string]any{}, append([]file(nil), p.files...)}
		for k, v := range p.claims {
			q.claims[k] = v
		}
		was := q.files[i]
		q.files[i].data = data
		_, err := verify(zipped(q.entries()), bundle.Options{})
		switch {
		case bytes.Equal(was.data, data), was.name == "VERIFY.txt", was.name == "proof/keys":
		case err == nil && was.name == "proof/checkpoint" && sameCheckpoint(was.data, data):
		case err == nil:
			t.Errorf("%s: %q was taken", was.name, data)
		}
	})
}

// sameCheckpoint reports whether all that is different are further signatures.
func sameCheckpoint(was, is []byte) bool {
	text, _, _ := bytes.Cut(was, []byte("\n\n"))
	other, _, _ := bytes.Cut(is, []byte("\n\n"))
	return bytes.Equal(text, other)
}

// sameEntries reports whether a zip holds what one of the others holds, packed otherwise.
func sameEntries(raw []byte, others ...[]byte) bool {
	entries := func(raw []byte) (all string) {
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		must(err)
		for _, f := range z.File {
			if f.Name == "VERIFY.txt" || f.Name == "proof/keys" || f.Name == "manifest.json" {
				continue
			}
			from, err := f.Open()
			must(err)
			var text bytes.Buffer
			_, err = text.ReadFrom(from)
			must(err)
			all += f.Name + "\x00" + text.String()
		}
		return all
	}
	is := entries(raw)
	for _, other := range others {
		if is == entries(other) {
			return true
		}
	}
	return false
}
