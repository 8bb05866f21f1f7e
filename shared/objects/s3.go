package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"nod/shared/domain"
)

// s3 is a bucket of an object storage.
type s3 struct {
	client *minio.Client
	bucket string
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
	role := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{}})
	if c.ID != "" {
		role = credentials.NewStaticV4(c.ID, c.Key, c.Token)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: role, Region: u.Query().Get("region"), Secure: !domain.Loopback(u.Hostname()), MaxRetries: 3,
		BucketLookup: lookup(u.Hostname()),
	})
	if err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	return &s3{client, name}, nil
}

// lookup is how a bucket is named in an address: in the clouds by a name of its own.
func lookup(host string) minio.BucketLookupType {
	if strings.HasSuffix(host, ".myqcloud.com") || strings.HasSuffix(host, ".amazonaws.com.cn") {
		return minio.BucketLookupDNS
	}
	return minio.BucketLookupPath
}

func (b *s3) put(ctx context.Context, name string, content []byte) error {
	_, err := b.client.PutObject(ctx, b.bucket, name, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8", DisableMultipart: true})
	if err != nil {
		return fmt.Errorf("objects: writing %s: %w", name, err)
	}
	return nil
}

func (b *s3) first(ctx context.Context, prefix string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the listing ends with the first
	object, found := <-b.client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: 1})
	switch {
	case !found:
		return nil, nil
	case object.Err != nil:
		return nil, fmt.Errorf("objects: listing %s: %w", prefix, object.Err)
	}
	return b.get(ctx, object.Key)
}

func (b *s3) get(ctx context.Context, name string) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.bucket, name, minio.GetObjectOptions{})
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
