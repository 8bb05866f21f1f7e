package page

import (
	"fmt"
	"math"
	"strconv"
)

// legible makes an enterprise's colour one that can be read: as text on white, and with
// text on it, at a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3). A colour that is too
// light is darkened until it can. Empty for no colour.
func legible(accent string) (colour, on string) {
	n, err := strconv.ParseUint(accent[min(1, len(accent)):], 16, 32)
	if err != nil || len(accent) != 7 {
		return "", ""
	}
	rgb := [3]float64{float64(n >> 16 & 0xff), float64(n >> 8 & 0xff), float64(n & 0xff)}
	for contrast(luminance(rgb), 1) < 4.5 {
		for i := range rgb {
			rgb[i] *= 0.97
		}
	}
	return fmt.Sprintf("#%02x%02x%02x", int(rgb[0]), int(rgb[1]), int(rgb[2])), "#ffffff"
}

func contrast(darker, lighter float64) float64 { return (lighter + 0.05) / (darker + 0.05) }

// luminance is WCAG's relative luminance of an sRGB colour.
func luminance(rgb [3]float64) float64 {
	var linear [3]float64
	for i, c := range rgb {
		c = math.Floor(c) / 255
		if c <= 0.04045 {
			linear[i] = c / 12.92
		} else {
			linear[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}
