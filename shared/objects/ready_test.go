package objects_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nod/shared/objects"
)

func open(t *testing.T, address string) *objects.Store {
	t.Helper()
	s, err := objects.Open(address, objects.Credentials{ID: "id", Key: "the secret key"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAStoreThatIsThereIsReady(t *testing.T) {
	for name, s := range stores(t) {
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "not", "made", "yet")
	if err := open(t, "file:"+dir).Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("looking left %v, %v", left, err)
	}
}

func TestAStoreThatIsNotThereIsNotReady(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ address, says string }{
		"no server":           {"s3://127.0.0.1:1/nod?region=us-east-1", "refused"},
		"no such bucket":      {s3(t, http.StatusNotFound, "NoSuchBucket"), "NoSuchBucket"},
		"wrong credentials":   {s3(t, http.StatusForbidden, "InvalidAccessKeyId"), "InvalidAccessKeyId"},
		"not allowed":         {s3(t, http.StatusForbidden, "AccessDenied"), "AccessDenied"},
		"a file for a folder": {"file:" + file, "not a directory"},
	}
	if os.Getuid() != 0 { // root writes everywhere
		tests["a folder that cannot be written to"] = struct{ address, says string }{"file:" + locked, "permission denied"}
	}
	for name, tt := range tests {
		err := open(t, tt.address).Ready(t.Context())
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "the secret key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// s3 is the address of a bucket whose storage refuses every call so.
func s3(t *testing.T, status int, code string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Query().Get("prefix") != "ready/" {
			t.Errorf("it is asked for %s %s: its role may list ready/ and no more", r.Method, r.URL)
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>"+code+"</Message></Error>")
	}))
	t.Cleanup(server.Close)
	return "s3://" + strings.TrimPrefix(server.URL, "http://") + "/nod?region=us-east-1"
}

// A storage that does not answer is not waited for longer than the caller says.
func TestAStoreThatHangsIsNotReady(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer server.Close()
	s := open(t, "s3://"+strings.TrimPrefix(server.URL, "http://")+"/nod?region=us-east-1")
	if err := s.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
}
