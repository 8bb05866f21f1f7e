package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"nod/shared/domain"
)

// s3 is a bucket of an object storage.
type s3 struct {
	client client
	bucket string
}

// client is the calls that are made. They are functions and not the library's client, whose
// type would bring all of its hundred calls into a program that can look methods up by
// their names, as one with net/rpc or templates does: more than a megabyte.
type client struct {
	put    func(ctx context.Context, bucket, name string, content io.Reader, size int64, o minio.PutObjectOptions) (minio.UploadInfo, error)
	get    func(ctx context.Context, bucket, name string, o minio.GetObjectOptions) (*minio.Object, error)
	list   func(ctx context.Context, bucket string, o minio.ListObjectsOptions) <-chan minio.ObjectInfo
	remove func(ctx context.Context, bucket, name string, o minio.RemoveObjectOptions) error
	link   func(ctx context.Context, bucket, name string, valid time.Duration, query url.Values) (*url.URL, error)
}

func openS3(address string, c Credentials) (*s3, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return nil, errors.New("objects: the address is neither file:DIR nor s3://HOST/BUCKET")
	}
	name := strings.Trim(u.Path, "/")
	if name == "" || strings.Contains(name, "/") {
		return nil, errors.New("objects: the address s3://HOST/BUCKET names no bucket")
	}
	role := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, scfRole{}, &credentials.IAM{}})
	if c.ID != "" {
		role = credentials.NewStaticV4(c.ID, c.Key, c.Token)
	}
	secure := !domain.Loopback(u.Hostname())
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	library, err := minio.New(u.Host, &minio.Options{
		Creds: role, Region: u.Query().Get("region"), Secure: secure, MaxRetries: 3,
		BucketLookup: lookup(u.Hostname()), Transport: traced{transport},
	})
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	return &s3{client{library.PutObject, library.GetObject, library.ListObjects, library.RemoveObject, library.PresignedGetObject}, name}, nil
}

// lookup is how a bucket is named in an address: in the clouds by a name of its own.
func lookup(host string) minio.BucketLookupType {
	if strings.HasSuffix(host, ".myqcloud.com") || strings.HasSuffix(host, ".amazonaws.com.cn") {
		return minio.BucketLookupDNS
	}
	return minio.BucketLookupPath
}

func (b *s3) put(ctx context.Context, name string, content []byte) error {
	_, err := b.client.put(ctx, b.bucket, name, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8", DisableMultipart: true})
	if err != nil {
		return fmt.Errorf("objects: writing %s: %w", name, err)
	}
	return nil
}

// partSize is how much of an object of unknown length is held in memory at a time. An
// object has at most ten thousand of them.
const partSize = 16 << 20

func (b *s3) write(ctx context.Context, name string, content io.Reader) error {
	var head bytes.Buffer
	size := int64(-1)
	switch _, err := io.CopyN(&head, content, smallest); {
	case errors.Is(err, io.EOF):
		size = int64(head.Len()) // that was all of it
	case err != nil:
		return fmt.Errorf("objects: writing %s: %w", name, err)
	}
	rest := &watched{reader: content}
	_, err := b.client.put(ctx, b.bucket, name, io.MultiReader(&head, rest), size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", PartSize: partSize,
		// Not every storage understands a body that is signed piece by piece.
		SendContentMd5: true, DisableContentSha256: true,
	})
	if err == nil && rest.broken != nil { // which was taken for the end
		err = errors.Join(rest.broken, b.remove(context.WithoutCancel(ctx), name))
	}
	if err != nil {
		return fmt.Errorf("objects: writing %s: %w", name, err)
	}
	return nil
}

// smallest is what is sent in one call; an object that is larger goes in parts.
const smallest = 1 << 20

// watched remembers that a stream broke off: the client takes io.ErrUnexpectedEOF for its
// end.
type watched struct {
	reader io.Reader
	broken error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.broken = err
	}
	return n, err
}

func (b *s3) open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	object, err := b.client.get(ctx, b.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("objects: reading %s: %w", name, err)
	}
	info, err := object.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("objects: reading %s: %w", name, errors.Join(err, object.Close()))
	}
	return object, info.Size, nil
}

func (b *s3) remove(ctx context.Context, prefix string) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range b.client.list(ctx, b.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("objects: listing %s: %w", prefix, object.Err)
		}
		if fault := b.client.remove(ctx, b.bucket, object.Key, minio.RemoveObjectOptions{}); fault != nil {
			err = errors.Join(err, fmt.Errorf("objects: deleting %s: %w", object.Key, fault))
		}
	}
	return err
}

func (b *s3) link(ctx context.Context, name, file string, valid time.Duration) (string, error) {
	u, err := b.client.link(ctx, b.bucket, name, valid, url.Values{
		"response-content-disposition": {`attachment; filename="` + file + `"`},
		"response-content-type":        {"application/zip"},
	})
	if err != nil {
		return "", fmt.Errorf("objects: linking %s: %w", name, err)
	}
	return u.String(), nil
}

func (b *s3) first(ctx context.Context, prefix string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the listing ends with the first
	object, found := <-b.client.list(ctx, b.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: 1})
	switch {
	case !found:
		return nil, nil
	case object.Err != nil:
		return nil, fmt.Errorf("objects: listing %s: %w", prefix, object.Err)
	}
	return b.get(ctx, object.Key)
}

func (b *s3) ready(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	object, found := <-b.client.list(ctx, b.bucket, minio.ListObjectsOptions{Prefix: readyFolder, MaxKeys: 1})
	switch {
	case !found:
		return ctx.Err() // a listing that was cut off is empty, too
	case object.Err != nil:
		return fmt.Errorf("objects: not ready: %w", object.Err)
	}
	return nil // somebody put something there
}

func (b *s3) get(ctx context.Context, name string) ([]byte, error) {
	object, err := b.client.get(ctx, b.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("objects: reading %s: %w", name, err)
	}
	defer object.Close()
	content, err := io.ReadAll(io.LimitReader(object, mostObject))
	if err != nil {
		return nil, fmt.Errorf("objects: reading %s: %w", name, err)
	}
	return content, nil
}

// mostObject is more than a checkpoint has, with the signatures of many witnesses.
const mostObject = 1 << 20
