// Package npm fetches packages of the npm registry for tests: what is not to be
// committed here, but is needed to try something with.
package npm

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const fetchTimeout = 2 * time.Minute

// Package is one version of a package. SHA256 is that of its archive, so that nobody is
// tested with something else than was looked at.
type Package struct{ Name, Version, SHA256 string }

// Files returns the package's files that are wanted, by their paths in it. Without npm
// or its registry the test fails: nobody would notice a skip. The archive is kept in the
// user's cache.
func (p Package) Files(t testing.TB, wanted func(path string) bool) map[string][]byte {
	t.Helper()
	archive, err := p.archive(t.Context())
	if err != nil {
		t.Fatalf("%s cannot be fetched by npm (make setup installs it): %v", p.Name, err)
	}
	files, err := unpack(archive, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// archive returns the package's archive from the cache, where it is put whole or not at
// all, so that tests running at once do not meet halves.
func (p Package) archive(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	name := strings.NewReplacer("@", "", "/", "-").Replace(p.Name) + "-" + p.Version + ".tgz" // as npm names it
	dir := filepath.Join(cache, "nod-test", "npm")
	target := filepath.Join(dir, name)
	if p.intact(target) {
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
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", work, p.Name+"@"+p.Version)
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	fetched := filepath.Join(work, name)
	if !p.intact(fetched) {
		return "", errors.New("the archive is not the one that is expected")
	}
	return target, os.Rename(fetched, target)
}

func (p Package) intact(file string) bool {
	data, err := os.ReadFile(file)
	sum := sha256.Sum256(data)
	return err == nil && hex.EncodeToString(sum[:]) == p.SHA256
}

func unpack(archive string, wanted func(path string) bool) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if name := strings.TrimPrefix(h.Name, "package/"); wanted(name) {
			if files[name], err = io.ReadAll(r); err != nil {
				return nil, err
			}
		}
	}
}
