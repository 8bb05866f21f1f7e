package objects_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"nod/shared/domain"
	"nod/shared/objects"
	"nod/tests/bucket"
)

const enterprise = "01920000-0000-7000-8000-00000000e000"

// stores are a folder, and an object storage that speaks the S3 protocol.
func stores(t *testing.T) map[string]*objects.Store {
	t.Helper()
	list := map[string]*objects.Store{}
	for name, address := range map[string]string{
		"folder": "file:" + t.TempDir(),
		"s3":     bucket.Start(t),
	} {
		s, err := objects.Open(address, objects.Credentials{ID: "id", Key: "key"})
		if err != nil {
			t.Fatal(err)
		}
		list[name] = s
	}
	return list
}

func TestTheLatestCheckpointIsTheLargest(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if c, err := s.Latest(t.Context(), enterprise); err != nil || c != nil {
				t.Fatalf("before the first there is %q, %v", c, err)
			}
			for _, size := range []int64{1, 9, 10, 100, 99, 1 << 40, 5} { // a paused one comes last
				if err := s.Publish(t.Context(), enterprise, size, fmt.Appendf(nil, "checkpoint of %d", size)); err != nil {
					t.Fatal(err)
				}
			}
			if c, err := s.Latest(t.Context(), enterprise); err != nil || string(c) != "checkpoint of 1099511627776" {
				t.Errorf("the latest is %q, %v", c, err)
			}
			if c, err := s.Latest(t.Context(), domain.ID(enterprise[:35])); err != nil || c != nil {
				t.Errorf("of another enterprise there is %q, %v", c, err)
			}
		})
	}
}

// Several publish at once: what is read is whole, and never goes back.
func TestCheckpointsArePublishedWhole(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat("x", 10_000)
			var all sync.WaitGroup
			for size := int64(1); size <= 20; size++ {
				all.Go(func() {
					if err := s.Publish(t.Context(), enterprise, size, []byte(text)); err != nil {
						t.Error(err)
					}
				})
				all.Go(func() {
					if c, err := s.Latest(t.Context(), enterprise); err != nil || len(c) != 0 && string(c) != text {
						t.Errorf("%d bytes, %v", len(c), err)
					}
				})
			}
			all.Wait()
		})
	}
}

// What is written in a stream is read whole, is fetched by a link where there is one, and
// goes with its folder and with nothing else.
func TestObjectsAreStreams(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 20<<20/16) // more than a part
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for name, content := range map[string][]byte{"exports/a/parts/1": large, "exports/a/parts/2": []byte("y"), "exports/ab": []byte("x")} {
				if err := s.Write(t.Context(), name, struct{ io.Reader }{bytes.NewReader(content)}); err != nil {
					t.Fatal(err)
				}
			}
			whole := func(name string) []byte {
				r, size, err := s.Open(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				got, err := io.ReadAll(r)
				if err != nil || int64(len(got)) != size {
					t.Errorf("%s: %d bytes of %d, %v", name, len(got), size, err)
				}
				return got
			}
			if got := whole("exports/a/parts/1"); !bytes.Equal(got, large) {
				t.Errorf("%d bytes are read where %d were written, or others", len(got), len(large))
			}
			if got := whole("exports/a/parts/2"); string(got) != "y" {
				t.Errorf("%q is read", got)
			}
			link, err := s.Link(t.Context(), "exports/ab", "nod.zip", time.Minute)
			if err != nil || (link == "") != (name == "folder") {
				t.Fatalf("the link is %q, %v", link, err)
			}
			if link != "" {
				if got, file := fetch(t, link); got != "x" || !strings.Contains(file, "nod.zip") {
					t.Errorf("the link gives %q, as %s", got, file)
				}
			}
			for range 2 { // again is no fault
				if err := s.Remove(t.Context(), "exports/a/"); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := s.Open(t.Context(), "exports/a/parts/1"); err == nil {
				t.Error("what was deleted is still there")
			}
			if string(whole("exports/ab")) != "x" {
				t.Error("another one is gone too")
			}
		})
	}
}

func fetch(t *testing.T, address string) (content, disposition string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", answer.StatusCode, b, err)
	}
	return string(b), request.URL.Query().Get("response-content-disposition")
}

// A stream that breaks off leaves no object.
func TestABrokenStreamLeavesNothing(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, half := range []string{"half", strings.Repeat("half", 1<<20)} {
				broken := io.MultiReader(strings.NewReader(half), iotest.ErrReader(io.ErrUnexpectedEOF))
				if err := s.Write(t.Context(), "exports/a/1", broken); err == nil {
					t.Error("no fault is told")
				}
				if _, _, err := s.Open(t.Context(), "exports/a/1"); err == nil {
					t.Error("half an object is there")
				}
			}
		})
	}
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"file:" + file, "s3://127.0.0.1:1/nod?region=us-east-1"} {
		s, err := objects.Open(address, objects.Credentials{ID: "id", Key: "the secret key"})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Publish(t.Context(), enterprise, 1, []byte("x"))
		if err == nil || strings.Contains(err.Error(), "the secret key") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAddressesThatAreNoneAreRefused(t *testing.T) {
	for _, address := range []string{"", "file:", "/var/objects", "s3://", "s3://host", "s3://host/a/b", "s3://id:key@host/bucket", "https://host/bucket"} {
		if _, err := objects.Open(address, objects.Credentials{}); err == nil || strings.Contains(err.Error(), "key@") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
