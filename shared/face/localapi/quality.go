package localapi

import "nod/shared/face/localapi/engine"

// A bar is what one level of QualityControl asks of a face.
type bar struct {
	side      float64 // shorter side of the face's box, in pixels
	sharpness float64 // engine.Quality.Sharpness
	dark      float64 // engine.Quality.Brightness lies between dark
	bright    float64 // and bright
}

// bars are the levels 0 to 4. The vendor describes them in words (1: no very blurred
// face, 2 and 3: none blurred, too bright or too dark, 4: the best in every respect)
// and also looks for covered eyes, mouth and chin, which this engine cannot. Level 1 is
// set between a portrait that still compares well (blurred by a radius of a 35th of the
// face) and one that no longer does (a 25th); 34 pixels is the vendor's smallest face.
var bars = [...]bar{
	{0, 0, 0, 255},
	{34, 0.26, 0, 255},
	{48, 0.32, 25, 240},
	{64, 0.40, 40, 220},
	{100, 0.50, 55, 205},
}

// check holds a face against the bar.
func (b bar) check(box engine.Box, q engine.Quality) error {
	if min(box.W, box.H) < b.side {
		return errFaceSize
	}
	if q.Sharpness < b.sharpness || q.Brightness < b.dark || q.Brightness > b.bright {
		return errFaceQuality
	}
	return nil
}
