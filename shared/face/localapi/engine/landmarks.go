package engine

import (
	"fmt"
	"math"
)

// Facts that belong to the landmark network.
const (
	landmarkSize  = 112 // side of its input
	landmarkCount = 68
)

// Landmarks are 68 points of a face in the usual order: jaw 0-16, brows 17-26, nose
// 27-35, eyes 36-47, mouth 48-67.
type Landmarks [landmarkCount]Point

// The groups that alignment looks at; left and right as seen in the picture.
func (l *Landmarks) leftEye() Point  { return centre(l[36:42]) }
func (l *Landmarks) rightEye() Point { return centre(l[42:48]) }
func (l *Landmarks) mouth() Point    { return centre(l[48:68]) }

// landmarker is four dense blocks and a matrix.
type landmarker struct {
	first  conv // of block 0
	blocks [4]denseBlock
	weight []float32 // [features][x, y of each point]
	bias   []float32
	in     int
}

// denseBlock halves the picture, then refines: each further layer reads the sum of
// all before it.
type denseBlock struct {
	down   separable // unused in block 0, which starts with the ordinary convolution
	refine [3]separable
}

func loadLandmarker() (*landmarker, error) {
	m, err := loadModel(landmarkModel)
	if err != nil {
		return nil, err
	}
	l := new(landmarker)
	if l.first, err = m.conv("dense0/conv0/filters", "dense0/conv0/bias", 3, 3); err != nil {
		return nil, err
	}
	in := l.first.out
	for i := range l.blocks {
		if in, err = l.blocks[i].load(m, i, in); err != nil {
			return nil, err
		}
	}
	weights, err := m.take("fc/weights", in, 2*landmarkCount)
	if err != nil {
		return nil, err
	}
	bias, err := m.take("fc/bias", 2*landmarkCount)
	l.weight, l.bias, l.in = weights.data, bias.data, in
	return l, err
}

// load reads block i and returns how many channels it gives.
func (b *denseBlock) load(m model, i, in int) (out int, err error) {
	if i > 0 {
		if b.down, err = m.separable(fmt.Sprintf("dense%d/conv0", i), in); err != nil {
			return 0, err
		}
		in = b.down.pointwise.out
	}
	for j := range b.refine {
		if b.refine[j], err = m.separable(fmt.Sprintf("dense%d/conv%d", i, j+1), in); err != nil {
			return 0, err
		}
	}
	return in, nil
}

// find places the points of the face in box. It returns false if the box has no pixel
// inside the picture or the network answers with something that is no number.
func (l *landmarker) find(p *Picture, box Box) (*Landmarks, bool) {
	crop := box.inside(p.w, p.h)
	if crop.Empty() {
		return nil, false
	}
	var a arena
	defer a.wipe()
	f := padded(crop, true)
	x := l.first.run(&a, p.resized(&a, f, landmarkSize, faceMean), 2, same)
	for i, b := range l.blocks {
		if i > 0 {
			x = b.down.run(&a, x, 2)
		}
		x = b.run(&a, x)
	}
	out := a.floats(2 * landmarkCount)
	copy(out, l.bias)
	multiply(x.means(&a), l.weight, out, 1, l.in, len(out))

	// The points are parts of the padded square; the padding is taken off exactly
	// half, although the pixels before the crop are a whole number.
	padX, padY := float64(f.side-crop.Dx())/2, float64(f.side-crop.Dy())/2
	points := new(Landmarks)
	for i := range points {
		points[i] = Point{
			X: float64(out[2*i])*float64(f.side) - padX + box.X,
			Y: float64(out[2*i+1])*float64(f.side) - padY + box.Y,
		}
		if math.IsNaN(points[i].X + points[i].Y) {
			return nil, false
		}
	}
	return points, true
}

func (b denseBlock) run(a *arena, x volume) volume {
	x.relu()
	sum := x
	for i, layer := range b.refine {
		in := sum
		if i > 0 { // the sum itself must keep what relu takes away
			in = a.volume(sum.h, sum.w, sum.c)
			copy(in.data, sum.data)
			in.relu()
		}
		next := layer.run(a, in, 1)
		next.add(sum)
		sum = next
	}
	sum.relu()
	return sum
}
