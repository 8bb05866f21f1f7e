package localapi

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"slices"

	"nod/shared/face/localapi/engine"
)

// comparison is the result of CompareFace.
type comparison struct {
	Score            float64
	FaceModelVersion string
}

func compareFace(s *Server, r *http.Request, body []byte) (any, error) {
	return s.compare(r.Context(), body)
}

// compare runs CompareFace. Everything that it makes of the two images is overwritten
// when it returns.
func (s *Server) compare(ctx context.Context, body []byte) (*comparison, error) {
	q, err := parseCompare(body)
	defer q.wipe()
	if err != nil {
		return nil, err
	}
	a, err := s.image(ctx, q.UrlA, &q.ImageA)
	if err != nil {
		return nil, err
	}
	defer clear(a)
	b, err := s.image(ctx, q.UrlB, &q.ImageB)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	one, err := s.face(ctx, a, q)
	if err != nil {
		return nil, err
	}
	defer wipeDescriptor(one)
	two, err := s.face(ctx, b, q)
	if err != nil {
		return nil, err
	}
	defer wipeDescriptor(two)
	distance := engine.Distance(one, two)
	if math.IsNaN(distance) { // no answer is better than a fail that nobody earned
		return nil, errFaceDetect
	}
	return &comparison{Score(distance), modelVersion}, nil
}

// enter waits for a place among those that compare, and returns how to give it back.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-ctx.Done():
		return nil, errTimeout
	}
}

// image returns the bytes of one side; an address wins over an image, as at the vendor.
func (s *Server) image(ctx context.Context, address string, f *imageField) ([]byte, error) {
	if address != "" {
		return s.download.get(ctx, address)
	}
	return f.data, f.check()
}

// face reads the one face of an image that the request means.
func (s *Server) face(ctx context.Context, data []byte, q *compareRequest) (*engine.Descriptor, error) {
	p, err := openPicture(ctx, data)
	if err != nil {
		return nil, err
	}
	defer p.Wipe()
	faces, err := s.engine.Faces(ctx, p)
	if err == nil && len(faces) == 0 && q.NeedRotateDetection == 1 {
		var turned *engine.Picture
		if turned, faces, err = s.turn(ctx, p); turned != nil {
			p = turned
			defer p.Wipe()
		}
	}
	if err != nil {
		return nil, errTimeout
	}
	if len(faces) == 0 {
		return nil, errNoFace
	}
	face := faces[0] // the largest
	if q.FaceMatchingStrategy != nil && *q.FaceMatchingStrategy == mostConfident {
		face = slices.MaxFunc(faces, moreConfident)
	}
	return s.describe(ctx, p, face, bars[q.QualityControl])
}

// describe reads a face that has to meet the bar.
func (s *Server) describe(ctx context.Context, p *engine.Picture, f engine.Face, b bar) (*engine.Descriptor, error) {
	portrait, err := s.engine.Describe(ctx, p, f, engine.Leveled)
	switch {
	case errors.Is(err, engine.ErrUnreadable):
		return nil, errFaceDetect
	case err != nil:
		return nil, errTimeout
	}
	if err := b.check(f.Box, portrait.Quality); err != nil {
		wipeDescriptor(&portrait.Descriptor)
		return nil, err
	}
	return &portrait.Descriptor, nil
}

// turn looks for faces in the picture laid on its sides and on its head, and returns the
// way in which the surest face was found; nil if there is none.
func (s *Server) turn(ctx context.Context, p *engine.Picture) (best *engine.Picture, found []engine.Face, err error) {
	var surest float64
	for _, o := range []engine.Orientation{engine.Clockwise, engine.CounterClockwise, engine.HalfTurn} {
		turned := p.Oriented(o)
		faces, err := s.engine.Faces(ctx, turned)
		if err != nil {
			turned.Wipe()
			return best, nil, err
		}
		if len(faces) == 0 || slices.MaxFunc(faces, moreConfident).Confidence <= surest {
			turned.Wipe()
			continue
		}
		if best != nil {
			best.Wipe()
		}
		best, found, surest = turned, faces, slices.MaxFunc(faces, moreConfident).Confidence
	}
	return best, found, nil
}

func moreConfident(f, g engine.Face) int { return cmp.Compare(f.Confidence, g.Confidence) }

func wipeDescriptor(d *engine.Descriptor) { clear(d[:]) }
