package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// Another language is another language, and not another step.
func TestAnotherLanguageKeepsTheStep(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent").click("Refuse").at("refused").click("I changed my mind: show the notice")
	b.at("consent").click("中文").at("consent").reads("不同意").click("English").reads("Refuse")
	b.click("Agree").at("ready").click("Receipt").at("receipt")
	b.click("中文").at("receipt").reads("同意凭证").click("English").reads("Receipt for your consent").click("Back").at("ready")
	b.click("Open the camera").at("live").click("中文").at("live").reads("请正对镜头")
	b.until("the camera", "!document.querySelector('.shutter').disabled")
	b.click("拍照").at("passed")
}

// Once somebody has agreed, their receipt and the withdrawal are at hand wherever they are.
func TestD12_ReceiptAndWithdrawalAreAtHandAfterAgreeing(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, hopper, "en")
	b.open(v.url)
	b.agrees(inEnglish).reads("Receipt", "Withdraw")
	b.click("Open the camera").at("live").reads("Receipt", "Withdraw").click("Take photo")
	for range 2 {
		b.at("fail").reads("Receipt", "Withdraw").click("Take another photo").at("live").click("Take photo")
	}
	b.at("failed").reads("privacy@example.com", "Receipt", "Withdraw")

	u := shared().visitor(t)
	c := newTab(t, collins, "en")
	c.open(u.url)
	c.agrees(inEnglish).shoots(inEnglish).at("passed").click("Receipt").at("receipt").click("Back").at("passed")
	c.click("Withdraw").at("receipt").reads("Receipt for your withdrawal", "Checks made before stay valid").click("Back").at("passed")
	if strings.Contains(c.text(), "You agreed on") {
		t.Error("the consent still counts as given")
	}
	u.is("passed")

	// The next session tells a withdrawal from a refusal.
	n := shared().visits(t, u.subject)
	c.open(n.url)
	c.at("refused").reads("You withdrew your consent", "The alternative").click("I changed my mind: show the notice").at("consent")
}

// A receipt can be taken along in a form that programs read: in-app browsers cannot
// download, and some do not let a page copy either.
func TestD12_AReceiptCanBeTakenAlongForPrograms(t *testing.T) {
	t.Parallel()
	for language, w := range map[string]struct{ say, receipt, proof, copy, copied string }{
		"en":    {"Agree", "Receipt", "For verification", "Copy it all for programs", "Copied"},
		"zh-CN": {"同意", "同意凭证", "供核对的记录", "复制供程序读取的全文", "已复制"},
	} {
		v := shared().visitor(t, func(r object) { r["locale"] = language })
		b := newTab(t, collins, language)
		b.before("navigator.clipboard.writeText = async text => { window.taken = text }")
		b.open(v.url)
		b.at("consent").click(w.say).at("ready").click(w.receipt).at("receipt").click(w.proof).click(w.copy).reads(w.copied)
		if kind := eval[string](b, "JSON.parse(window.taken)['@type']"); kind != "dpv:ConsentReceipt" {
			t.Errorf("%s: taken along is %s", language, kind)
		}
	}
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.before("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
	b.open(v.url)
	b.agrees(inEnglish).click("Receipt").at("receipt").click("For verification").reads(`"@type": "dpv:ConsentReceipt"`)
}

// The page behind a receipt's link remembers what was done there.
func TestAWithdrawalByTheLinkIsNotForgotten(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.agrees(inEnglish).click("Receipt").at("receipt")
	link := eval[string](b, "document.querySelector('a.long').href")
	c := rigged(t, noCamera)
	c.open(link)
	c.at("withdraw")
	c.meets(rule{Path: "/v1/withdraw", Mode: "lose"})
	c.click("Withdraw your consent").at("offline").click("Try again").at("receipt").reads("Receipt for your withdrawal")
	c.click("中文").at("receipt").reads("撤回凭证").click("English")
	c.do(chromedp.Reload())
	c.at("receipt").reads("Receipt for your withdrawal")
}

const watched = `window.streams = []; const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
	navigator.mediaDevices.getUserMedia = async c => { const s = await ask(c); await window.gate; window.streams.push(s); return s }
	window.alive = () => window.streams.filter(s => s.getTracks()[0].readyState === 'live').length
	window.hide = yes => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => yes }); document.dispatchEvent(new Event('visibilitychange')) }
`

// However often the page was hidden while the camera was on its way, none stays on.
func TestD10_NoCameraStaysOn(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, func(b *tab) {
		b.before(watched + "window.gate = new Promise(done => { window.open1 = done })")
	})
	b.click("Open the camera").at("live")
	eval[bool](b, "(hide(true), hide(false), hide(true), hide(false), window.open1(), true)")
	b.until("three answers of the camera", "window.streams.length === 3")
	b.until("that one is on", "alive() === 1 && !document.querySelector('.shutter').disabled")
	b.click("Take photo").at("passed")
	b.until("that none is on", "alive() === 0")
}

