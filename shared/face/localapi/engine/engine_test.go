package engine

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"sync"
	"testing"

	"nod/shared/face/localapi/portraits"
)

func TestTwoPeopleAreFarApartAndOneIsNot(t *testing.T) {
	e := loaded(t)
	_, collins := read(t, e, decode(t, portraits.Collins), Leveled)
	_, hopper := read(t, e, decode(t, portraits.Hopper), Leveled)
	if d := Distance(&collins.Descriptor, &hopper.Descriptor); d < 0.55 {
		t.Errorf("two people lie at %.3f", d)
	}
	if d := Distance(&collins.Descriptor, &collins.Descriptor); d != 0 {
		t.Errorf("one picture lies at %g from itself", d)
	}
}

func TestLevellingUndoesATurnOfTheHead(t *testing.T) {
	e := loaded(t)
	p := decode(t, portraits.Collins)
	turned := NewPicture(portraits.Turned(p.Image(), 20))
	distance := func(how Alignment) float64 {
		_, a := read(t, e, p, how)
		_, b := read(t, e, turned, how)
		return Distance(&a.Descriptor, &b.Descriptor)
	}
	if level, upright := distance(Leveled), distance(Upright); level > 0.2 || upright < 2*level {
		t.Errorf("turned by 20 degrees: %.3f leveled, %.3f upright", level, upright)
	}
}

func TestFaceThatFillsThePictureIsFound(t *testing.T) {
	p := decode(t, portraits.Hopper).Image()
	tight := image.NewRGBA(image.Rect(0, 0, 230, 230))
	draw.Draw(tight, tight.Rect, p, image.Pt(145, 125), draw.Src)
	faces, err := loaded(t).Faces(t.Context(), NewPicture(tight))
	if err != nil || len(faces) == 0 {
		t.Errorf("faces: %v, %v", faces, err)
	}
}

func TestLargestFaceComesFirst(t *testing.T) {
	both := image.NewRGBA(image.Rect(0, 0, 900, 600))
	draw.Draw(both, image.Rect(0, 0, 512, 512), decode(t, portraits.Collins).Image(), image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(512, 0, 900, 600), decode(t, portraits.Hopper).Image(), image.Pt(60, 0), draw.Src)
	faces, err := loaded(t).Faces(t.Context(), NewPicture(both))
	if err != nil || len(faces) < 2 {
		t.Fatalf("faces: %v, %v", faces, err)
	}
	if faces[0].Box.X < 512 || faces[0].Box.Area() < faces[1].Box.Area() {
		t.Errorf("first %v, then %v", faces[0].Box, faces[1].Box)
	}
}

func TestPicturesWithoutAFaceGiveNone(t *testing.T) {
	for name, size := range map[string]image.Rectangle{
		"grey":       image.Rect(0, 0, 100, 80),
		"one pixel":  image.Rect(0, 0, 1, 1),
		"no pixel":   {},
		"very broad": image.Rect(0, 0, 3000, 2),
	} {
		t.Run(name, func(t *testing.T) {
			m := image.NewRGBA(size)
			draw.Draw(m, size, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
			faces, err := loaded(t).Faces(t.Context(), NewPicture(m))
			if err != nil || len(faces) != 0 {
				t.Errorf("faces: %v, %v", faces, err)
			}
		})
	}
}

func TestPlaceWithoutAFaceIsUnreadableOrHarmless(t *testing.T) {
	p := NewPicture(image.NewRGBA(image.Rect(0, 0, 100, 100)))
	for name, box := range map[string]Box{
		"outside":    {X: 200, Y: 0, W: 50, H: 50},
		"no area":    {X: 10, Y: 10},
		"a pixel":    {X: 10, Y: 10, W: 1.5, H: 1.5},
		"infinite":   {X: 0, Y: 0, W: 1e300, H: 1e300},
		"all before": {X: -50, Y: -50, W: 20, H: 20},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loaded(t).Describe(t.Context(), p, Face{Box: box}, Leveled)
			if err != nil && !errors.Is(err, ErrUnreadable) {
				t.Error(err)
			}
		})
	}
}

func TestCancelledCallsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := loaded(t)
	p := NewPicture(image.NewRGBA(image.Rect(0, 0, 64, 64)))
	if _, err := e.Faces(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("Faces: %v", err)
	}
	if _, err := e.Describe(ctx, p, Face{Box: Box{W: 64, H: 64}}, Leveled); !errors.Is(err, context.Canceled) {
		t.Errorf("Describe: %v", err)
	}
}

func TestConcurrentCallsGiveEqualAnswers(t *testing.T) {
	e := loaded(t)
	p := decode(t, portraits.Collins)
	face, want := read(t, e, p, Leveled)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			got, err := e.Describe(t.Context(), p, face, Leveled)
			if err != nil || got.Descriptor != want.Descriptor {
				t.Errorf("another descriptor, or %v", err)
			}
		})
	}
	wg.Wait()
}

func TestBlurLowersSharpnessAndDarknessDoesNot(t *testing.T) {
	e := loaded(t)
	p := decode(t, portraits.Collins)
	_, plain := read(t, e, p, Leveled)
	_, dark := read(t, e, NewPicture(portraits.Brightened(p.Image(), 0.5)), Leveled)
	_, blurred := read(t, e, NewPicture(portraits.Blurred(p.Image(), 3)), Leveled)
	if s := plain.Quality.Sharpness; blurred.Quality.Sharpness > s/2 || dark.Quality.Sharpness < s*0.9 {
		t.Errorf("sharpness %.2f, dark %.2f, blurred %.2f", s, dark.Quality.Sharpness, blurred.Quality.Sharpness)
	}
	if plain.Quality.Brightness < 1.8*dark.Quality.Brightness {
		t.Errorf("brightness %.0f, dark %.0f", plain.Quality.Brightness, dark.Quality.Brightness)
	}
}
