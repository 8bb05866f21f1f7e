package engine

import (
	"image"
	"image/draw"
)

// Picture is the engine's own copy of an image, eight bits a colour, transparency on
// black. It is not changed once made, so many calls may read it at once; its owner
// calls Wipe when they are over.
type Picture struct {
	w, h int
	pix  []uint8 // red, green, blue, alpha
}

// NewPicture copies img. The caller still owns, and wipes, the original.
func NewPicture(img image.Image) *Picture {
	b := img.Bounds()
	p := newPicture(b.Dx(), b.Dy())
	to := &image.RGBA{Pix: p.pix, Stride: 4 * p.w, Rect: image.Rect(0, 0, p.w, p.h)}
	draw.Draw(to, to.Rect, img, b.Min, draw.Src)
	return p
}

func newPicture(w, h int) *Picture {
	return &Picture{w: w, h: h, pix: make([]uint8, 4*w*h)}
}

// Width is the number of columns.
func (p *Picture) Width() int { return p.w }

// Height is the number of rows.
func (p *Picture) Height() int { return p.h }

// Wipe overwrites the pixels with black. It may be called more than once.
func (p *Picture) Wipe() { clear(p.pix) }

// Image lends the pixels as an image of the standard library; it lives and is wiped
// with the Picture, and must not be changed.
func (p *Picture) Image() image.Image {
	return &image.RGBA{Pix: p.pix, Stride: 4 * p.w, Rect: image.Rect(0, 0, p.w, p.h)}
}

// Orientation says how a picture has to be laid to stand upright, in the numbers of
// the Exif tag 0x0112: 1 as it is, 2 mirrored, 3 half turn, 4 half turn and mirrored,
// 5 to 8 with rows and columns exchanged.
type Orientation int

// The turns without a mirror.
const (
	AsItIs           Orientation = 1
	HalfTurn         Orientation = 3
	Clockwise        Orientation = 6
	CounterClockwise Orientation = 8
)

// Oriented returns an upright copy. Unknown orientations leave it as it is.
func (p *Picture) Oriented(o Orientation) *Picture {
	w, h := p.w, p.h
	if o >= 5 && o <= 8 {
		w, h = h, w
	}
	q := newPicture(w, h)
	for y := range h {
		for x := range w {
			fx, fy := p.origin(o, x, y)
			copy(q.pix[4*(y*w+x):][:4], p.pix[4*(fy*p.w+fx):][:4])
		}
	}
	return q
}

// origin returns the pixel of p that comes to stand at (x, y).
func (p *Picture) origin(o Orientation, x, y int) (int, int) {
	right, bottom := p.w-1, p.h-1
	switch o {
	case 2:
		return right - x, y
	case HalfTurn:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case Clockwise:
		return y, bottom - x
	case 7:
		return right - y, bottom - x
	case CounterClockwise:
		return right - y, x
	default:
		return x, y
	}
}

// shrunk averages blocks of n x n pixels. The networks read a large picture in wide
// steps; without averaging first they would see single pixels, noise and all.
func (p *Picture) shrunk(n int) *Picture {
	q := newPicture(p.w/n, p.h/n)
	area := uint32(n * n)
	for y := range q.h {
		for x := range q.w {
			var sum [3]uint32
			for dy := range n {
				row := p.pix[4*((y*n+dy)*p.w+x*n):][:4*n]
				for i := 0; i < len(row); i += 4 {
					sum[0] += uint32(row[i])
					sum[1] += uint32(row[i+1])
					sum[2] += uint32(row[i+2])
				}
			}
			to := q.pix[4*(y*q.w+x):][:4]
			for c, s := range sum {
				to[c] = uint8((s + area/2) / area)
			}
			to[3] = 0xFF
		}
	}
	return q
}
