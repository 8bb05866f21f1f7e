package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"
)

// gallery keeps pictures of the steps in the folder NOD_SCREENSHOTS, and makes a contact
// sheet of the main ones there. Without the folder it does nothing.
type gallery struct{ dir string }

func newGallery(t *testing.T) gallery {
	g := gallery{os.Getenv("NOD_SCREENSHOTS")}
	if g.dir == "" {
		return g
	}
	if err := os.MkdirAll(g.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // when all steps have been looked at
		g.sheet(t, "pages.png", []string{"consent-en-390", "ready-en-390", "live-en-390", "passed-en-390",
			"consent-zh-CN-390", "refused-zh-CN-390", "fail-zh-CN-390", "receipt-zh-CN-390"})
		g.sheet(t, "readme.png", []string{"consent-en-390", "live-en-390", "passed-en-390", "consent-zh-CN-390", "refused-zh-CN-390"})
	})
	return g
}

func (g gallery) keep(p *path, name string, width int64) {
	if g.dir == "" {
		return
	}
	p.t.Helper()
	file := fmt.Sprintf("%s-%s-%d.png", name, p.words.lang, width)
	p.must(os.WriteFile(filepath.Join(g.dir, file), p.screenshot(), 0o644))
}

const (
	columns   = 4
	shownWide = 260
	shownHigh = 563 // of 390 x 844
	margin    = 20
)

// sheet puts pictures side by side, reduced.
func (g gallery) sheet(t *testing.T, name string, pictures []string) {
	across := min(columns, len(pictures))
	if len(pictures) == 5 {
		across = 5
	}
	rows := (len(pictures) + across - 1) / across
	out := image.NewRGBA(image.Rect(0, 0, margin+across*(shownWide+margin), margin+rows*(shownHigh+margin)))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.RGBA{222, 228, 225, 255}), image.Point{}, draw.Src)
	for i, p := range pictures {
		raw, err := os.ReadFile(filepath.Join(g.dir, p+".png"))
		if err != nil {
			t.Error(err)
			return
		}
		m, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Error(err)
			return
		}
		at := image.Pt(margin+i%across*(shownWide+margin), margin+i/across*(shownHigh+margin))
		draw.CatmullRom.Scale(out, image.Rectangle{at, at.Add(image.Pt(shownWide, shownHigh))}, m, m.Bounds(), draw.Over, nil)
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, out); err != nil {
		t.Error(err)
		return
	}
	if err := os.WriteFile(filepath.Join(g.dir, name), b.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
}
