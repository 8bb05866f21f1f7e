package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
	"nod/shared/face/localapi/register"
)

// onTheVendorsPage waits until the tab shows the stand-in for the vendor's page.
func (b *tab) onTheVendorsPage() *tab {
	b.t.Helper()
	b.until("the vendor's page", "location.pathname === '/hosted'")
	return b
}

// comesOut says on that page how the check comes out.
func (b *tab) comesOut(outcome string) {
	b.t.Helper()
	b.onTheVendorsPage().until("the choices", "document.querySelector('button')")
	eval[bool](b, `([...document.querySelectorAll('button')].find(e => e.querySelector('[lang=en]').textContent === '`+outcome+`').click(), true)`)
}

// goes opens a session of the route hosted and goes to the vendor's page.
func (v *visit) goes(b *tab) *tab {
	v.t.Helper()
	b.open(v.url)
	b.at("consent").click("Agree")
	b.at("hosted").reads("腾讯云计算", "It uses your camera", "not to us", "brings you back here by itself", "The alternative")
	return b.click("Go to that page").onTheVendorsPage()
}

// The person goes to the vendor's page and comes back to a result, in the same tab. What
// the vendor adds to the address is taken out of it and sent to nobody.
func TestTheVendorsPageAndBack(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("hosted"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	keepsUploads(b)
	v.goes(b).comesOut("Passed")
	b.at("passed").reads("Only the result came back here")
	if at := eval[string](b, "location.href"); at != v.path() {
		t.Errorf("the address is %s", at)
	}
	if sent := eval[string](b, "JSON.stringify([window.uploads, performance.getEntriesByType('resource').map(e => e.name)])"); strings.Contains(sent, "BizToken") {
		t.Errorf("it was sent: %s", sent)
	}
	v.is("passed")
}

// A fail there is a fail here: advice, and another visit.
func TestD27_AFailOnTheVendorsPage(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("hosted"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	v.goes(b).comesOut("The face does not match")
	b.at("fail").reads("follow what the other page says", "2 more tries are left", "The alternative")
	b.click("Go to that page").comesOut("Passed")
	b.at("passed")
	v.is("passed")
}

// Who comes back without having finished can go on there, or use the alternative; who
// goes back with the browser's own button, too.
func TestWhoHasNotFinishedOnTheVendorsPage(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("hosted"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	b.expects("409")
	v.goes(b)
	there := eval[string](b, "location.href")
	b.comesOut("Give up and go back")
	b.at("unfinished").reads("is not finished", "The alternative").click("中文").reads("回去继续").click("English").reads("Go on there")
	b.click("Go on there").onTheVendorsPage()
	if again := eval[string](b, "location.href"); again != there {
		t.Errorf("it leads to %s, not %s", again, there)
	}
	b.do(chromedp.NavigateBack())
	b.at("unfinished")
	v.is("consented")
	b.click("Go on there").comesOut("Passed")
	b.at("passed")
}

// A visit that is over can be made again.
func TestAVisitToTheVendorsPageThatIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, byRealName("hosted"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	b.before(between)
	b.before(`window.rules.push({ path: '/v1/hosted/result', mode: 'answer', times: location.search ? 1 : 0, status: 422,
		body: '{"type":"/problems/hosted-expired","title":"It has expired","detail":"Go again.","attempt_used":false}' })`)
	v.goes(b).comesOut("Give up and go back")
	b.at("retake").reads("It has expired", "The alternative").click("Go to that page").onTheVendorsPage()
}

// The vendor's page cannot be framed: the check goes on in a window of its own, and the
// page in the frame follows.
func TestTheVendorsPageIsShownInAWindowOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	around := elsewhere(t, "camera")
	w.registers(t, around)
	v := w.visitor(t, byRealName("hosted"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	b.open(around + "/?" + strings.ReplaceAll(v.url, "#", "%23"))
	f := b.framed(w.base)
	f.at("consent").click("Agree").at("hosted").reads("cannot be shown inside this one")
	opened := b.nextTab("The check is on another page", func() { f.click("Open in its own window") })
	opened.at("hosted").click("Go to that page").comesOut("Passed")
	opened.at("passed").closesBy("Continue")
	f.at("follow").reads("You passed")
	v.is("passed")
}
