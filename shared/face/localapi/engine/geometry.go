package engine

import (
	"image"
	"math"
)

// Point is a position in a picture, in pixels from its top left corner.
type Point struct{ X, Y float64 }

func (p Point) minus(q Point) Point      { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) distance(q Point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }

// centre returns the mean of the points.
func centre(points []Point) Point {
	var c Point
	for _, p := range points {
		c.X += p.X
		c.Y += p.Y
	}
	n := float64(len(points))
	return Point{c.X / n, c.Y / n}
}

// Box is an upright rectangle in a picture; it may reach over the border.
type Box struct{ X, Y, W, H float64 }

// Area is the size of the box in square pixels.
func (b Box) Area() float64 { return b.W * b.H }

// overlap is the part that two boxes share of what they cover together.
func (b Box) overlap(o Box) float64 {
	w := min(b.X+b.W, o.X+o.W) - max(b.X, o.X)
	h := min(b.Y+b.H, o.Y+o.H) - max(b.Y, o.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (b.Area() + o.Area() - w*h)
}

// inside returns the whole pixels of the box that lie in a picture of w x h. The
// corner is clipped before its fraction is cut off, and so is the size: the networks
// were trained with crops made this way.
func (b Box) inside(w, h int) image.Rectangle {
	x, y := max(b.X, 0), max(b.Y, 0)
	cw := min(b.X+b.W-x, float64(w)-x)
	ch := min(b.Y+b.H-y, float64(h)-y)
	if !(cw >= 1 && ch >= 1) { // not even a number
		return image.Rectangle{}
	}
	at := image.Pt(int(x), int(y))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(int(cw), int(ch)))}
}

// shrunk is the box in a picture shrunk by n.
func (b Box) shrunk(n int) Box {
	f := float64(n)
	return Box{b.X / f, b.Y / f, b.W / f, b.H / f}
}
