package browser

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// between puts something between the page and Nod that the test tells what to do with
// the next calls of a path: lose (done, and the answer gone), fail (not even sent), or
// answer in Nod's place.
const between = `window.rules = []
{ const real = window.fetch; window.fetch = async (path, o) => {
  const r = window.rules.find(r => String(path).startsWith(r.path) && r.times-- > 0)
  if (r?.mode === 'fail') throw new TypeError()
  if (r?.mode === 'answer') return new Response(r.body, { status: r.status, headers: { 'Content-Type': 'text/html', ...r.after && { 'Retry-After': r.after } } })
  if (r?.mode === 'held') await new Promise(go => { window.letGo = go })
  const answer = await real(path, o)
  if (r?.mode === 'lose') throw new TypeError()
  return answer
} }`

type rule struct {
	Path   string `json:"path"`
	Mode   string `json:"mode"`
	Times  int    `json:"times"`
	Status int    `json:"status"`
	Body   string `json:"body"`
	After  string `json:"after,omitempty"` // Retry-After
}

// rigged is a tab with a network of the test's.
func rigged(t *testing.T, s scene, first ...rule) *tab {
	t.Helper()
	b := newTab(t, s, "en")
	b.before(between)
	for _, r := range first {
		b.before("window.rules.push(" + r.text() + ")")
	}
	return b
}

func (r rule) text() string {
	r.Times = max(r.Times, 1)
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(b)
}

func (b *tab) meets(r rule) { b.t.Helper(); eval[int](b, "window.rules.push("+r.text()+")") }

// back tells the page that the network is there again.
func (b *tab) back() { b.t.Helper(); eval[bool](b, "window.dispatchEvent(new Event('online'))") }

// Whatever answer is lost, nothing is lost with it, and nothing is done twice.
func TestAnAnswerThatIsLostIsGotAgain(t *testing.T) {
	t.Parallel()
	w := shared()
	v := w.visitor(t)
	b := rigged(t, collins, rule{Path: "/v1/session/open", Mode: "lose"})
	b.open(v.url)
	b.at("offline").click("Try again").at("consent")
	b.meets(rule{Path: "/v1/consent", Mode: "lose"})
	b.click("Agree").at("offline").click("Try again").at("ready")
	b.click("Receipt").at("receipt").reads("Receipt for your consent", "Link that withdraws").click("Back").at("ready")
	b.meets(rule{Path: "/v1/me/withdraw", Mode: "lose"})
	b.click("Withdraw").at("offline").click("Try again").at("withdrawn")
	b.click("Receipt").at("receipt").reads("Receipt for your withdrawal")
}

// Who has turned away from a decision has not made it.
func TestADecisionThatSomebodyTurnedAwayFromIsNotSent(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.open(v.url)
	b.at("consent")
	b.meets(rule{Path: "/v1/consent", Mode: "fail"})
	b.click("Agree").at("offline")
	b.do(chromedp.Reload())
	b.at("consent").click("Refuse").at("refused")
	b.back()
	v.is("refused")

	u := shared().visitor(t)
	c := rigged(t, collins)
	c.open(u.url)
	c.at("consent")
	c.meets(rule{Path: "/v1/consent", Mode: "fail", Times: 2})
	c.click("Agree").at("offline").click("中文").reads("网络断开了").click("English")
	c.back()
	c.at("offline") // it has tried again, in vain
	u.is("open")
	c.back()
	c.at("ready") // the person is still on that step: it goes on by itself
	u.is("consented")
}

// While a decision is on its way there is no other.
func TestThereIsOneDecisionAtATime(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.open(v.url)
	b.at("consent")
	b.meets(rule{Path: "/v1/consent", Mode: "held"})
	b.click("Agree")
	b.until("that the call is under way", "!!window.letGo")
	b.click("中文").reads("不同意").click("不同意")
	if b.step() != "consent" {
		t.Errorf("the page is at %s", b.step())
	}
	eval[bool](b, "(window.letGo(), true)")
	b.at("ready").reads("您已于")
	v.is("consented")
}

// A gateway in front of Nod, or a network that wants a login, answers in its place: the
// photo is sent again by itself, and compared once.
func TestAPhotoOutlastsWhatStandsBetween(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]rule{
		"a gateway's error":   {Mode: "answer", Status: 502, Body: "<html>bad gateway</html>", Times: 2},
		"too many requests":   {Mode: "answer", Status: 429, Body: `{"message":"slow down"}`},
		"a login page":        {Mode: "answer", Status: 200, Body: "<html>log in</html>"},
		"an answer lost":      {Mode: "lose", Times: 2},
		"no network":          {Mode: "fail", Times: 2},
		"an empty JSON error": {Mode: "answer", Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t)
			b := rigged(t, collins)
			b.before("const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms >= 4000 && ms < 6000 ? 50 : ms, ...a)")
			b.open(v.url)
			b.agrees(inEnglish)
			r.Path = "/v1/verify"
			b.meets(r)
			b.shoots(inEnglish).at("passed")
			if checks := v.records(`"check.started"`); len(checks) != 1 {
				t.Errorf("%d comparisons", len(checks))
			}
		})
	}
}

