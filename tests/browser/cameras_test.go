package browser

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
)

// atTheCamera is a person who has agreed, before the camera.
func atTheCamera(t testing.TB, w *world, s scene, prepare func(*tab)) (*visit, *tab) {
	t.Helper()
	v := w.visitor(t)
	b := newTab(t, s, "en")
	if prepare != nil {
		prepare(b)
	}
	b.open(v.url)
	b.agrees(inEnglish)
	return v, b
}

// D10: before the person has agreed and tapped, nobody asks for the camera.
func TestD10_TheCameraIsAskedForAfterAgreementAndATap(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.before(`window.asked = 0; const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
		navigator.mediaDevices.getUserMedia = c => (window.asked++, window.stream = ask(c))`)
	b.open(v.url)
	asked := func(want int, when string) {
		t.Helper()
		if got := eval[int](b, "window.asked"); got != want {
			t.Errorf("%s the camera was asked for %d times, want %d", when, got, want)
		}
	}
	b.at("consent")
	asked(0, "before agreement")
	b.click("Agree").at("ready")
	asked(0, "before the tap")
	b.click("Open the camera").at("live")
	b.until("the picture", "document.querySelector('video').readyState > 2")
	asked(1, "after it")
	b.click("Take photo").at("passed")
	if live := eval[string](b, "window.stream.then(s => s.getTracks().map(t => t.readyState).join())"); live != "ended" {
		t.Errorf("after the photo the camera is %s", live)
	}
}

// A hidden page has no camera on; when it is shown again, the camera is opened again.
func TestAHiddenPageStopsTheCamera(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, func(b *tab) {
		b.before(`window.streams = []; const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
			navigator.mediaDevices.getUserMedia = async c => { const s = await ask(c); window.streams.push(s); return s }
			window.hide = yes => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => yes }); document.dispatchEvent(new Event('visibilitychange')) }`)
	})
	states := func() string { return "window.streams.map(s => s.getTracks()[0].readyState).join()" }
	b.click("Open the camera").at("live")
	b.until("the camera", states()+" === 'live'")
	eval[bool](b, "(hide(true), true)")
	b.until("that it stops", states()+" === 'ended'")
	eval[bool](b, "(hide(false), true)")
	b.until("that it begins again", states()+" === 'ended,live' && !document.querySelector('.shutter').disabled")
	b.click("Close the camera").at("ready")
	b.until("that it stops", states()+" === 'ended,ended'")
	b.click("Open the camera").at("live")
	b.click("Take photo").at("passed")
}

// What is sent is upright, not mirrored, at most 960 pixels tall, a JPEG, of the camera.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, keepsUploads)
	b.shoots(inEnglish).at("passed")
	sent, picture := b.upload()
	if sent["capture"] != "stream" {
		t.Errorf("it says that the picture is of the %v", sent["capture"])
	}
	size := picture.Bounds().Size()
	if max(size.X, size.Y) > 960 || size.X*4 != size.Y*3 {
		t.Errorf("it is %v", size)
	}
	if raw := len(sent["image"].(string)); raw > 400_000 {
		t.Errorf("it has %d characters", raw)
	}
	// In the portrait the dark helmet lies on the right, the orange suit on the left.
	left, right := brightness(picture, 0.15, 0.8), brightness(picture, 0.8, 0.75)
	if right+30 > left {
		t.Errorf("it is mirrored: %v on the left, %v on the right", left, right)
	}
}

func keepsUploads(b *tab) {
	b.before(`window.uploads = []; const send = window.fetch
		window.fetch = (url, o) => { if (String(url).endsWith('/v1/verify')) window.uploads.push(o.body); return send(url, o) }`)
}

func (b *tab) upload() (object, image.Image) {
	b.t.Helper()
	var sent object
	b.must(json.Unmarshal([]byte(eval[string](b, "window.uploads.at(-1)")), &sent))
	raw, err := base64.StdEncoding.DecodeString(sent["image"].(string))
	b.must(err)
	picture, err := jpeg.Decode(bytes.NewReader(raw))
	b.must(err)
	if bytes.Contains(raw, []byte("Exif")) {
		b.t.Error("the picture holds EXIF data")
	}
	return sent, picture
}

