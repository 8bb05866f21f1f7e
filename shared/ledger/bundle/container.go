package bundle

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
)

const (
	mostManifest  = 8 << 20 // bytes; it lists each document in some 170: 49,000 of them
	mostDocument  = 8 << 20
	mostCounts    = 200      // types of Records; there are 40
	mostLine      = 64 << 10 // the longest, of a publication, has some 2,000 bytes
	mostExpansion = 200      // times that a bundle may unpack to what it is packed; Records come to ten
)

// container is a bundle's zip: its entries by their names, none of them twice.
type container struct {
	entries  map[string]*zip.File
	names    []string // in their order
	packed   int64
	progress func(read int64)
}

func openContainer(r io.ReaderAt, size int64) (*container, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault(NotABundle, "this is no zip file that can be read: %v", err)
	}
	c := &container{entries: map[string]*zip.File{}, packed: size, progress: func(int64) {}}
	for _, f := range z.File {
		switch {
		case c.entries[f.Name] != nil:
			return nil, fault(WrongEntries, "the entry %q is in the zip twice", f.Name)
		case f.Method != zip.Store && f.Method != zip.Deflate:
			return nil, fault(WrongEntries, "the entry %q is packed in a way that bundles are not", f.Name)
		}
		c.entries[f.Name], c.names = f, append(c.names, f.Name)
	}
	if len(c.names) == 0 || c.names[0] != manifestFile {
		return nil, fault(NotABundle, "the first entry of the zip is not %s", manifestFile)
	}
	return c, nil
}

// holds compares the entries with what the manifest lists, before any of them is read.
func (c *container) holds(m *manifest) error {
	for _, name := range c.names[1:] {
		if _, listed := m.Files[name]; !listed {
			return fault(WrongEntries, "the entry %q is not listed in the manifest", name)
		}
	}
	total := int64(0)
	for _, name := range m.names() {
		f, bytes := c.entries[name], m.Files[name].Bytes
		switch {
		case f == nil || name == manifestFile:
			return fault(WrongEntries, "the manifest lists %q, which is not in the zip", name)
		case f.UncompressedSize64 != uint64(bytes):
			return fault(Changed, "%s is not the file that the manifest lists: it is of another length", name)
		}
		if total += bytes; total > mostExpansion*c.packed {
			return fault(TooLarge, "the zip of %d bytes claims to unpack to more than %d times that; no bundle does", c.packed, mostExpansion)
		}
	}
	return nil
}

// read gives a small entry whole.
func (c *container) read(name string, most int64) ([]byte, error) {
	f := c.entries[name]
	if f.UncompressedSize64 > uint64(most) {
		return nil, fault(TooLarge, "%s is too large: %d bytes", name, f.UncompressedSize64)
	}
	e, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	raw, err := io.ReadAll(e)
	if err != nil {
		return nil, err
	}
	return raw, nil
}

// entry reads what is in an entry: never more than its zip says, and an error of the zip's
// is a Fault.
type entry struct {
	name     string
	from     io.ReadCloser
	left     int64
	hash     hash.Hash
	progress func(int64)
}

func (c *container) open(name string) (*entry, error) {
	f := c.entries[name]
	r, err := f.Open()
	if err != nil {
		return nil, fault(NotABundle, "%s cannot be unpacked: %v", name, err)
	}
	return &entry{name: name, from: r, left: int64(f.UncompressedSize64), hash: sha256.New(), progress: c.progress}, nil
}

func (e *entry) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	e.left -= int64(n)
	switch {
	case e.left < 0:
		return 0, fault(Changed, "%s unpacks to more than the zip says", e.name)
	case err != nil && !errors.Is(err, io.EOF):
		return n, fault(NotABundle, "%s cannot be unpacked: %v", e.name, err)
	}
	e.hash.Write(p[:n])
	e.progress(int64(n))
	return n, err
}

func (e *entry) Close() error { return e.from.Close() }

// is reads the rest and compares all that was read with what the manifest lists.
func (e *entry) is(want listed) error {
	if _, err := io.Copy(io.Discard, e); err != nil {
		return err
	}
	if hex.EncodeToString(e.hash.Sum(nil)) != want.SHA256 {
		return fault(Changed, "%s is not the file that the manifest lists: its SHA-256 is another", e.name)
	}
	return nil
}

// fixed are the entries that every bundle has beside its manifest and the documents.
var fixed = append([]string{
	recordsFile, checkpointFile, keysFile, leavesFile, placesFile, supportFile, supportPlacesFile, ConsentsGraph, reportFile, "VERIFY.txt",
}, Files...)

func isFixed(name string) bool { return slices.Contains(fixed, name) }
