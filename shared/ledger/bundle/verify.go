// Package bundle is what an enterprise's log looks like when it leaves Nod, and how that is
// verified by somebody who has nothing but the file, the key, and this package: no network,
// no database. docs/verify.md describes the format and the steps for those who would rather
// write their own verifier; tests/verify has one, in another language.
//
// Nothing in a bundle is believed because it is there. The key that the caller brings signs
// the checkpoint; the checkpoint binds the leaf hashes; they bind the lines; and the lines
// bind the documents and the tables.
package bundle

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"nod/shared/ledger"
)

// Options are what the caller brings, and what the bundle itself cannot vouch for.
type Options struct {
	// Keys verify the checkpoint, in the form of signed notes ("name+id+key"). They must
	// come another way than the bundle.
	Keys []string
	// Checkpoint is one of the same log, held elsewhere; nil if there is none.
	Checkpoint []byte
	// TSARoots are whom timestamps are believed of; nil: they are read, and said not to have
	// been verified.
	TSARoots *x509.CertPool
	// Progress is told how many of how many bytes were looked at; nil if nobody asks.
	Progress func(done, total int64)
}

// verification is one bundle being verified.
type verification struct {
	*container
	manifest *manifest
	options  Options
	head     ledger.Head
	promised []promised // heads that the log of the bundle must contain
	report   Report
}

// Verify verifies a bundle. The error is a *Fault that names the first thing wrong, or that
// of reading r; the Report tells how far it came.
//
// What it keeps in memory does not grow with the log, but for about 100 bytes for each
// person in the bundle, 300 for each consent, and 100 for each check under way. Of lines it
// keeps nothing that the signed log does not have.
func Verify(r io.ReaderAt, size int64, o Options) (Report, error) {
	v := &verification{options: o}
	err := v.verify(r, size)
	return v.report, err
}

func (v *verification) verify(r io.ReaderAt, size int64) (err error) {
	if v.container, err = openContainer(r, size); err != nil {
		return err
	}
	raw, err := v.read(manifestFile, mostManifest)
	if err != nil {
		return err
	}
	if v.manifest, err = readManifest(raw); err != nil {
		return err
	}
	if err := v.holds(v.manifest); err != nil {
		return err
	}
	v.report.begin(v.manifest)
	v.watch()
	if err := v.signed(); err != nil {
		return err
	}
	if err := v.stamped(); err != nil {
		return err
	}
	laid, err := v.files()
	if err != nil {
		return err
	}
	return v.walk(laid)
}

// watch tells the progress, a hundred times at most. Lines are read twice, places once more
// and leaf hashes twice more than that.
func (v *verification) watch() {
	if v.options.Progress == nil {
		return
	}
	var done, total, told int64
	for name, f := range v.manifest.Files {
		total += f.Bytes
		if isFixed(name) && name != checkpointFile && name != keysFile && name != "VERIFY.txt" {
			total += f.Bytes
		}
		switch name {
		case placesFile, supportPlacesFile:
			total += f.Bytes
		case leavesFile:
			total += 2 * f.Bytes
		}
	}
	v.progress = func(n int64) {
		if done += n; done-told >= total/100 {
			told = done
			v.options.Progress(min(done, total), total)
		}
	}
}

// signed opens the checkpoint with the keys.
func (v *verification) signed() error {
	m := v.manifest
	keys, err := keysOf(m.Origin, v.options.Keys)
	if err != nil {
		return err
	}
	checkpoint, err := v.read(checkpointFile, mostDocument)
	if err != nil {
		return err
	}
	if v.head, err = ledger.OpenCheckpoint(m.Origin, checkpoint, keys...); err != nil {
		return fault(NotSigned, "%s is no checkpoint of the log %s that the key signed: %v", checkpointFile, m.Origin, reason(err))
	}
	if v.head.Size != m.Size {
		return fault(NotCounted, "the checkpoint is over %d lines, the manifest says %d", v.head.Size, m.Size)
	}
	v.report.checked("The checkpoint over %d lines is signed by the key of %s.", v.head.Size, m.Origin)
	if v.options.Checkpoint == nil {
		return nil
	}
	held, err := ledger.OpenCheckpoint(m.Origin, v.options.Checkpoint, keys...)
	switch {
	case err != nil:
		return fault(NotSigned, "the checkpoint held elsewhere is none of the log %s that the key signed: %v", m.Origin, reason(err))
	case held.Size > m.Size:
		v.report.Uncompared = true
		v.report.note("The checkpoint held elsewhere is over %d lines, more than this bundle's %d: the two were not compared. Export anew.", held.Size, m.Size)
	default:
		v.promised = append(v.promised, promised{held, "held elsewhere"})
	}
	return nil
}

