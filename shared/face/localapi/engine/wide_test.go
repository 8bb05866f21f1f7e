package engine

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The package that brings the weights also brings six group photographs. Their rights
// are not stated, so they are fetched for this test, kept in the user's cache, and
// never committed.
const (
	samplePackage = "@vladmandic/face-api@1.7.15"
	sampleArchive = "vladmandic-face-api-1.7.15.tgz"
	sampleSHA256  = "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031"
	sampleFaces   = 21
	fetchTimeout  = 2 * time.Minute
)

func TestPeopleOfTheSamplePhotographsAreToldApart(t *testing.T) {
	if testing.Short() {
		t.Skip("six large photographs are not for short runs")
	}
	files := samples(t)
	e := loaded(t)
	nearest, faces, pairs := math.Inf(1), 0, 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		people := group(t, e, files[name])
		faces += len(people)
		// Two faces in one photograph are two people, for certain.
		for i, a := range people {
			for j, b := range people[i+1:] {
				pairs++
				d := Distance(&a.Descriptor, &b.Descriptor)
				nearest = min(nearest, d)
				if d < 0.55 {
					t.Errorf("%s: faces %d and %d lie at %.3f", name, i, i+1+j, d)
				}
			}
		}
	}
	t.Logf("%d faces, %d pairs of different people, the nearest at %.3f", faces, pairs, nearest)
	if faces != sampleFaces {
		t.Errorf("%d faces found, want %d", faces, sampleFaces)
	}
}

// group describes the faces of a photograph.
func group(t *testing.T, e *Engine, data []byte) (people []*Portrait) {
	p := decode(t, data)
	faces, err := e.Faces(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faces {
		one, err := e.Describe(t.Context(), p, f, Leveled)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, one)
	}
	return people
}

// samples returns the photographs by name. Without npm or its registry the test fails:
// nobody would notice a skip.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	archive, err := cachedArchive(t.Context())
	if err != nil {
		t.Fatalf("the sample photographs cannot be fetched by npm (make setup installs it): %v", err)
	}
	files, err := unpack(archive)
	if err != nil || len(files) != 6 {
		t.Fatalf("%d photographs, %v", len(files), err)
	}
	return files
}

// cachedArchive returns the package's archive from the user's cache, where it is put
// whole or not at all, so that tests running at once do not meet halves.
func cachedArchive(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "nod-test", "face-api")
	target := filepath.Join(dir, sampleArchive)
	if intact(target) {
		return target, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", work, samplePackage)
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	fetched := filepath.Join(work, sampleArchive)
	if !intact(fetched) {
		return "", errors.New("the archive is not the one that is expected")
	}
	return target, os.Rename(fetched, target)
}

func intact(file string) bool {
	data, err := os.ReadFile(file)
	sum := sha256.Sum256(data)
	return err == nil && hex.EncodeToString(sum[:]) == sampleSHA256
}

// unpack reads the photographs out of the archive.
func unpack(archive string) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if name := path.Base(h.Name); strings.HasPrefix(h.Name, "package/demo/sample") && path.Ext(name) == ".jpg" {
			if files[name], err = io.ReadAll(r); err != nil {
				return nil, err
			}
		}
	}
}