func brightness(m image.Image, x, y float64) uint8 {
	b := m.Bounds()
	return color.GrayModel.Convert(m.At(int(x*float64(b.Dx())), int(y*float64(b.Dy())))).(color.Gray).Y
}

// Why there is no camera, and what to do about it: as the browser itself says it where
// it can be brought to, else as it would.
func TestWithoutACamera(t *testing.T) {
	t.Parallel()
	fails := func(name string) func(*tab) {
		return func(b *tab) {
			b.before(`navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('x', '` + name + `'))
				navigator.permissions.query = async () => ({ state: window.permission ?? 'prompt' })`)
		}
	}
	for name, tt := range map[string]struct {
		prepare func(*tab)
		step    string
		says    []string
	}{
		"none": {nil, "trouble-none", []string{"There is no camera", "Use my phone"}},
		"denied": {func(b *tab) { fails("NotAllowedError")(b); b.before("window.permission = 'denied'") },
			"trouble-denied", []string{"The camera is not allowed", "address bar"}},
		"dismissed":             {fails("NotAllowedError"), "trouble-dismissed", []string{"not allowed yet", "Allow"}},
		"busy":                  {fails("NotReadableError"), "trouble-busy", []string{"in use", "video call"}},
		"none that fits":        {fails("OverconstrainedError"), "trouble-none", []string{"There is no camera"}},
		"forbidden by a policy": {fails("SecurityError"), "trouble-blocked", []string{"does not allow the camera", "Open in its own window"}},
		"an old browser": {func(b *tab) { b.before("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })") },
			"trouble-old", []string{"cannot take photos", "newer browser"}},
		"an insecure page": {func(b *tab) { b.before("Object.defineProperty(window, 'isSecureContext', { value: false })") },
			"trouble-insecure", []string{"not secure", "tell the enterprise"}},
		"no answer": {func(b *tab) {
			b.before(`navigator.mediaDevices.getUserMedia = () => new Promise(() => {})
				const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms === 8000 ? 30 : ms, ...a)`)
		}, "trouble-slow", []string{"does not answer", "Allow"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, b := atTheCamera(t, shared(), noCamera, tt.prepare)
			b.click("Open the camera").at(tt.step).reads(tt.says...).reads("The alternative", "exam desk")
			v.is("consented")
		})
	}
}

// A real no of the browser's.
func TestACameraThatTheBrowserDenies(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, asksFirst, "en")
	_, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "camera"}, Setting: browser.PermissionSettingDenied, Origin: shared().base,
		BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	})
	b.must(err)
	b.open(v.url)
	b.agrees(inEnglish).click("Open the camera")
	b.at("trouble-denied").reads("The camera is not allowed", "The alternative")
}

// Browsers inside apps have steps of their own.
func TestBrowsersInsideApps(t *testing.T) {
	t.Parallel()
	for agent, says := range map[string]string{"MicroMessenger/8.0": "In WeChat:", "wxwork/4.1 MicroMessenger/7.0": "In WeCom:"} {
		_, b := atTheCamera(t, shared(), noCamera, func(b *tab) { b.is("Mozilla/5.0 (Linux; Android 14) "+agent, "en") })
		b.click("Open the camera").at("trouble-none").reads(says, "Open in browser")
	}
}

