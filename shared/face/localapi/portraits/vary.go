package portraits

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// A Variation makes "the same person again" of a picture, as another camera, another
// light or another moment would.
type Variation struct {
	Name  string
	Apply func(image.Image) image.Image
}

// Variations are the ordinary changes under which one person must still be known.
var Variations = []Variation{
	{"turned by 15 degrees", func(m image.Image) image.Image { return Turned(m, 15) }},
	{"half the size", func(m image.Image) image.Image { return Scaled(m, 0.5) }},
	{"half as bright", func(m image.Image) image.Image { return Brightened(m, 0.5) }},
	{"gamma 1.5", func(m image.Image) image.Image { return Gamma(m, 1.5) }},
	{"JPEG quality 30", func(m image.Image) image.Image { return Recompressed(m, 30) }},
	{"blurred by 3 pixels", func(m image.Image) image.Image { return Blurred(m, 3) }},
}

// Turned turns the picture clockwise about its centre; the corners become grey.
func Turned(m image.Image, degrees float64) image.Image {
	b := m.Bounds()
	to := image.NewRGBA(b)
	draw.Draw(to, b, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(b.Min.X+b.Max.X)/2, float64(b.Min.Y+b.Max.Y)/2
	matrix := f64.Aff3{cos, -sin, cx - cos*cx + sin*cy, sin, cos, cy - sin*cx - cos*cy}
	xdraw.BiLinear.Transform(to, matrix, m, b, xdraw.Over, nil)
	return to
}

// Scaled changes the size by a factor.
func Scaled(m image.Image, factor float64) image.Image {
	b := m.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, int(float64(b.Dx())*factor), int(float64(b.Dy())*factor)))
	xdraw.ApproxBiLinear.Scale(to, to.Rect, m, b, xdraw.Src, nil)
	return to
}

// Brightened multiplies every colour by factor; what exceeds white becomes white.
func Brightened(m image.Image, factor float64) image.Image {
	return shaded(m, func(v float64) float64 { return v * factor })
}

// Gamma raises every colour to the power of g; above 1 the middle tones get darker.
func Gamma(m image.Image, g float64) image.Image {
	return shaded(m, func(v float64) float64 { return math.Pow(v, g) })
}

// shaded applies f, from and to the range 0 to 1, to every colour.
func shaded(m image.Image, f func(float64) float64) image.Image {
	var table [256]uint8
	for i := range table {
		table[i] = uint8(math.Round(255 * min(1, max(0, f(float64(i)/255)))))
	}
	to := copied(m)
	for i, v := range to.Pix {
		if i%4 != 3 {
			to.Pix[i] = table[v]
		}
	}
	return to
}

// Recompressed writes the picture as a JPEG of the given quality and reads it again.
func Recompressed(m image.Image, quality int) image.Image {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a picture in memory that cannot be encoded is a mistake of the caller's
	}
	again, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return again
}

// Blurred replaces every pixel by the mean of a square that reaches radius pixels to
// each side.
func Blurred(m image.Image, radius int) image.Image {
	from := copied(m)
	across := image.NewRGBA(from.Rect)
	smear(across, from, radius, 1, 0)
	to := image.NewRGBA(from.Rect)
	smear(to, across, radius, 0, 1)
	return to
}

// smear averages along one axis, leaving out what lies beyond the border.
func smear(to, from *image.RGBA, radius, dx, dy int) {
	b := from.Rect
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			var sum [4]int
			n := 0
			for k := -radius; k <= radius; k++ {
				p := image.Pt(x+k*dx, y+k*dy)
				if !p.In(b) {
					continue
				}
				for c, v := range from.Pix[from.PixOffset(p.X, p.Y):][:4] {
					sum[c] += int(v)
				}
				n++
			}
			at := to.Pix[to.PixOffset(x, y):][:4]
			for c := range at {
				at[c] = uint8(sum[c] / n)
			}
		}
	}
}

func copied(m image.Image) *image.RGBA {
	b := m.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(to, to.Rect, m, b.Min, draw.Src)
	return to
}
