// Package objects keeps what must not share the fate of the database, which are the
// checkpoints that were published, and what is too large for it, which are bundles of
// Records. It keeps them in a folder on this machine, or in an object storage that speaks
// the S3 protocol, as Tencent Cloud's COS and Amazon S3 do.
//
//	outside, err := objects.Open("file:var/objects", objects.Credentials{})
//	err = outside.Publish(ctx, enterprise, size, checkpoint)
package objects

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

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
	// write is put for what is too large to be held in memory.
	write(ctx context.Context, name string, content io.Reader) error
	// open reads an object; whoever reads it closes it.
	open(ctx context.Context, name string) (content io.ReadCloser, size int64, err error)
	// remove deletes all whose names begin so, if there are any.
	remove(ctx context.Context, prefix string) error
	// link is an address that anybody can fetch an object from for a while, under the name
	// that is to be given to the file; empty if there is no such thing.
	link(ctx context.Context, name, file string, valid time.Duration) (string, error)
	// ready asks whether the bucket is there for these credentials, and touches no object.
	ready(ctx context.Context) error
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

// PublishTimestamp keeps the timestamp of a checkpoint of a size.
func (s *Store) PublishTimestamp(ctx context.Context, enterprise domain.ID, size int64, tsr []byte) error {
	return s.bucket.put(ctx, "timestamps/"+string(enterprise)+fmt.Sprintf("/%019d.tsr", size), tsr)
}

// Latest is the newest checkpoint of an enterprise; nil if there is none.
func (s *Store) Latest(ctx context.Context, enterprise domain.ID) ([]byte, error) {
	return s.bucket.first(ctx, checkpoints(enterprise))
}

// Write keeps an object as a whole, without holding it in memory; when it returns, that is
// durable.
func (s *Store) Write(ctx context.Context, name string, content io.Reader) error {
	return s.bucket.write(ctx, name, content)
}

// Open reads an object, which whoever asked for it closes.
func (s *Store) Open(ctx context.Context, name string) (content io.ReadCloser, size int64, err error) {
	return s.bucket.open(ctx, name)
}

// Remove deletes all objects in a folder, which ends with a slash.
func (s *Store) Remove(ctx context.Context, folder string) error { return s.bucket.remove(ctx, folder) }

// Link is an address from which anybody can fetch an object for a while; a browser keeps it
// as a file of that name. It is empty where objects are files on this machine.
func (s *Store) Link(ctx context.Context, name, file string, valid time.Duration) (string, error) {
	return s.bucket.link(ctx, name, file, valid)
}

// Ready asks whether the store is there and lets us in. Of an object storage it lists a
// folder that is always empty, which is a right of its own: it tells nothing of any object.
func (s *Store) Ready(ctx context.Context) error { return s.bucket.ready(ctx) }

// readyFolder holds nothing, ever. infra/ names it, too.
const readyFolder = "ready/"

func checkpoints(enterprise domain.ID) string { return "checkpoints/" + string(enterprise) + "/" }
