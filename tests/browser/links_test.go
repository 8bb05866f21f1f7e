package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// without is the address without its code, and with another enterprise or code.
func (v *visit) path() string { return v.url[:strings.Index(v.url, "#")] }
func (v *visit) code() string { return v.url[strings.Index(v.url, "#t=")+3:] }

// Whatever is wrong with a link is said on a page, with what to do.
func TestLinksThatAreNoGood(t *testing.T) {
	t.Parallel()
	w := shared()
	other := w.enterprise(t)
	for name, tt := range map[string]struct {
		url  func(v *visit) string
		step string
		says string
	}{
		"no code":              {func(v *visit) string { return v.path() }, "broken", "The link is not complete"},
		"half a code":          {func(v *visit) string { return v.url[:len(v.url)-6] }, "broken", "The link is not complete"},
		"another fragment":     {func(v *visit) string { return v.path() + "#top" }, "broken", "The link is not complete"},
		"an enterprise's page": {func(v *visit) string { return w.base + "/s/" + other + "#t=" + v.code() }, "wrongPlace", "another company"},
		"a code that nobody made": {func(v *visit) string {
			return v.path() + "#t=nod_code_" + v.tenant.Enterprise + "_" + v.id + "_" + strings.Repeat("A", 26)
		}, "broken", "The link is not complete"},
		"a session that was cancelled": {func(v *visit) string {
			v.call(v.t, "POST", "/v1/sessions/"+v.id+"/cancel", v.tenant.Integrator, nil)
			return v.url
		}, "stale", "The link has expired"},
		"markup in the place of it": {func(v *visit) string { return v.path() + "#t=<img src=x onerror=alert(1)>" }, "wrongPlace", "another company"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := w.visitor(t)
			b := newTab(t, noCamera, "en")
			b.expects("401", "410", "404")
			b.open(tt.url(v))
			b.at(tt.step).reads(tt.says, "The alternative")
			if name != "a session that was cancelled" {
				v.is("open")
			}
		})
	}
}

// enterprise enters another one, and returns its id.
func (w *world) enterprise(t testing.TB) string {
	t.Helper()
	return w.call(t, "POST", "/v1/enterprises", string(w.nod.Config.OperatorKey), object{
		"name": object{"zh-CN": "另一家企业"}, "contact": object{"officer": "a", "email": "a@example.com", "phone": "1", "address": "a"},
		"time_zone": "Asia/Shanghai", "mode": "live", "frame_origins": []string{}, "return_origins": []string{},
	})["id"].(string)
}

func TestAnAddressOfNobodyIsAPageToo(t *testing.T) {
	t.Parallel()
	b := newTab(t, noCamera, "en")
	b.expects("404")
	for _, id := range []string{"01a20000-0000-7000-8000-000000000000", "nobody", "%3Cscript%3E"} {
		b.open(shared().base + "/s/" + id)
		b.reads("This page was not found", "没有找到这个页面")
	}
}

// The code leaves the address at once, and nothing of it is in the history.
func TestTheCodeIsStrippedAtOnce(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent")
	if at := eval[string](b, "location.href"); at != v.path() {
		t.Errorf("the address is %s", at)
	}
	entries, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
	b.must(err)
	for _, e := range entries.Entries {
		if strings.Contains(e.URL, "nod_code") {
			t.Errorf("the history has %s", e.URL)
		}
	}
}

func TestWhoeverComesSecondIsToldSo(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	first, second := newTab(t, collins, "en"), newTab(t, collins, "en")
	second.expects("409")
	first.expects("401")
	first.open(v.url)
	first.at("consent")
	second.open(v.url)
	second.at("elsewhere").reads("Opened elsewhere", "The alternative")

	// The platform can ask for a new code, which ends the first one's token.
	v.url = v.call(t, "POST", "/v1/sessions/"+v.id+"/code", v.tenant.Integrator, nil)["page_url"].(string)
	second.open(v.url)
	second.agrees(inEnglish)
	first.click("Agree").at("elsewhere")
	v.is("consented")
}

// The same link again in the same tab goes on; another session's link begins that one.
func TestATabGoesOnWithItsOwnLinkOnly(t *testing.T) {
	t.Parallel()
	v, used, fresh := shared().visitor(t), shared().visitor(t), shared().visitor(t)
	b, c := newTab(t, collins, "en"), newTab(t, collins, "en")
	b.expects("409")
	b.open(v.url)
	b.agrees(inEnglish)
	b.open(v.url)
	b.at("ready")
	c.open(used.url)
	c.at("consent")
	b.open(used.url) // opened elsewhere: not a reason to show the session of before
	b.at("elsewhere")
	b.open(fresh.url)
	b.at("consent")
	fresh.is("open")
}

func TestAReloadGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, hopper, "en")
	reload := func(step string) {
		t.Helper()
		b.do(chromedp.Reload())
		b.at(step)
	}
	b.open(v.url)
	b.at("consent")
	reload("consent")
	b.agrees(inEnglish)
	reload("ready")
	b.click("Receipt").at("receipt")
	reload("ready")
	b.click("Receipt").at("receipt").click("Back").at("ready") // the receipt outlasts it, too
	b.click("Open the camera").at("live")
	reload("ready") // the camera is not opened by itself
	b.shoots(inEnglish).at("fail")
	reload("fail")
	b.click("Withdraw").at("withdrawn")
	reload("withdrawn")
	v.is("withdrawn")
}

// goes goes back or forth in the browser's history. The page may come back from memory,
// so that nothing is loaded.
func (b *tab) goes(by int) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf("(setTimeout(() => history.go(%d)), true)", by))
}

// The browser's Back leaves, and decides nothing.
func TestBackIsNoDecision(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.lms.Origin() + "/exam")
	b.open(v.url)
	b.at("consent")
	b.goes(-1)
	b.reads("Safety exam")
	v.is("open")
	b.goes(1)
	b.agrees(inEnglish)
	b.goes(-1)
	v.is("consented")
}

// Where storage is denied, the page works for as long as it is open.
func TestBlockedStorage(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.before(`Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('denied', 'SecurityError') } })`)
	b.open(v.url)
	b.agrees(inEnglish).click("Receipt").at("receipt").click("Back").at("ready")
	b.shoots(inEnglish).at("passed")
	v.is("passed")
}

// A device whose clock is off by a day is told the right time all the same.
func TestAClockThatIsOffByADay(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]string{"fast": "86400000", "slow": "-86400000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, domain.Live)
			v := w.visitor(t)
			b := newTab(t, collins, "en")
			b.before(`{ const now = Date.now; Date.now = () => now() + ` + by + ` }`)
			b.open(v.url)
			b.at("consent")
			if bar := eval[string](b, "document.getElementById('time').innerText"); bar != "" {
				t.Errorf("the page says %q", bar)
			}
			w.pass(13 * time.Minute)
			b.do(chromedp.Reload())
			b.at("consent").reads("2 minutes left")
			b.agrees(inEnglish).shoots(inEnglish).at("passed")
		})
	}
}

// A notice that was altered on its way is not shown, and cannot be agreed to.
func TestATamperedNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	alter := func(path string, body []byte) []byte {
		return []byte(strings.Replace(string(body), "Tencent Cloud", "Somebody Else", 1))
	}
	v := w.visitor(t)
	w.door.alter.Store(&alter)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("tampered").reads("The notice was changed on its way")
	if strings.Contains(b.text(), "Somebody Else") {
		t.Error("it is shown")
	}
	w.door.alter.Store(nil)
	b.do(chromedp.Reload())
	b.agrees(inEnglish)
}
