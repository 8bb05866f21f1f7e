package engine

import (
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"nod/tests/npm"
)

// The package that brings the weights also brings six group photographs. Their rights
// are not stated, so they are fetched for this test, kept in the user's cache, and
// never committed.
var samplePackage = npm.Package{
	Name: "@vladmandic/face-api", Version: "1.7.15", SHA256: "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
}

const sampleFaces = 21

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

// samples returns the photographs by name.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	files := samplePackage.Files(t, func(name string) bool {
		return strings.HasPrefix(name, "demo/sample") && path.Ext(name) == ".jpg"
	})
	if len(files) != 6 {
		t.Fatalf("%d photographs", len(files))
	}
	return files
}
