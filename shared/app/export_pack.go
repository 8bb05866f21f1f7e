package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/packing"
)

// pack puts the parts together, as a stream from the one to the other.
func (r *run) pack(ctx context.Context, w *exportWork) (next ExportNext, err error) {
	files, inline, err := r.files(w)
	if err != nil {
		return next, err
	}
	open := func(name string) (io.ReadCloser, error) {
		if content, found := inline[name]; found {
			return io.NopCloser(bytes.NewReader(content)), nil
		}
		if err := r.hold(ctx); err != nil {
			return nil, err
		}
		return r.openPart(ctx, name)
	}
	e := r.job.Export
	e.Bundle.Object = r.folder() + string(r.job.Lease) + ".zip"
	if e.Bundle.Bytes, e.Bundle.SHA256, err = r.write(ctx, e.Bundle.Object, func(to io.Writer) error {
		return packing.Zip(to, files, open)
	}); err != nil {
		return next, err
	}
	if err := r.hold(ctx); err != nil {
		return next, err
	}
	e.State, e.ReadyAt, e.Bundle.Records = domain.ExportReady, r.now(), w.Records
	e.ExpiresAt = e.ReadyAt.Add(domain.ExportKeptFor)
	r.job.Export, r.job.Work = e, ""
	return ExportNext{At: e.ExpiresAt, Tell: true}, nil
}

// write keeps an object that is made while it is read, and tells what it came to.
func (r *run) write(ctx context.Context, name string, fill func(io.Writer) error) (size int64, sum string, err error) {
	out, in := io.Pipe()
	made := make(chan error, 1)
	hash := sha256.New()
	counted := &counter{}
	go func() {
		err := fill(io.MultiWriter(in, hash, counted))
		in.CloseWithError(err) // nil is the end
		made <- err
	}()
	err = r.Objects.Write(ctx, name, out)
	out.CloseWithError(err) // whoever still writes is told
	err = errors.Join(<-made, err)
	return counted.n, hex.EncodeToString(hash.Sum(nil)), err
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// files are those of the bundle, in their order; inline are the parts of those that are in
// memory.
func (r *run) files(w *exportWork) (files []packing.File, inline map[string][]byte, err error) {
	inline = map[string][]byte{}
	add := func(name string, content []byte) {
		f := packing.File{Name: name}
		var part *packing.Part
		if part, err = f.Begin(); err != nil {
			return
		}
		part.Write(content)
		var data []byte
		if data, err = part.End("inline " + name); data != nil {
			inline["inline "+name] = data
		}
		files = append(files, f)
	}
	files = append(files, w.Lines)
	add(packing.CheckpointFile, []byte(w.Checkpoint))
	add(packing.KeysFile, []byte(strings.TrimSuffix(w.Keys, "\n")+"\n"))
	for _, t := range w.Timestamps {
		of, tsr := packing.TimestampFiles(t.Size)
		add(of, []byte(t.Checkpoint))
		add(tsr, t.TSR)
	}
	files = append(files, w.Leaves, w.Places, w.Support, w.SupportPlaces)
	for _, f := range append(w.Documents, w.Tables...) {
		files = append(files, *f)
	}
	files = append(files, w.Consents)
	add(packing.HowToVerifyFile, packing.HowToVerify)
	if err != nil {
		return nil, nil, err
	}
	m := r.manifest(w)
	if err := m.List(files...); err != nil {
		return nil, nil, err
	}
	text, err := m.Bytes()
	if err != nil {
		return nil, nil, err
	}
	rest := files
	files = nil
	add(packing.ManifestFile, text)
	return append(files, rest...), inline, err
}

func (r *run) manifest(w *exportWork) packing.Manifest {
	asked := r.job.Export.Asked
	m := packing.Manifest{
		Format: packing.Format, Enterprise: string(r.job.Enterprise), Origin: r.Origin(r.job.Enterprise),
		Filter:   packing.Filter{From: boundOf(asked.From), To: boundOf(asked.To), Subject: asked.Subject},
		Complete: asked.Complete(), Size: w.Size, First: w.First, Count: w.End - w.First, Records: w.Records,
		Identifiers: string(asked.Identifiers), Counts: w.Counts,
	}
	for _, p := range asked.Purposes {
		m.Filter.Purposes = append(m.Filter.Purposes, string(p))
	}
	return m
}

// boundOf is an end of the asked time; empty if it has none.
func boundOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ledger.Instant(at)
}
