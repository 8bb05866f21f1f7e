package web

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

// quietZone is the light border a reader needs, in modules (ISO/IEC 18004).
const quietZone = 4

// qrPicture draws a text as a QR symbol: a data: URL of a PNG, one pixel a module,
// which a page shows enlarged without smoothing.
func qrPicture(text string) (string, error) {
	symbol, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return "", err
	}
	side := symbol.Bounds().Dx()
	picture := image.NewPaletted(image.Rect(0, 0, side+2*quietZone, side+2*quietZone), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			picture.Set(x+quietZone, y+quietZone, symbol.At(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
