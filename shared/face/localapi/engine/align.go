package engine

import (
	"image"
	"math"
)

// Alignment says how the crop is laid around a face.
type Alignment int

// Leveled turns the crop by the line between the eyes and is the way of real use;
// Upright leaves it parallel to the picture, as published descriptors have it.
const (
	Leveled Alignment = iota
	Upright
)

// Where the middle of eyes and mouth comes to lie in the crop, and how much of its
// height the distance between them takes: facts that belong to the descriptor.
const (
	middleX   = 0.5
	middleY   = 0.43
	eyesMouth = 0.45
)

// cropSize is the side of the descriptor's input.
const cropSize = 150

// minFaceSize is the smallest crop, in pixels of the picture, that is worth reading.
const minFaceSize = 8

// placement is where a face lies: the middle of its eyes and mouth, how far the crop
// reaches, and the direction from the left eye to the right.
type placement struct {
	middle Point
	side   float64
	right  Point
}

// place derives the crop from the landmarks; false if they cannot be a face.
func place(l *Landmarks) (placement, bool) {
	left, right, mouth := l.leftEye(), l.rightEye(), l.mouth()
	between := left.distance(right)
	side := (mouth.distance(left) + mouth.distance(right)) / 2 / eyesMouth
	if !(between >= 1 && side >= minFaceSize) || math.IsInf(side, 0) {
		return placement{}, false
	}
	d := right.minus(left)
	return placement{
		middle: centre([]Point{left, right, mouth}),
		side:   side,
		right:  Point{d.X / between, d.Y / between},
	}, true
}

// crop reads the aligned face.
func (c placement) crop(a *arena, p *Picture, how Alignment) volume {
	if how == Upright {
		return c.upright(a, p)
	}
	u, d := middleX*c.side, middleY*c.side
	corner := Point{
		X: c.middle.X - u*c.right.X + d*c.right.Y,
		Y: c.middle.Y - u*c.right.Y - d*c.right.X,
	}
	return p.turned(a, corner, c.right, c.side, cropSize, faceMean)
}

// upright cuts every fraction off and clips at the border, as the reference does.
func (c placement) upright(a *arena, p *Picture) volume {
	side := math.Floor(c.side)
	box := Box{
		X: math.Floor(max(0, c.middle.X-middleX*side)),
		Y: math.Floor(max(0, c.middle.Y-middleY*side)),
		W: side, H: side,
	}
	r := box.inside(p.w, p.h)
	if r.Empty() {
		r = image.Rect(0, 0, p.w, p.h)
	}
	return p.resized(a, padded(r, true), cropSize, faceMean)
}
