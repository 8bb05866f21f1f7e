package engine

import "math"

// Quality is what can be measured of a face's picture. It says nothing about who the
// face is or whether it is alive.
type Quality struct {
	// Size is the side of the aligned crop in pixels of the picture: somewhat more than
	// twice the distance from the eyes to the mouth.
	Size float64
	// Sharpness compares fine detail (features of about a fortieth of the crop) with
	// coarse, so that light and contrast do not matter and the blur is measured
	// against the face, not against pixels. Sharp portraits lie at .5 to 1; below .26
	// the eyes are smears and the descriptor has moved by .5 or more.
	Sharpness float64
	// Brightness is the mean luminance, 0 to 255.
	Brightness float64
}

// The radii, in pixels of the crop, of the three blurs whose differences are the fine
// and the coarse detail; chosen by trial on blurred portraits.
const (
	fineRadius   = 1
	middleRadius = 4
	coarseRadius = 12
)

// border is the part of the crop at each side that is left out: hair and background.
const border = cropSize / 5

// luma are the weights of ITU-R BT.601.
var luma = [3]float32{0.299, 0.587, 0.114}

// measure reads the quality of an aligned crop whose side is side pixels in the picture.
func measure(a *arena, crop volume, side float64) Quality {
	grey := a.floats(crop.h * crop.w)
	var sum float64
	for i := range grey {
		for c, weight := range luma {
			grey[i] += weight * (crop.data[3*i+c]*255 + faceMean[c])
		}
		sum += float64(grey[i])
	}
	fine := blurred(a, grey, crop.w, fineRadius)
	middle := blurred(a, grey, crop.w, middleRadius)
	coarse := blurred(a, grey, crop.w, coarseRadius)
	q := Quality{Size: side, Brightness: sum / float64(len(grey))}
	if base := contrast(middle, coarse, crop.w); base > 0 {
		q.Sharpness = math.Sqrt(contrast(fine, middle, crop.w) / base)
	}
	return q
}

// contrast sums the squared differences of two squares of side n within the border.
func contrast(a, b []float32, n int) (sum float64) {
	for y := border; y < n-border; y++ {
		for x := border; x < n-border; x++ {
			d := float64(a[y*n+x] - b[y*n+x])
			sum += d * d
		}
	}
	return sum
}

// blurred averages a square of side n over windows of the given radius; windows are
// cut at the edge.
func blurred(a *arena, v []float32, n, radius int) []float32 {
	across, both := a.floats(n*n), a.floats(n*n)
	for i := range n {
		slide(across[i*n:], v[i*n:], n, 1, radius)
	}
	for i := range n {
		slide(both[i:], across[i:], n, n, radius)
	}
	return both
}

// slide averages n values that lie step apart.
func slide(to, from []float32, n, step, radius int) {
	var sum float32
	for i := range min(radius, n) {
		sum += from[i*step]
	}
	for i := range n {
		if i+radius < n {
			sum += from[(i+radius)*step]
		}
		if i > radius {
			sum -= from[(i-radius-1)*step]
		}
		to[i*step] = sum / float32(min(i+radius, n-1)-max(i-radius, 0)+1)
	}
}
