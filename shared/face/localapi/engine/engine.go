package engine

import (
	"context"
	"errors"
	"sync"
)

// ErrUnreadable is returned for a face whose landmarks cannot be those of a face: too
// few pixels, or eyes and mouth in impossible places. Another picture may do.
var ErrUnreadable = errors.New("engine: the face cannot be read")

// Engine is the three networks. It holds nothing but weights and is safe for
// concurrent use.
type Engine struct {
	detector   *detector
	landmarker *landmarker
	describer  *describer
}

var load = sync.OnceValues(func() (*Engine, error) {
	d, err := loadDetector()
	if err != nil {
		return nil, err
	}
	l, err := loadLandmarker()
	if err != nil {
		return nil, err
	}
	r, err := loadDescriber()
	if err != nil {
		return nil, err
	}
	return &Engine{d, l, r}, nil
})

// Load unpacks the embedded weights, once in the life of the process (about 20 ms and
// 24 MB); every call returns the same Engine. It fails only if the binary was built
// with damaged weights.
func Load() (*Engine, error) { return load() }

// Faces finds the faces of a picture, largest first. It looks again at coarser sizes
// if it finds none. An empty answer without an error means that there is no face.
func (e *Engine) Faces(ctx context.Context, p *Picture) ([]Face, error) {
	if p.w == 0 || p.h == 0 {
		return nil, nil
	}
	small, n := p.readable(detectorSizes[0])
	if n > 1 {
		defer small.Wipe()
	}
	for _, size := range detectorSizes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if faces := e.detector.find(small, size); len(faces) > 0 {
			return enlarged(faces, n), nil
		}
	}
	return nil, ctx.Err()
}

// readable returns p, or a copy shrunk by n if p has at least twice the pixels that a
// network of the given size reads.
func (p *Picture) readable(size int) (q *Picture, n int) {
	n = min(max(p.w, p.h)/size, p.w, p.h)
	if n < 2 {
		return p, 1
	}
	return p.shrunk(n), n
}

// enlarged brings boxes of a picture shrunk by n back to the size of the whole.
func enlarged(faces []Face, n int) []Face {
	f := float64(n)
	for i, face := range faces {
		b := face.Box
		faces[i].Box = Box{b.X * f, b.Y * f, b.W * f, b.H * f}
	}
	return faces
}

// Portrait is what Describe reads from one face.
type Portrait struct {
	Landmarks  Landmarks
	Descriptor Descriptor
	Quality    Quality
}

// Describe reads the one face of p that f names, which Faces has found. It returns
// ErrUnreadable if the place does not hold a face after all.
func (e *Engine) Describe(ctx context.Context, p *Picture, f Face, how Alignment) (*Portrait, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := 1
	if how == Leveled { // a large face is averaged down; the reference does not do that
		n = min(int(max(f.Box.W, f.Box.H))/cropSize, p.w, p.h)
	}
	if n = max(n, 1); n > 1 {
		p = p.shrunk(n)
		defer p.Wipe()
	}
	points, ok := e.landmarker.find(p, f.Box.shrunk(n))
	if !ok {
		return nil, ErrUnreadable
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	where, ok := place(points)
	if !ok {
		return nil, ErrUnreadable
	}
	var a arena
	defer a.wipe()
	crop := where.crop(&a, p, how)
	quality := measure(&a, crop, where.side*float64(n))
	for i := range points {
		points[i].X *= float64(n)
		points[i].Y *= float64(n)
	}
	return &Portrait{*points, *e.describer.describe(&a, crop), quality}, nil
}
