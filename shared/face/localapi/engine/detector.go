package engine

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
)

// Facts that belong to the detector's weights, from face-api's configuration.
const (
	nmsOverlap = 0.4 // of two boxes that share more, the surer one stays
	cellValues = 5   // x, y, width, height, score
)

// anchors are the shapes, in cells, from which a box is stretched.
var anchors = [...]Point{
	{1.603231, 2.094468}, {6.041143, 7.080126}, {2.882459, 3.518061},
	{4.266906, 5.178857}, {9.041765, 10.66308},
}

// minConfidence is how sure the detector must be; published reference descriptors use
// the same bar.
const minConfidence = 0.4

// detectorSizes are the side lengths at which a picture is searched, until a face is
// found: 512 finds small faces, the lesser ones find a face that fills the picture. They
// are even, as the first layer asks.
var detectorSizes = [...]int{512, 320, 224}

// Face is a place where the detector sees a face.
type Face struct {
	Box        Box
	Confidence float64 // 0.4 to 1
}

// detector is a row of convolutions, each followed by a pooling that halves the
// picture, up to cells of 32 x 32 pixels that each propose a box per anchor.
type detector struct {
	first stem
	rest  [5]separable
	last  conv
}

func loadDetector() (*detector, error) {
	m, err := loadModel(detectorModel)
	if err != nil {
		return nil, err
	}
	d := new(detector)
	if d.first.conv, err = m.conv("conv0/filters", "conv0/bias", 3, 3); err != nil {
		return nil, err
	}
	in := d.first.out
	for i := range d.rest {
		if d.rest[i], err = m.separable(fmt.Sprintf("conv%d", i+1), in); err != nil {
			return nil, err
		}
		in = d.rest[i].pointwise.out
	}
	if d.last, err = m.conv("conv8/filters", "conv8/bias", 1, in); err != nil {
		return nil, err
	}
	if d.last.out != len(anchors)*cellValues {
		return nil, fmt.Errorf("%w: %d values a cell", errManifest, d.last.out)
	}
	return d, nil
}

// find returns the faces of p as seen at the given size, largest first.
func (d *detector) find(p *Picture, size int) []Face {
	var a arena
	defer a.wipe()
	x := p.resized(&a, padded(image.Rect(0, 0, p.w, p.h), false), size, detectorMean)
	faces := d.boxes(d.run(&a, x), p.w, p.h, size)
	faces = strongest(faces)
	slices.SortFunc(faces, func(f, g Face) int { return cmp.Compare(g.Box.Area(), f.Box.Area()) })
	return faces
}

func (d *detector) run(a *arena, x volume) volume {
	x = d.first.run(a, x)
	x.leakyRelu()
	for i, layer := range d.rest {
		stride := 2
		if i == len(d.rest)-1 {
			stride = 1
		}
		// The activation never falls, so it may follow the pooling, which leaves a
		// quarter of the values.
		x = maxPool(a, layer.run(a, x, 1), 2, stride, same)
		x.leakyRelu()
	}
	return d.last.run(a, x, 1, valid)
}

// boxes reads the cells of out as boxes of a picture of w x h that was fitted into
// size x size.
func (d *detector) boxes(out volume, w, h, size int) []Face {
	// The fitted sides are whole pixels: leaving out the rounding moves descriptors.
	fit := float64(size) / float64(max(w, h))
	sx := float64(w) * float64(size) / math.Round(float64(w)*fit) / float64(out.w)
	sy := float64(h) * float64(size) / math.Round(float64(h)*fit) / float64(out.h)
	var faces []Face
	for i := 0; i < out.h*out.w*len(anchors); i++ {
		v := out.data[i*cellValues:][:cellValues]
		confidence := sigmoid(v[4])
		if !(confidence > minConfidence) {
			continue
		}
		cell, anchor := i/len(anchors), anchors[i%len(anchors)]
		cx := (float64(cell%out.w) + sigmoid(v[0])) * sx
		cy := (float64(cell/out.w) + sigmoid(v[1])) * sy
		bw := math.Exp(float64(v[2])) * anchor.X * sx
		bh := math.Exp(float64(v[3])) * anchor.Y * sy
		box := Box{cx - bw/2, cy - bh/2, bw, bh}
		if !box.inside(w, h).Empty() && bw < float64(2*size)*sx && bh < float64(2*size)*sy {
			faces = append(faces, Face{box, confidence})
		}
	}
	return faces
}

// strongest drops every face that overlaps a surer one.
func strongest(faces []Face) []Face {
	slices.SortFunc(faces, func(f, g Face) int { return cmp.Compare(g.Confidence, f.Confidence) })
	var kept []Face
	for _, f := range faces {
		covered := slices.ContainsFunc(kept, func(k Face) bool { return k.Box.overlap(f.Box) > nmsOverlap })
		if !covered {
			kept = append(kept, f)
		}
	}
	return kept
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }
