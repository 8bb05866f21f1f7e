package residue

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// found is what a search came to.
type found struct {
	bytes int64 // that were searched
	runs  []Remnant
}

func (f *found) add(other found) {
	f.bytes += other.bytes
	f.runs = append(f.runs, other.runs...)
}

// left is how many bytes of the image there were.
func (f *found) left() (n int) {
	for _, r := range f.runs {
		n += r.Length
	}
	return n
}

// piece is how much is read at once; pieces overlap by more than a run needs to count,
// and than a name has in any shape, so that nothing is missed between.
const (
	piece   = 4 << 20
	overlap = 128
)

// text searches what is in memory here.
func (x *index) text(where string, data []byte) found {
	f := found{bytes: int64(len(data)), runs: x.find(data)}
	for i := range f.runs {
		f.runs[i].Where = where
	}
	return f
}

// stream searches size bytes at off, or up to the end if that comes first.
func (x *index) stream(where string, r io.ReaderAt, off, size int64) (f found, err error) {
	buf := make([]byte, min(piece, size))
	for at := int64(0); at < size; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], off+at)
		f.add(x.text(where, buf[:n]))
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		if at += int64(n); at < size {
			at -= overlap
		}
	}
	return f, nil
}

// process searches the memory and the open files of a process, which is stopped for
// that: what it would do meanwhile could cover its traces.
func (x *index) process(pid int) (f found, err error) {
	if err := pause(pid); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, resume(pid)) }()
	f, err = x.memory(pid)
	if err != nil {
		return f, err
	}
	files, err := x.openFiles(pid)
	f.add(files)
	return f, err
}

// openFiles searches the files that a process has open, also those without a name.
func (x *index) openFiles(pid int) (f found, err error) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		// What has no path is a pipe, a connection or the like.
		if target, err := os.Readlink(path); err != nil || !strings.HasPrefix(target, "/") {
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		one, err := x.file(path)
		if err != nil {
			return f, err
		}
		f.add(one)
	}
	return f, nil
}

func (x *index) file(path string) (f found, err error) {
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return f, err
	}
	return x.stream(path, file, 0, info.Size())
}

// folder searches all files in a folder. Files that go while it is read are passed over.
func (x *index) folder(dir string) (f found, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || !d.Type().IsRegular():
			return err
		}
		one, err := x.file(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		f.add(one)
		return err
	})
	return f, err
}
