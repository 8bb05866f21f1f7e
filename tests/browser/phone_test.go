package browser

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"

	"nod/shared/domain"
)

// scan reads the QR symbol off the screen, as a phone does.
func (b *tab) scan() string {
	b.t.Helper()
	b.until("the picture", "document.querySelector('img.qr')?.complete")
	for try := 1; ; try++ {
		text, err := read(b.screenshot())
		if err == nil {
			return text
		}
		if try == 20 { // what is loaded is not always painted yet
			b.must(err)
		}
	}
}

// read is what a QR code in a picture says.
func read(picture []byte) (string, error) {
	screen, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	large := image.NewRGBA(image.Rect(0, 0, screen.Bounds().Dx()*2, screen.Bounds().Dy()*2))
	draw.NearestNeighbor.Scale(large, large.Bounds(), screen, screen.Bounds(), draw.Src, nil)
	bits, err := gozxing.NewBinaryBitmapFromImage(large)
	if err != nil {
		return "", err
	}
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
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
