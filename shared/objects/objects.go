// Package objects keeps what must not share the fate of the database: the checkpoints that
// were published. It keeps them in a folder on this machine, or in an object storage that
// speaks the S3 protocol, as Tencent Cloud's COS and Amazon S3 do.
//
//	outside, err := objects.Open("file:var/objects", objects.Credentials{})
//	err = outside.Publish(ctx, enterprise, size, checkpoint)
package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"nod/shared/domain"
)

// Store keeps objects by their names. It is safe for concurrent use, also by several
// processes.
type Store struct{ bucket bucket }

// bucket is what a folder and an object storage do differently.
type bucket interface {
	// put writes an object as a whole; when it returns, that is durable.
	put(ctx context.Context, name string, content []byte) error
	// first is the object whose name comes first among those that begin so; nil if there
	// is none.
	first(ctx context.Context, prefix string) ([]byte, error)
}

// Credentials are those of an object storage. Without an ID they are looked for where the
// platform puts those of a function's role.
type Credentials struct{ ID, Key, Token string }

// Open opens the store that an address names: file:DIR, or s3://HOST/BUCKET?region=REGION,
// which is reached by https, and by http on this machine. Nothing is connected to yet.
func Open(address string, c Credentials) (*Store, error) {
	if dir, found := strings.CutPrefix(address, "file:"); found && dir != "" {
		return &Store{folder(dir)}, nil
	}
	b, err := openS3(address, c)
	if err != nil {
		return nil, err
	}
	return &Store{b}, nil
}

// Publish keeps a checkpoint, whose size is a part of its name: none ever replaces
// another one's, and the newest comes first.
func (s *Store) Publish(ctx context.Context, enterprise domain.ID, size int64, checkpoint []byte) error {
	return s.bucket.put(ctx, checkpoints(enterprise)+fmt.Sprintf("%019d", math.MaxInt64-size), checkpoint)
}

// Latest is the newest checkpoint of an enterprise; nil if there is none.
func (s *Store) Latest(ctx context.Context, enterprise domain.ID) ([]byte, error) {
	return s.bucket.first(ctx, checkpoints(enterprise))
}

func checkpoints(enterprise domain.ID) string { return "checkpoints/" + string(enterprise) + "/" }

// folder is a bucket on this machine.
type folder string

func (f folder) put(_ context.Context, name string, content []byte) error {
	path := filepath.Join(string(f), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	half, err := os.CreateTemp(filepath.Dir(path), ".half-")
	if err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	defer os.Remove(half.Name())
	_, err = half.Write(content)
	if err = errors.Join(err, half.Sync(), half.Close()); err == nil {
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
