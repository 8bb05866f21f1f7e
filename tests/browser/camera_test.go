package browser

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	_ "image/jpeg"
	_ "image/png"

	"golang.org/x/image/draw"

	"nod/shared/face/localapi/portraits"
)

// scene is what a camera sees.
type scene string

const (
	collins  scene = "collins"
	hopper   scene = "hopper"
	nobody   scene = "nobody" // a wall, evenly lit
	noCamera scene = ""       // there is none

	asksFirst scene = "asks first" // a camera that the browser asks about
)

const frameWidth, frameHeight = 640, 480

// film writes what Chromium's fake camera plays: some equal frames, uncompressed, so
// that the colours stay.
func film(t testing.TB, dir string, s scene) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, frameWidth, frameHeight))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{150, 160, 155, 255}), image.Point{}, draw.Src)
	if portrait := map[scene][]byte{collins: portraits.Collins, hopper: portraits.Hopper}[s]; portrait != nil {
		m, _, err := image.Decode(bytes.NewReader(portrait))
		if err != nil {
			t.Fatal(err)
		}
		b := m.Bounds()
		width := b.Dx() * frameHeight / b.Dy()
		left := (frameWidth - width) / 2
		draw.CatmullRom.Scale(picture, image.Rect(left, 0, left+width, frameHeight), m, b, draw.Over, nil)
	}
	name := filepath.Join(dir, string(s)+".y4m")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", frameWidth, frameHeight)
	frame := planes(picture)
	for range 5 {
		w.WriteString("FRAME\n")
		w.Write(frame)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// planes is a picture as Y, Cb and Cr, the colours at half the resolution.
func planes(m *image.RGBA) []byte {
	size := frameWidth * frameHeight
	out := make([]byte, size*3/2)
	for y := range frameHeight {
		for x := range frameWidth {
			c := m.RGBAAt(x, y)
			Y, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
			out[y*frameWidth+x] = Y
			if x%2 == 0 && y%2 == 0 {
				i := y/2*(frameWidth/2) + x/2
				out[size+i], out[size+size/4+i] = cb, cr
			}
		}
	}
	return out
}