// keysOf keeps the keys of the log's own name: a key is good for one log.
func keysOf(origin string, keys []string) (of []string, err error) {
	var others []string
	for _, key := range keys {
		verifier, err := note.NewVerifier(strings.TrimSpace(key))
		switch {
		case err != nil:
			return nil, fault(WrongKey, "%q is no key of a signed note (name+id+key)", key)
		case verifier.Name() == origin:
			of = append(of, strings.TrimSpace(key))
		default:
			others = append(others, verifier.Name())
		}
	}
	switch {
	case len(of) > 0:
		return of, nil
	case len(others) > 0:
		return nil, fault(WrongKey, "the key is of the log %s, the bundle of the log %s", strings.Join(others, ", "), origin)
	}
	return nil, fault(WrongKey, "there is no key to verify with: it must come another way than the bundle")
}

// reason is what stands behind the sentence that says what is not so.
func reason(err error) string {
	text := err.Error()
	if _, behind, found := strings.Cut(text, ledger.ErrCheckpoint.Error()+": "); found {
		return behind
	}
	return text
}

// rooted computes the root of the leaf hashes as they are read.
type rooted struct {
	frontier
	part []byte
	then map[int64]ledger.Hash // the roots of smaller sizes that are wanted, too
}

func (r *rooted) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if then, wanted := r.then[r.size]; wanted && then == (ledger.Hash{}) && len(r.part) == 0 {
			r.then[r.size] = r.root()
		}
		take := min(len(p), len(ledger.Hash{})-len(r.part))
		r.part, p = append(r.part, p[:take]...), p[take:]
		if len(r.part) == len(ledger.Hash{}) {
			r.add(ledger.Hash(r.part))
			r.part = r.part[:0]
		}
	}
	return n, nil
}

// grown compares the leaf hashes with the checkpoint, and with the one held elsewhere.
func (v *verification) grown(r *rooted) error {
	if root := r.root(); root != v.head.Root {
		return fault(WrongRoot, "the leaf hashes come to the root %v, the signed checkpoint says %v", root, v.head.Root)
	}
	v.report.checked("The %d leaf hashes come to the root that it signs.", v.head.Size)
	for _, p := range v.promised {
		then := r.root()
		if p.Size < v.head.Size {
			then = r.then[p.Size]
		}
		if then != p.Root {
			return fault(Forked, "the log is not the one that the checkpoint %s was about: its first %d lines were others", p.whose, p.Size)
		}
		v.report.checked("The log contains the checkpoint %s, over %d lines.", p.whose, p.Size)
	}
	v.report.outside(v.options.TSARoots)
	return nil
}

// files reads every file once, compares it with the manifest, and picks out what the
// enterprise laid down: a line may be placed a little before the publication it names.
func (v *verification) files() (*laidDown, error) {
	laid := newLaidDown()
	names := v.names[1:]
	if i := slices.Index(names, leavesFile); i > 0 { // which prove what is picked
		names = slices.Insert(slices.Delete(slices.Clone(names), i, i+1), 0, leavesFile)
	}
	for _, name := range names {
		e, err := v.open(name)
		if err != nil {
			return nil, err
		}
		switch name {
		case recordsFile:
			err = v.pick(laid, e, placesFile)
		case supportFile:
			err = v.pick(laid, e, supportPlacesFile)
		case leavesFile:
			r := &rooted{then: map[int64]ledger.Hash{}}
			for _, p := range v.promised {
				r.then[p.Size] = ledger.Hash{}
			}
			if _, err = io.Copy(r, e); err == nil {
				err = v.grown(r)
			}
		}
		if err == nil {
			err = e.is(v.manifest.Files[name])
		}
		if err = errors.Join(err, e.Close()); err != nil {
			return nil, firstFault(err)
		}
	}
	v.report.checked("The zip holds the %d files of the manifest, each as listed, and no other.", len(v.manifest.Files))
	return laid, nil
}

// pick keeps what a file of lines lays down.
func (v *verification) pick(laid *laidDown, text *entry, places string) (err error) {
	where, err := v.open(places)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, where.Close()) }()
	leaves, err := v.open(leavesFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leaves.Close()) }()
	p := &placed{where: bufio.NewReaderSize(where, 16<<10), leaves: bufio.NewReaderSize(leaves, 16<<10), size: v.head.Size}
	return laid.pick(text, p.next)
}

// firstFault is the Fault in an error, alone.
func firstFault(err error) error {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return fmt.Errorf("bundle: %w", err)
}

// publication reports whether a line may be one of what an enterprise lays down. It spares
// the others being read twice.
func publication(line []byte) bool {
	return bytes.Contains(line, []byte(`"type":"notice.published"`)) || bytes.Contains(line, []byte(`"type":"delegation.re`))
}
