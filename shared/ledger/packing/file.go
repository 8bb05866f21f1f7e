package packing

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// File is one file of a bundle, as far as it is made.
type File struct {
	Name   string   `json:"name"`
	Plain  bool     `json:"plain,omitempty"` // stored as it is: it is random, and would only grow
	Parts  []string `json:"parts,omitempty"` // the names under which the caller keeps them
	Bytes  int64    `json:"bytes"`
	Packed int64    `json:"packed"` // the parts together
	CRC    uint32   `json:"crc"`
	Sum    []byte   `json:"sum,omitempty"` // how far its SHA-256 is
}

// level is that of the compression. Lines are mostly hashes and ids: more effort would cost
// minutes and gain little.
const level = 3

// Part is a piece of a file in the making.
type Part struct {
	file   *File
	out    bytes.Buffer
	packer *flate.Writer
	sum    hash.Hash
	crc    uint32
	bytes  int64
}

// Begin begins the next part of a file. The file is changed by its end alone.
func (f *File) Begin() (*Part, error) {
	p := &Part{file: f, sum: sha256.New(), crc: f.CRC}
	if len(f.Sum) > 0 {
		if err := p.sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(f.Sum); err != nil {
			return nil, fmt.Errorf("packing: %s: %w", f.Name, err)
		}
	}
	return p, nil
}

// Write adds to the part. It cannot fail.
func (p *Part) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	p.sum.Write(b)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.bytes += int64(len(b))
	if p.file.Plain {
		return p.out.Write(b)
	}
	if p.packer == nil {
		p.packer, _ = flate.NewWriter(&p.out, level) // the level is a good one
	}
	return p.packer.Write(b)
}

// End ends the part, to be kept under a name. It is nil where nothing was written, and
// then nothing need be kept.
func (p *Part) End(name string) (data []byte, err error) {
	if p.bytes == 0 {
		return nil, nil
	}
	if p.packer != nil {
		if err := p.packer.Flush(); err != nil {
			return nil, fmt.Errorf("packing: %s: %w", p.file.Name, err)
		}
	}
	f := p.file
	if f.Sum, err = p.sum.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return nil, fmt.Errorf("packing: %s: %w", f.Name, err)
	}
	f.Parts, f.CRC = append(f.Parts, name), p.crc
	f.Bytes += p.bytes
	f.Packed += int64(p.out.Len())
	return p.out.Bytes(), nil
}

// SHA256 is the hash of what was written so far, in hex.
func (f *File) SHA256() (string, error) {
	p, err := f.Begin()
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(p.sum.Sum(nil)), nil
}

// lastBlock ends a deflate stream: a block without content that says that none follows.
var lastBlock = []byte{0x03, 0x00}

// Content writes the file as it lies in a zip: its parts, and the end of the stream.
func (f *File) content(w io.Writer, open func(part string) (io.ReadCloser, error)) error {
	for _, name := range f.Parts {
		if err := copyPart(w, name, open); err != nil {
			return fmt.Errorf("packing: %s: %w", f.Name, err)
		}
	}
	if f.compressed() {
		_, err := w.Write(lastBlock)
		return err
	}
	return nil
}

func copyPart(w io.Writer, name string, open func(part string) (io.ReadCloser, error)) error {
	r, err := open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

// compressed reports whether the file is a deflate stream; an empty one is not.
func (f *File) compressed() bool { return !f.Plain && f.Bytes > 0 }

// inZip is the length of the file as it lies in a zip.
func (f *File) inZip() int64 {
	if f.compressed() {
		return f.Packed + int64(len(lastBlock))
	}
	return f.Packed
}
