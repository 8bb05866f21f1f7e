package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder is a bucket on this machine.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

func (f folder) put(ctx context.Context, name string, content []byte) error {
	return f.write(ctx, name, bytes.NewReader(content))
}

func (f folder) write(ctx context.Context, name string, content io.Reader) error {
	path := f.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	half, err := os.CreateTemp(filepath.Dir(path), ".half-")
	if err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	defer os.Remove(half.Name())
	_, err = io.Copy(half, content)
	if err = errors.Join(err, ctx.Err(), half.Sync(), half.Close()); err == nil {
		err = os.Rename(half.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("objects: writing %s: %w", name, err)
	}
	return nil
}

func (f folder) open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, 0, fmt.Errorf("objects: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

func (f folder) remove(_ context.Context, prefix string) error {
	if err := os.RemoveAll(f.path(prefix)); err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	return nil
}

func (f folder) link(context.Context, string, string, time.Duration) (string, error) { return "", nil }

// ready writes, because a folder that can be read may still be one that nobody may write to,
// or full.
func (f folder) ready(ctx context.Context) error {
	name := ".ready-" + rand.Text()
	if err := f.put(ctx, name, []byte("ready")); err != nil {
		return err
	}
	return f.remove(ctx, name)
}

// syncFolder makes the name of a file durable, not its content alone.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) first(_ context.Context, prefix string) ([]byte, error) {
	dir := filepath.Join(string(f), filepath.FromSlash(prefix))
	list, err := os.ReadDir(dir) // in the order of their names
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("objects: %w", err)
	}
	for _, entry := range list {
		if strings.HasPrefix(entry.Name(), ".half-") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("objects: %w", err)
		}
		return content, nil
	}
	return nil, nil
}
