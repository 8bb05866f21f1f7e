package engine

import (
	"image"
	"image/color"
	"testing"
)

// numbered is a 3 x 2 picture whose pixels are 10, 20, ... 60 in reading order.
func numbered() *Picture {
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(10 * (i + 1))
	}
	return NewPicture(m)
}

func values(p *Picture) []uint8 {
	var v []uint8
	for i := 0; i < len(p.pix); i += 4 {
		v = append(v, p.pix[i])
	}
	return v
}

func TestOrientationsLayThePictureAsExifMeansThem(t *testing.T) {
	for _, c := range []struct {
		name  string
		o     Orientation
		width int
		want  string
	}{
		{"as it is", AsItIs, 3, "\x0a\x14\x1e\x28\x32\x3c"},
		{"mirrored", 2, 3, "\x1e\x14\x0a\x3c\x32\x28"},
		{"half turn", HalfTurn, 3, "\x3c\x32\x28\x1e\x14\x0a"},
		{"half turn, mirrored", 4, 3, "\x28\x32\x3c\x0a\x14\x1e"},
		{"transposed", 5, 2, "\x0a\x28\x14\x32\x1e\x3c"},
		{"clockwise", Clockwise, 2, "\x28\x0a\x32\x14\x3c\x1e"},
		{"transposed the other way", 7, 2, "\x3c\x1e\x32\x14\x28\x0a"},
		{"counter-clockwise", CounterClockwise, 2, "\x1e\x3c\x14\x32\x0a\x28"},
		{"unknown", 99, 3, "\x0a\x14\x1e\x28\x32\x3c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := numbered().Oriented(c.o)
			if got := string(values(q)); got != c.want || q.Width() != c.width || q.Width()*q.Height() != 6 {
				t.Errorf("%d wide, %x, want %d wide, %x", q.Width(), got, c.width, c.want)
			}
		})
	}
}

func TestShrinkingAverages(t *testing.T) {
	q := numbered().shrunk(2)
	if q.w != 1 || q.h != 1 || q.pix[0] != 30 {
		t.Errorf("%dx%d of %d, want one pixel of 30", q.w, q.h, q.pix[0])
	}
}

func TestImagesKeepTheirColoursWhereverTheyStart(t *testing.T) {
	m := image.NewNRGBA(image.Rect(-5, 7, 0, 9))
	m.Set(-5, 7, color.NRGBA{200, 100, 50, 255})
	p := NewPicture(m)
	if p.w != 5 || p.h != 2 || [4]uint8(p.pix[:4]) != [4]uint8{200, 100, 50, 255} {
		t.Errorf("%dx%d, first pixel %v", p.w, p.h, p.pix[:4])
	}
}

func TestWipedPictureIsBlack(t *testing.T) {
	p := numbered()
	p.Wipe()
	for _, v := range p.pix {
		if v != 0 {
			t.Fatal("a pixel was left")
		}
	}
}
