package browser

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"nod/shared/domain"
)

// scan reads the QR symbol off the screen, as a phone does.
func (b *tab) scan() string {
	b.t.Helper()
	b.until("the picture", "document.querySelector('img.qr')?.complete")
	for try := 1; ; try++ {
		box := eval[symbol](b, `(() => {
			const img = document.querySelector('img.qr'), at = img.getBoundingClientRect()
			return { left: at.left + img.clientLeft, top: at.top + img.clientTop, side: img.clientWidth, modules: img.naturalWidth }
		})()`)
		text, err := box.read(b.screenshot())
		if err == nil {
			return text
		}
		if try == 20 { // what is loaded is not always painted yet
			b.must(err)
		}
	}
}

// symbol is where on the screen a QR symbol is, in pixels, and of how many modules.
type symbol struct {
	Left, Top, Side float64
	Modules         int
}

// read is what the symbol says in a picture of the screen. The reader is told where it
// is: the search of gozxing v0.1.1 misses one sound symbol in a hundred, as it takes
// other modules for the alignment pattern.
func (s symbol) read(picture []byte) (string, error) {
	screen, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	const pixels = 4 // a module
	symbol := image.NewGray(image.Rect(0, 0, s.Modules*pixels, s.Modules*pixels))
	for y := range symbol.Rect.Dy() {
		for x := range symbol.Rect.Dx() {
			middle := func(at int) float64 { return (float64(at/pixels) + .5) * s.Side / float64(s.Modules) }
			symbol.Set(x, y, screen.At(int(s.Left+middle(x)), int(s.Top+middle(y))))
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(symbol)
	if err != nil {
		return "", err
	}
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		return "", err
	}
	return found.GetText(), nil
}

// A desktop without a camera shows a code; the phone that scans it goes on, and the
// desktop follows to the end.
func TestADesktopHandsOverToAPhone(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	desktop, phone := newTab(t, noCamera, "en"), newTab(t, collins, "en")
	desktop.open(v.url)
	desktop.agrees(inEnglish).click("Open the camera").at("trouble-none").click("Use my phone")
	desktop.at("handover").reads("It works once, within two minutes", "s left")
	link := desktop.scan()
	phone.open(link)
	phone.at("ready")
	desktop.at("follow").reads("Waiting for your photo on the phone")
	phone.shoots(inEnglish).at("passed")
	desktop.reads("You passed").reads("Back to the learning platform")
	v.is("passed")

	second := newTab(t, collins, "en") // somebody looked over the shoulder
	second.expects("409")
	second.open(link)
	second.at("elsewhere")
}

// From the first step on, and with a refusal on the phone.
func TestADesktopFollowsADecisionOnThePhone(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	desktop, phone := newTab(t, noCamera, "en"), newTab(t, collins, "en")
	desktop.open(v.url)
	desktop.agrees(inEnglish).click("Use my phone").at("handover")
	phone.open(desktop.scan())
	phone.at("ready").click("Withdraw").at("withdrawn")
	desktop.reads("Consent withdrawn", "The alternative")
	v.is("withdrawn")
}

func TestACodeOnTheScreenEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	desktop, phone := newTab(t, noCamera, "en"), newTab(t, collins, "en")
	phone.expects("410")
	desktop.before(`window.ahead = 0; { const now = Date.now; Date.now = () => now() + window.ahead }`)
	desktop.open(v.url)
	desktop.agrees(inEnglish).click("Use my phone").at("handover")
	late := desktop.scan()
	w.pass(2*time.Minute + time.Second)
	phone.open(late)
	phone.at("stale")
	eval[int](desktop, "window.ahead = 130000")
	desktop.reads("The code has expired").click("New code").reads("s left")
	phone.open(desktop.scan())
	phone.at("ready")
	desktop.at("follow")
}
