package engine

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"os"
	"testing"

	"nod/shared/face/localapi/portraits"
)

// reference is what another implementation of the same networks says of a portrait:
// detector at 512, confidence 0.4, full landmarks, crop parallel to the picture.
type reference struct {
	Box        struct{ X, Y, W, H, S float64 }
	Descriptor []float64
}

func references(t *testing.T) map[string]reference {
	t.Helper()
	text, err := os.ReadFile("testdata/reference-descriptors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]reference
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func decode(t testing.TB, data []byte) *Picture {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return NewPicture(img)
}

func loaded(t testing.TB) *Engine {
	t.Helper()
	e, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// read describes the largest face.
func read(t testing.TB, e *Engine, p *Picture, how Alignment) (Face, *Portrait) {
	t.Helper()
	faces, err := e.Faces(t.Context(), p)
	if err != nil || len(faces) == 0 {
		t.Fatalf("faces: %v, %v", faces, err)
	}
	portrait, err := e.Describe(t.Context(), p, faces[0], how)
	if err != nil {
		t.Fatal(err)
	}
	return faces[0], portrait
}

func TestDescriptorOfThePNGIsThatOfTheReference(t *testing.T) {
	want := references(t)["collins.png"]
	face, got := read(t, loaded(t), decode(t, portraits.Collins), Upright)
	if b := want.Box; far(face.Box, Box{b.X, b.Y, b.W, b.H}, 0.01) {
		t.Errorf("box %v, want %v", face.Box, b)
	}
	worst := 0.0
	for i, w := range want.Descriptor {
		worst = max(worst, math.Abs(float64(got.Descriptor[i])-w))
	}
	t.Logf("greatest difference %.2g", worst)
	if worst > 1e-3 {
		t.Errorf("a number of the descriptor is off by %g", worst)
	}
}

// Decoders of JPEG differ by a shade, and the networks notice: on a JPEG, only being
// close can be asked for.
func TestDescriptorOfTheJPEGIsCloseToThatOfTheReference(t *testing.T) {
	want := references(t)["hopper.jpg"]
	face, got := read(t, loaded(t), decode(t, portraits.Hopper), Upright)
	if b := want.Box; far(face.Box, Box{b.X, b.Y, b.W, b.H}, 2) {
		t.Errorf("box %v, want %v", face.Box, b)
	}
	var ref Descriptor
	for i, w := range want.Descriptor {
		ref[i] = float32(w)
	}
	d := Distance(&ref, &got.Descriptor)
	t.Logf("distance %.3f", d)
	if d > 0.1 {
		t.Errorf("distance %.3f from the reference", d)
	}
}

func far(a, b Box, by float64) bool {
	return math.Abs(a.X-b.X) > by || math.Abs(a.Y-b.Y) > by || math.Abs(a.W-b.W) > by || math.Abs(a.H-b.H) > by
}
