package localapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/draw"
	"image/png"
	"sync"
	"testing"

	"nod/shared/face/localapi/engine"
	"nod/shared/face/localapi/portraits"
)

// passes is the score that the default setting asks for.
const passes = 50

func portrait(t testing.TB, data []byte) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func score(t testing.TB, r reply) float64 {
	t.Helper()
	if r.Score == nil {
		t.Fatalf("no score: %v", r.Error)
	}
	if r.FaceModelVersion != "3.0" {
		t.Errorf("model version %q", r.FaceModelVersion)
	}
	return *r.Score
}

func TestOnePersonPassesUnderOrdinaryChanges(t *testing.T) {
	s := newAPI(t)
	atLeast := &compareRequest{QualityControl: 1}
	for name, data := range map[string][]byte{"Collins": portraits.Collins, "Hopper": portraits.Hopper} {
		plain := portrait(t, data)
		reference, err := s.face(t.Context(), data, atLeast)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range portraits.Variations {
			t.Run(name+" "+v.Name, func(t *testing.T) {
				again, err := s.face(t.Context(), bmpOf(v.Apply(plain)), atLeast)
				if err != nil {
					t.Fatal(err)
				}
				d := engine.Distance(reference, again)
				t.Logf("distance %.3f, score %.1f", d, Score(d))
				if Score(d) < passes {
					t.Errorf("distance %.3f, score %.1f", d, Score(d))
				}
			})
		}
	}
}

func TestTwoPeopleFail(t *testing.T) {
	r := compared(t, newAPI(t), map[string]any{"ImageA": portraits.Collins, "ImageB": portraits.Hopper, "QualityControl": 1})
	if got := score(t, r); got >= 40 {
		t.Errorf("score %.1f", got)
	}
}

// near reads the face that a request means and holds it against Hopper's.
func near(t *testing.T, s *Server, data []byte, q *compareRequest) error {
	t.Helper()
	got, err := s.face(t.Context(), data, q)
	if err != nil {
		return err
	}
	if got := Score(engine.Distance(got, hoppers(s))); got < passes {
		t.Errorf("score %.1f", got)
	}
	return nil
}

// hoppers is the descriptor of Hopper's portrait, read once for all tests.
func hoppers(s *Server) *engine.Descriptor {
	readHopper.Do(func() {
		d, err := s.face(context.Background(), portraits.Hopper, &compareRequest{})
		if err != nil {
			panic(err)
		}
		hopper = *d
	})
	return &hopper
}

var (
	readHopper sync.Once
	hopper     engine.Descriptor
)

func TestLargestFaceOfSeveralIsMeantUnlessTheSurestIsAskedFor(t *testing.T) {
	s := newAPI(t)
	both := image.NewRGBA(image.Rect(0, 0, 900, 600))
	draw.Draw(both, image.Rect(0, 0, 512, 512), portrait(t, portraits.Collins), image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(512, 0, 900, 600), portrait(t, portraits.Hopper), image.Pt(60, 0), draw.Src)
	if err := near(t, s, bmpOf(both), &compareRequest{}); err != nil {
		t.Error(err)
	}
	surest := mostConfident
	if err := near(t, s, bmpOf(both), &compareRequest{FaceMatchingStrategy: &surest}); err != nil {
		t.Error(err)
	}
}

func TestPictureOnItsSideIsReadIfThatIsAskedForOrNoted(t *testing.T) {
	s := newAPI(t)
	lying := engine.NewPicture(portrait(t, portraits.Hopper)).Oriented(engine.CounterClockwise).Image()
	if err := near(t, s, bmpOf(lying), &compareRequest{}); err != errNoFace {
		t.Errorf("unasked: %v", err)
	}
	if err := near(t, s, bmpOf(lying), &compareRequest{NeedRotateDetection: 1}); err != nil {
		t.Errorf("asked for: %v", err)
	}
	noted := withOrientation(jpegOf(lying), binary.BigEndian, uint16(engine.Clockwise))
	if err := near(t, s, noted, &compareRequest{}); err != nil {
		t.Errorf("noted: %v", err)
	}
}

func TestQualityControlAsksForMoreWithEachLevel(t *testing.T) {
	s := newAPI(t)
	hopper := portrait(t, portraits.Hopper)
	for _, c := range []struct {
		name  string
		image image.Image
		want  [5]error // by level
	}{
		{"good", hopper, [5]error{}},
		{"small", portraits.Scaled(hopper, 0.14), [5]error{1: errFaceSize, 2: errFaceSize, 3: errFaceSize, 4: errFaceSize}},
		{"dark", portraits.Brightened(hopper, 0.15), [5]error{2: errFaceQuality, 3: errFaceQuality, 4: errFaceQuality}},
		{"blurred", portraits.Blurred(hopper, 5), [5]error{4: errFaceQuality}},
		{"smeared", portraits.Blurred(portrait(t, portraits.Collins), 5), [5]error{1: errFaceQuality, 2: errFaceQuality, 3: errFaceQuality, 4: errFaceSize}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := engine.NewPicture(c.image)
			faces, err := s.engine.Faces(t.Context(), p)
			if err != nil || len(faces) == 0 {
				t.Fatalf("faces: %v, %v", faces, err)
			}
			portrait, err := s.engine.Describe(t.Context(), p, faces[0], engine.Leveled)
			if err != nil {
				t.Fatal(err)
			}
			for level, want := range c.want {
				if got := bars[level].check(faces[0].Box, portrait.Quality); got != want {
					t.Errorf("level %d, %v, %+v: got %v, want %v", level, faces[0].Box, portrait.Quality, got, want)
				}
			}
		})
	}
}

func TestQualityThatIsAskedForIsEnforced(t *testing.T) {
	smeared := bmpOf(portraits.Blurred(portrait(t, portraits.Collins), 5))
	r := compared(t, newAPI(t), map[string]any{"ImageA": smeared, "ImageB": portraits.Hopper, "QualityControl": 1})
	if r.Error.Code != errFaceQuality.Code {
		t.Errorf("%v %v", r.Score, r.Error)
	}
}

func TestScoreFallsAsTheDistanceGrows(t *testing.T) {
	for distance, want := range map[float64]float64{-1: 100, 0: 100, 0.45: 60, 0.475: 55, 0.5: 50, 0.55: 40, 0.6: 30, 0.8: 15, 1: 0, 9: 0} {
		if got := Score(distance); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("Score(%g) is %g, want %g", distance, got, want)
		}
	}
	for d := 0.0; d < 0.999; d += 0.001 {
		if Score(d+0.001) >= Score(d) {
			t.Errorf("the score does not fall at %g", d)
		}
	}
}

// BenchmarkCompareFace is a whole request: signature, decoding, two faces.
// Run with -cpu 1 for the figure of one core.
func BenchmarkCompareFace(b *testing.B) {
	s := newAPI(b)
	var again bytes.Buffer
	if err := png.Encode(&again, portraits.Turned(portrait(b, portraits.Collins), 10)); err != nil {
		b.Fatal(err)
	}
	c := call{body: body(map[string]any{"ImageA": portraits.Collins, "ImageB": again.Bytes()})}
	for b.Loop() {
		if got := score(b, send(b, s, c.request())); got < passes {
			b.Fatalf("score %.1f", got)
		}
	}
}