// A chosen file is turned as its EXIF data says, which stay behind, and is recorded as
// what it is. It is offered only where the enterprise allows it.
func TestAChosenPhoto(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, noCamera, "en")
	keepsUploads(b)
	b.open(v.url)
	b.agrees(inEnglish)
	if strings.Contains(b.text(), "Choose a photo") {
		t.Error("a photo can be chosen although the settings do not allow it")
	}
	settings := w.call(t, "GET", "/v1/settings/exam", w.tenant.Admin, nil)
	settings["photo_input"] = true
	w.call(t, "PUT", "/v1/settings/exam", w.tenant.Admin, settings)
	b.do(chromedp.Reload())
	b.at("ready").reads("Choose a photo")
	b.chooses(onItsSide(t))
	b.at("passed")
	sent, picture := b.upload()
	if size := picture.Bounds().Size(); size != image.Pt(512, 512) || sent["capture"] != "photo" {
		t.Errorf("the picture is %v, of the %v", size, sent["capture"])
	}
	lines, err := w.nod.Store.Tenant(domain.ID(w.tenant.Enterprise)).Records(t.Context(), "", "", 1000)
	if err != nil || !strings.Contains(lines[len(lines)-1], `"capture":"photo"`) {
		t.Errorf("%v: the log says %s", err, lines[len(lines)-1])
	}

	next := w.visitor(t)
	b.open(next.url)
	b.agrees(inEnglish)
	text := filepath.Join(t.TempDir(), "notes.txt")
	b.must(os.WriteFile(text, []byte("not a photo"), 0o600))
	b.chooses(text)
	b.at("trouble-photo").reads("This file cannot be used")
}

func (b *tab) chooses(file string) {
	b.t.Helper()
	b.until("a place for a file", "document.querySelector('input[type=file]')")
	b.do(chromedp.SetUploadFiles("input[type=file]", []string{file}))
}

// onItsSide is the portrait lying on its side, with EXIF data that say so.
func onItsSide(t *testing.T) string {
	t.Helper()
	upright, _, err := image.Decode(bytes.NewReader(portraits.Collins))
	if err != nil {
		t.Fatal(err)
	}
	n := upright.Bounds().Dx()
	lying := image.NewRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			lying.Set(y, n-1-x, upright.At(x, y)) // a quarter turn to the left
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, lying, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	// TIFF, big-endian, one directory with one entry: orientation 6, turn to the right.
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	segment := append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(exif)+2)), exif...)
	raw := b.Bytes()
	name := filepath.Join(t.TempDir(), "lying.jpg")
	if err := os.WriteFile(name, append(append(append([]byte{}, raw[:2]...), segment...), raw[2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The hints say what is wrong with the light or where to move, and never block.
func TestHintsAdviseAndDoNotBlock(t *testing.T) {
	t.Parallel()
	finds := func(x, y, w, h int) string {
		box, _ := json.Marshal(map[string]int{"x": x, "y": y, "width": w, "height": h})
		return `window.FaceDetector = class { async detect() { return [{ boundingBox: ` + string(box) + ` }] } }`
	}
	for name, tt := range map[string]struct {
		scene  scene
		script string
		says   string
	}{
		"a wall in soft focus": {nobody, "", "Hold still"},
		"nobody there":         {collins, `window.FaceDetector = class { async detect() { return [] } }`, "No face in view"},
		"far away":             {collins, finds(40, 50, 10, 14), "Come closer"},
		"too near":             {collins, finds(2, 4, 90, 110), "Move back a little"},
		"on the left":          {collins, finds(5, 45, 35, 40), "A little to the left"},
		"too low":              {collins, finds(30, 85, 38, 40), "A little higher"},
		"well placed":          {collins, finds(28, 40, 40, 50), "Ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, b := atTheCamera(t, shared(), tt.scene, func(b *tab) { b.before(tt.script) })
			b.expects("422")
			b.click("Open the camera").at("live").reads(tt.says)
			b.click("Take photo")
			b.until("an answer", "['passed', 'retake', 'fail'].includes(document.getElementById('main').dataset.step)")
		})
	}
}

func TestHintsAreReadAloudToThoseWhoWantIt(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, func(b *tab) {
		b.before(`window.said = []; speechSynthesis.speak = u => said.push(u.lang + ' ' + u.text)`)
	})
	b.click("Open the camera").at("live").click("Read hints aloud")
	b.until("that it speaks", "said.some(s => s.startsWith('en Bring your whole face'))")
}
