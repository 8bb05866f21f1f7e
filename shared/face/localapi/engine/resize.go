package engine

import (
	"image"
	"math"
)

// mean is subtracted from the colours before a network reads them.
type mean [3]float32

// The means of face-api's networks: facts that belong to the weights.
var (
	detectorMean = mean{117.001, 114.697, 97.404}
	faceMean     = mean{122.782, 117.001, 104.298}
)

func (m mean) of(c int, v float32) float32 { return (v - m[c]) / 255 }

// frame is a square of a picture's plane of which only the part inside content is
// looked at; the rest counts as black.
type frame struct {
	x, y, side int
	content    image.Rectangle
}

// padded returns the smallest square around r: with its content in the middle, or at
// the top left.
func padded(r image.Rectangle, centred bool) frame {
	f := frame{x: r.Min.X, y: r.Min.Y, side: max(r.Dx(), r.Dy()), content: r}
	if centred {
		f.x -= (f.side - r.Dx()) / 2
		f.y -= (f.side - r.Dy()) / 2
	}
	return f
}

// tap is one position of a resized axis: two neighbours and the weight of the second.
type tap struct {
	lo, hi int
	part   float32
}

// taps maps size positions onto side pixels by src = dst*side/size, the convention of
// the networks' framework (neither corners nor pixel centres are aligned).
func taps(start, side, size int) []tap {
	t := make([]tap, size)
	scale := float32(side) / float32(size)
	for i := range t {
		src := float32(i) * scale
		lo := int(src)
		hi := min(lo+1, side-1)
		t[i] = tap{start + lo, start + hi, src - float32(lo)}
	}
	return t
}

// resized reads the frame into a size x size volume, interpolating bilinearly.
func (p *Picture) resized(a *arena, f frame, size int, m mean) volume {
	v := a.volume(size, size, 3)
	columns, rows := taps(f.x, f.side, size), taps(f.y, f.side, size)
	in := f.content.Intersect(image.Rect(0, 0, p.w, p.h))
	for i, r := range rows {
		for j, c := range columns {
			tl, tr := p.at(in, c.lo, r.lo), p.at(in, c.hi, r.lo)
			bl, br := p.at(in, c.lo, r.hi), p.at(in, c.hi, r.hi)
			to := v.data[(i*size+j)*3:][:3]
			for k := range to {
				top := mix(tl[k], tr[k], c.part)
				bottom := mix(bl[k], br[k], c.part)
				to[k] = m.of(k, top+(bottom-top)*r.part)
			}
		}
	}
	return v
}

var black = [3]uint8{}

// at returns the colour of a pixel, black outside of in.
func (p *Picture) at(in image.Rectangle, x, y int) [3]uint8 {
	if x < in.Min.X || x >= in.Max.X || y < in.Min.Y || y >= in.Max.Y {
		return black
	}
	c := p.pix[4*(y*p.w+x):][:3]
	return [3]uint8{c[0], c[1], c[2]}
}

func mix(a, b uint8, part float32) float32 {
	return float32(a) + (float32(b)-float32(a))*part
}

// turned reads a square whose top left corner is at corner and whose upper side runs
// along the unit vector right, into a size x size volume.
func (p *Picture) turned(a *arena, corner, right Point, side float64, size int, m mean) volume {
	v := a.volume(size, size, 3)
	step := side / float64(size)
	all := image.Rect(0, 0, p.w, p.h)
	for i := range size {
		for j := range size {
			u, d := float64(j)*step, float64(i)*step
			x := corner.X + u*right.X - d*right.Y
			y := corner.Y + u*right.Y + d*right.X
			p.blend(v.data[(i*size+j)*3:][:3], all, x, y, m)
		}
	}
	return v
}

// blend writes the colour at a point between pixels.
func (p *Picture) blend(to []float32, in image.Rectangle, x, y float64, m mean) {
	fx, fy := math.Floor(x), math.Floor(y)
	px, py := float32(x-fx), float32(y-fy)
	ix, iy := int(fx), int(fy)
	tl, tr := p.at(in, ix, iy), p.at(in, ix+1, iy)
	bl, br := p.at(in, ix, iy+1), p.at(in, ix+1, iy+1)
	for k := range to {
		top, bottom := mix(tl[k], tr[k], px), mix(bl[k], br[k], px)
		to[k] = m.of(k, top+(bottom-top)*py)
	}
}
