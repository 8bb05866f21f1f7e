package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/image/draw"

	"nod/shared/domain"
)

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

// consolePlaces are what can be looked at in the console: whose key, and how one gets there.
var consolePlaces = []struct {
	name    string
	auditor bool
	arrange func(p *path)
}{
	{"sign-in", false, func(p *path) { p.click(p.says("退出", "Sign out")).at("sign-in") }},
	{"overview", false, func(p *path) { p.settled() }},
	{"overview-tables", true, func(p *path) {
		p.settled()
		eval[any](p.tab, "document.querySelectorAll('main details').forEach(d => { d.open = true })")
	}},
	{"notices", false, func(p *path) { p.turnsTo(p.says("告知", "Notices"), "notices") }},
	{"notice", true, func(p *path) {
		p.turnsTo(p.says("告知", "Notices"), "notices")
		p.click(p.says("查看个人看到的样子", "See as people do")).at("notice").settled()
	}},
	{"publish", false, func(p *path) {
		p.turnsTo(p.says("告知", "Notices"), "notices")
		p.click(p.says("公布新版本", "Publish another version")).at("publish")
	}},
	{"preview", false, func(p *path) {
		p.turnsTo(p.says("告知", "Notices"), "notices")
		p.click(p.says("公布新版本", "Publish another version")).at("publish")
		p.click(p.says("预览", "See what it will be")).at("preview").settled()
	}},
	{"delegations", false, func(p *path) { p.turnsTo(p.says("委托记录", "Delegations"), "delegations") }},
	{"record", false, func(p *path) {
		p.turnsTo(p.says("委托记录", "Delegations"), "delegations")
		p.click(p.says("记录接替它的委托", "Record its successor")).at("record")
		p.click(p.says("再读一遍", "Read it once more"))
	}},
	{"requests", false, func(p *path) { p.turnsTo(p.says("权利请求", "Requests"), "requests") }},
	{"request", false, func(p *path) {
		p.turnsTo(p.says("权利请求", "Requests"), "requests")
		p.click(p.says("查看", "Read")).at("request").settled()
	}},
	{"exports", true, func(p *path) {
		p.turnsTo(p.says("导出", "Exports"), "exports")
		p.click(p.says("制作导出", "Make an export"))
	}},
	{"dossier", true, func(p *path) {
		p.turnsTo(p.says("导出", "Exports"), "exports")
		p.click(p.says("制作导出", "Make an export")).fillsIn("extent", "dossier")
	}},
	{"webhooks", false, func(p *path) { p.turnsTo(p.says("回调通知", "Webhooks"), "webhooks") }},
	{"ended", false, func(p *path) {
		p.settled()
		eval[any](p.tab, "import(document.querySelector('script[type=module]').src.replace('main', 'state')).then(({ me }) => { me.key += 'x' })")
		p.expects("401")
		p.click(p.says("回调通知", "Webhooks")).at("webhooks")
		p.until("the dialog", "document.querySelector('dialog[open]')")
	}},
}

// D09: whoever works with it. Every part of the console, in both languages and three
// widths: axe finds nothing, nothing is cut off or wider than the screen.
func TestD09_TheConsoleCanBeUsedByEveryone(t *testing.T) {
	t.Parallel()
	program := string(axe.Files(t, func(name string) bool { return name == "axe.min.js" })["axe.min.js"])
	w := newWorld(t, domain.Test)
	w.hasPast(t)
	w.hasFailed(t, 3)
	for _, kind := range []string{"explain", "delete"} {
		w.asks(t, kind)
	}
	w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "identifiers": "pseudonyms"})
	w.exec(t, "UPDATE exports SET state = 'running', done = 4000, total = 10000, started_at = ?", time.Now().Add(-time.Minute).UnixMilli())
	last := w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"subject": "emp-17", "identifiers": "pseudonyms", "reason": "audit"})
	w.exec(t, `UPDATE exports SET last = TRUE, asked = '{"identifiers":"subjects","reason":"end_of_service"}', actor = '', state = 'expired' WHERE id = ?`, last["id"])
	w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"subject": "emp-17", "identifiers": "subjects", "reason": "legal_proceedings"})
	for _, words := range []words{inEnglish, chinese} {
		for _, place := range consolePlaces {
			t.Run(place.name+" "+words.lang, func(t *testing.T) {
				t.Parallel()
				key := w.tenant.Admin
				if place.auditor {
					key = w.tenant.Auditor
				}
				p := &path{w.console(t, key, words.lang), w, words}
				place.arrange(p)
				eval[any](p.tab, program+";null")
				for _, size := range []struct{ w, h int64 }{{360, 740}, {768, 1024}, {1280, 900}} {
					p.do(chromedp.EmulateViewport(size.w, size.h))
					eval[any](p.tab, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))") // charts follow
					p.fits(fmt.Sprint(place.name, " at ", size.w))
					p.passesAxe(size.w)
					p.photographs(place.name, size.w)
				}
				p.speaksItsLanguage()
			})
		}
	}
}

// photographs keeps a picture of the whole page where NOD_SCREENSHOTS says so.
func (p *path) photographs(name string, width int64) {
	dir := os.Getenv("NOD_SCREENSHOTS")
	if dir == "" {
		return
	}
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, eval[int64](p.tab, "Math.min(4000, Math.max(700, document.documentElement.scrollHeight))")))
	p.must(os.MkdirAll(dir, 0o755))
	picture := p.screenshot()
	p.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("console-%s-%s-%d.png", name, p.words.lang, width)), picture, 0o644))
	if name == "overview" && p.words.lang == "en" && width == 1280 {
		p.must(os.WriteFile(filepath.Join(dir, "console.png"), p.upperPart(picture), 0o644))
	}
}

// upperPart is the picture for docs/console.md: what one sees first, at three quarters.
func (p *path) upperPart(picture []byte) []byte {
	p.t.Helper()
	whole, err := png.Decode(bytes.NewReader(picture))
	p.must(err)
	seen := image.Rect(0, 0, 1280, min(1240, whole.Bounds().Dy()))
	out := image.NewRGBA(image.Rect(0, 0, seen.Dx()*3/4, seen.Dy()*3/4))
	draw.CatmullRom.Scale(out, out.Bounds(), whole, seen, draw.Src, nil)
	var b bytes.Buffer
	p.must((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out))
	return b.Bytes()
}

// asks has somebody ask the enterprise for something.
func (w *world) asks(t testing.TB, kind string) {
	t.Helper()
	v := w.visitor(t, ownPage)
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("me").click("Ask for something").at("ask")
	b.selects("kind", kind)
	b.click("Send").at("me").reads("Your request is on its way")
}