// After some tries, never in step with others', the person is asked, with the photo still
// there.
func TestAPhotoWaitsForThePersonWhenNothingAnswers(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.before(`const later = window.setTimeout
		window.waits = []
		window.setTimeout = (f, ms, ...a) => {
			if (ms < 4000 || ms >= 6000) return later(f, ms, ...a)
			window.waits.push(ms)
			return later(f, 10, ...a)
		}`)
	b.open(v.url)
	b.agrees(inEnglish)
	b.meets(rule{Path: "/v1/verify", Mode: "answer", Status: 502, Times: 5})
	b.shoots(inEnglish).at("down").reads("cannot be reached", "The alternative")
	if n := eval[int](b, "new Set(window.waits).size"); n < 2 {
		t.Error("it waited equally long each time: those who were turned away together come back together")
	}
	b.click("Try again").at("passed")
}

// A result counts as it was answered, whatever the reading after it says.
func TestAResultIsShownThoughTheSessionCannotBeReadAfterIt(t *testing.T) {
	t.Parallel()
	w := shared()
	for who, want := range map[scene]string{collins: "passed", hopper: "fail"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			v := w.visitor(t)
			b := rigged(t, who)
			b.expects("401")
			b.open(v.url)
			b.agrees(inEnglish).click("Open the camera").at("live")
			b.meets(rule{Path: "/v1/session", Mode: "answer", Status: 401, Body: `{"type":"/problems/token-expired"}`, Times: 9})
			b.click("Take photo").at(want)
		})
	}
}

// A page that is loaded again while a photo is checked waits for the result.
func TestALoadDuringACheckWaitsForTheResult(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.expects("")
	b.open(v.url)
	b.agrees(inEnglish)
	asked, release := w.face.holds()
	b.shoots(inEnglish).at("checking")
	<-asked
	b.do(chromedp.Reload())
	b.at("in-progress").reads("Checking", "The alternative")
	release()
	b.at("passed")
}

// The bar with the time that is left must not take the step away that is shown.
func TestTheTimeBarLeavesTheStepAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := rigged(t, collins)
	w.pass(13 * time.Minute)
	b.open(v.url)
	b.at("consent").reads("I need more time")
	b.meets(rule{Path: "/v1/session/extend", Mode: "fail"})
	b.click("I need more time")
	b.until("that the bar says so", "document.getElementById('time').textContent.includes('That did not work')")
	b.at("consent").click("I need more time")
	b.until("that the bar is gone", "!document.getElementById('time').textContent")
	b.at("consent")
	if focus := eval[string](b, "document.activeElement.tagName"); focus != "H1" {
		t.Errorf("the focus is on %s", focus)
	}
}

// Who withdraws while a photo is on its way has withdrawn, whatever comes of the photo.
func TestAWithdrawalOutlastsThePhotoThatIsOnItsWay(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.before(`window.fired = 0; const later = window.setTimeout
		window.setTimeout = (f, ms, ...a) => ms >= 4000 && ms < 6000 ? later(() => { f(); window.fired++ }, 1000) : later(f, ms, ...a)`)
	b.open(v.url)
	b.agrees(inEnglish)
	b.meets(rule{Path: "/v1/verify", Mode: "answer", Status: 502, Times: 4})
	b.shoots(inEnglish).at("checking").click("Withdraw").at("withdrawn")
	b.until("the time of the next try", "window.fired > 0")
	if tries := 4 - eval[int](b, "window.rules[0].times"); b.step() != "withdrawn" || tries != 1 {
		t.Errorf("the page is at %s after %d tries", b.step(), tries)
	}
	v.is("withdrawn")
}

// A withdrawal goes before a photo that is on its way: once it was pressed nothing of the
// photo is sent any more, and it is sent itself until it is answered.
func TestD12_AWithdrawalGoesBeforeThePhotoThatIsOnItsWay(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.before(`window.fired = 0; const later = window.setTimeout
		window.setTimeout = (f, ms, ...a) => ms >= 4000 && ms < 6000 ? later(() => { f(); window.fired++ }, 500) : later(f, ms, ...a)`)
	b.open(v.url)
	b.agrees(inEnglish)
	b.meets(rule{Path: "/v1/verify", Mode: "answer", Status: 502, Times: 4})
	b.meets(rule{Path: "/v1/me/withdraw", Mode: "fail"})
	b.shoots(inEnglish).at("checking").click("Withdraw").at("offline")
	b.until("the time of the next try", "window.fired > 0")
	if tries := 4 - eval[int](b, "window.rules[0].times"); b.step() != "offline" || tries != 1 {
		t.Errorf("the page is at %s after %d tries", b.step(), tries)
	}
	b.back()
	b.at("withdrawn")
	v.is("withdrawn")
}

// An answer to a photo that comes late draws over nothing.
func TestALateAnswerDrawsOverNothing(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, nobody)
	b.open(v.url)
	b.agrees(inEnglish).click("Open the camera").at("live")
	b.meets(rule{Path: "/v1/verify", Mode: "held"})
	b.click("Take photo").at("checking")
	b.until("that the photo is under way", "!!window.letGo")
	b.click("Withdraw").at("withdrawn")
	b.expects("409", "422")
	before := eval[int](b, "performance.getEntriesByType('resource').length")
	eval[bool](b, "(window.letGo(), true)")
	b.until("the late answer", fmt.Sprintf("performance.getEntriesByType('resource').length > %d", before))
	b.at("withdrawn")
}

// The receipt of a decision whose answer was lost with the page is got again by the next.
func TestAReceiptOutlastsALoadInPlaceOfItsAnswer(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := rigged(t, collins)
	b.open(v.url)
	b.at("consent")
	b.meets(rule{Path: "/v1/consent", Mode: "lose"})
	b.click("Agree").at("offline")
	v.is("consented")
	b.do(chromedp.Reload())
	b.at("ready").click("Receipt").at("receipt").reads("Receipt for your consent", "Link that withdraws")
}