// A camera that ends by itself (unplugged, permission taken back) is trouble, and no photo.
func TestACameraThatEndsMidway(t *testing.T) {
	t.Parallel()
	v, b := atTheCamera(t, shared(), collins, func(b *tab) { b.before(watched) })
	b.click("Open the camera").at("live")
	b.until("the camera", "!document.querySelector('.shutter').disabled")
	eval[bool](b, "window.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
	b.at("trouble-busy").reads("The alternative", "You agreed on")
	v.is("consented")
}

// Who allows the camera late gets it.
func TestACameraThatAnswersLate(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, func(b *tab) {
		b.before(watched + `window.gate = new Promise(done => { window.open1 = done })
			const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms === 8000 ? 30 : ms, ...a)`)
	})
	b.click("Open the camera").at("trouble-slow")
	eval[bool](b, "(window.open1(), true)")
	b.at("live").click("Take photo").at("passed")
}

// The platform's style sheets do not reach the dialog, and a dialog that is taken away
// ends the wait for it.
func TestThePlatformsStyleDoesNotReachTheDialog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	platform := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(rw, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><style>
			html { font-size: 30px } button { color: #fff; margin: 40px; width: 200px; display: none } iframe { height: 30px; border: 9px solid }
			dialog { padding: 60px; width: 90px; display: none }</style><body>
			<script src="%s/nod.js"></script><script>
			Nod.check({ url: decodeURIComponent(location.search.slice(1)) }).then(state => { window.state = state })
		</script>`, w.base)
	}))
	t.Cleanup(platform.Close)
	w.registers(t, platform.URL)
	b := newTab(t, collins, "en")
	b.open(platform.URL + "/?" + strings.ReplaceAll(w.visitor(t).url, "#", "%23"))
	b.framed(w.base).at("consent")
	fits := eval[bool](b, `(() => {
		const box = s => document.querySelector(s).getBoundingClientRect(), d = box('dialog'), f = box('dialog iframe'), x = box('dialog button')
		return f.left === d.left && f.right === d.right && f.bottom === d.bottom && f.top === x.bottom && x.width === 48 && x.height === 48 &&
			d.top >= 0 && d.bottom <= innerHeight && f.height > 400 && getComputedStyle(document.querySelector('dialog button')).color !== 'rgb(255, 255, 255)'
	})()`)
	if !fits {
		t.Error("the dialog is not what it should be")
	}
	eval[bool](b, "(document.querySelector('dialog').remove(), true)")
	b.until("the end of the wait", "window.state === 'open'")
}

// One press opens one check, and a platform that cannot reach its server says so.
func TestThePlatformsButtonIsPressedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, collins, "en")
	b.before(between)
	b.open(w.lms.Origin() + "/exam")
	b.meets(rule{Path: "/exam/start", Mode: "fail"})
	b.click("Start the exam").reads("Nod could not do that right now.")
	eval[bool](b, "(document.getElementById('start').click(), document.getElementById('start').click(), true)")
	b.framed(w.base).at("consent")
	if n := eval[int](b, "document.querySelectorAll('dialog').length"); n != 1 {
		t.Errorf("%d dialogs", n)
	}
}
