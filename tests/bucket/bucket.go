// Package bucket gives tests an object storage that speaks the S3 protocol, in memory and
// with one empty bucket, and takes it away again.
package bucket

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

const name = "nod"

// Start starts one and returns its address, as NOD_OBJECTS takes it. Any credentials are
// good there.
func Start(t testing.TB) (address string) {
	t.Helper()
	return StartBehind(t, func(storage http.Handler) http.Handler { return storage })
}

// StartBehind is Start with something in front of the storage: what sees its requests, or
// keeps them from it.
func StartBehind(t testing.TB, front func(storage http.Handler) http.Handler) (address string) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(name); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front(gofakes3.New(backend).Server()))
	t.Cleanup(server.Close)
	return "s3://" + server.Listener.Addr().String() + "/" + name + "?region=cn-north-1"
}
