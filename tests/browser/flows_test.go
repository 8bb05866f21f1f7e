package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// words are what the pages say, in both languages, for tests that go through in each.
type words struct{ lang, agree, refuse, open, take, again string }

var (
	inEnglish = words{"en", "Agree", "Refuse", "Open the camera", "Take photo", "Take another photo"}
	chinese   = words{"zh-CN", "同意", "不同意", "打开摄像头", "拍照", "再拍一张"}
)

// agrees goes from the notice to the camera's step.
func (b *tab) agrees(w words) *tab {
	b.t.Helper()
	return b.at("consent").click(w.agree).at("ready")
}

// shoots goes from the camera's step to the photo that is on its way.
func (b *tab) shoots(w words) *tab {
	b.t.Helper()
	return b.click(w.open).at("live").click(w.take)
}

func TestAPersonAgreesAndPasses(t *testing.T) {
	t.Parallel()
	for _, w := range []words{inEnglish, chinese} {
		t.Run(w.lang, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t, func(r object) { r["locale"] = w.lang })
			b := newTab(t, collins, w.lang)
			b.open(v.url)
			b.agrees(w).shoots(w).at("passed")
			v.is("passed")
			if lang := eval[string](b, "document.documentElement.lang"); lang != w.lang {
				t.Errorf("the page speaks %s", lang)
			}
		})
	}
}

func TestD27_AThirdFailIsNotFinal(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, hopper, "en") // somebody else than the reference
	b.open(v.url)
	b.agrees(inEnglish).shoots(inEnglish)
	b.at("fail").reads("It says nothing about you", "2 more tries are left", "The alternative")
	b.click("Take another photo").at("live").click("Take photo")
	b.at("fail").reads("One more try is left")
	b.click("Take another photo").at("live").click("Take photo")
	b.at("failed").reads("This is not final", "for a person to look at it", "The alternative", "exam desk")
	b.click("Contact the enterprise").reads("privacy@example.com")
	v.is("failed")
}

func TestNoFaceIsAdvisedAndNotCounted(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, nobody, "en")
	b.expects("422") // the browser's own note of the answer
	b.open(v.url)
	b.agrees(inEnglish).shoots(inEnglish)
	b.at("retake").reads("No face was seen", "This try does not count", "The alternative")
	b.click("Take another photo").at("live").click("Take photo")
	b.at("retake").reads("the photo that the enterprise holds may be the cause")
	v.is("consented")
}

func TestD04_RefusingIsAsEasyAndLeadsToTheAlternative(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent").click("Refuse")
	b.at("refused").reads("nothing else changes", "The alternative", "exam desk", "You are not asked again before")
	v.is("refused")

	next := shared().visits(t, v.subject) // within 48 hours nobody asks by themselves
	b.open(next.url)
	b.at("refused").click("I changed my mind: show the notice")
	b.agrees(inEnglish)
	next.is("consented")
}

func TestTheAlternativeThatThePlatformReports(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.expects("409")
	b.open(v.url)
	b.at("consent")
	v.call(t, "POST", "/v1/sessions/"+v.id+"/alternative", v.tenant.Integrator, object{"method": "id_card_at_desk", "result": "pass"})
	b.click("Agree").at("alternative").reads("Settled by the alternative")
}

func TestD12_WithdrawingTakesOneStep(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.agrees(inEnglish).click("Withdraw")
	b.at("withdrawn").reads("No check is made from now on", "The alternative")
	v.is("withdrawn")
	b.click("Receipt").at("receipt").reads("Receipt for your withdrawal")
}

// A consent that covers the check is one line, with the way to withdraw beside it.
func TestAConsentInForceIsOneLine(t *testing.T) {
	t.Parallel()
	first := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(first.url)
	b.agrees(inEnglish)
	next := shared().visits(t, first.subject)
	b.open(next.url)
	b.at("ready").reads("You agreed on", "Withdraw")
	b.shoots(inEnglish).at("passed")
	next.is("passed")
}

func TestASessionThatOnlyAsks(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, asking)
	b := newTab(t, noCamera, "en") // no camera is needed
	b.open(v.url)
	b.at("consent").click("Agree")
	b.at("consented").reads("Your consent is recorded", "Withdraw", "Receipt")
	v.is("consented")
}

// A notice that changed while it was read, or since the person agreed, is shown anew,
// with what is different.
func TestD11_WhatChangedIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v, earlier := w.visitor(t), w.visitor(t)
	b, c := newTab(t, collins, "en"), newTab(t, collins, "en")
	for tab, visit := range map[*tab]*visit{b: v, c: earlier} {
		tab.expects("409")
		tab.open(visit.url)
		tab.at("consent")
	}
	c.agrees(inEnglish)
	w.publish(t, func(facts object) { facts["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"} })
	b.click("Agree").at("consent").reads("The notice was just updated")
	b.agrees(inEnglish)
	v.is("consented")
	c.shoots(inEnglish).at("consent").reads("The notice has changed since you agreed", "whom to contact (important change)")
	c.agrees(inEnglish).shoots(inEnglish).at("passed")
}

// publish publishes the exam's notice with other facts.
func (w *world) publish(t testing.TB, edit func(object)) {
	t.Helper()
	items := w.call(t, "GET", "/v1/notices", w.tenant.Admin, nil)["items"].([]any)
	for _, i := range items {
		n := i.(object)
		if n["purpose"] != "exam" || n["audience"] != "adult" {
			continue
		}
		edit(n["facts"].(object))
		w.call(t, "POST", "/v1/notices", w.tenant.Admin, object{"purpose": "exam", "audience": "adult",
			"delegation_id": n["delegation"].(object)["id"], "facts": n["facts"], "contents": n["contents"]})
		return
	}
	t.Fatal("there is no notice")
}

// Whatever the enterprise has switched off, the person is told and led on.
func TestD20_ChecksThatAreOffLeadToTheAlternative(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.expects("409")
	b.open(v.url)
	b.at("consent")
	w.call(t, "PUT", "/v1/settings", w.tenant.Admin, object{"face_service": false})
	b.click("Agree").at("unavailable").reads("Face checks are switched off", "The alternative", "exam desk")
}

func TestTheReceiptIsAPage(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.agrees(inEnglish).click("Receipt")
	b.at("receipt").reads("Receipt for your consent", "I agree: when I take an exam", "Link that withdraws", "privacy@example.com", "Print")
	link := eval[string](b, "document.querySelector('a.long').href")
	b.click("Back").at("ready")

	// In another browser, long after the session.
	c := newTab(t, noCamera, "en")
	c.open(link)
	c.at("withdraw").reads("You agreed that Example Learning Ltd")
	if at := eval[string](c, "location.href"); strings.Contains(at, "#") {
		t.Errorf("the code stands in the address: %s", at)
	}
	c.click("Withdraw your consent").at("receipt").reads("Receipt for your withdrawal")
	v.is("withdrawn")
	c = newTab(t, noCamera, "en")
	c.expects("409", "401")
	c.open(link)
	c.at("withdraw").click("Withdraw your consent").at("withdraw-none").reads("There is no consent to withdraw")
	c.open(link[:len(link)-4] + "AAAA")
	c.at("withdraw").click("Withdraw your consent").at("withdraw-broken").reads("The link is not complete", "Contact the enterprise")
	c.open(link[:strings.Index(link, "#")])
	c.at("withdraw") // this tab still has the code of before
	d := newTab(t, noCamera, "en")
	d.open(link[:strings.Index(link, "#")])
	d.at("withdraw-broken")
}

func TestTheLanguageIsSwitchedAtEveryStep(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "zh-CN") // the platform said English
	b.open(v.url)
	b.at("consent").reads("Face check for exams").click("中文").reads("考试人脸核验", "不同意")
	b.click("同意").at("ready").reads("您已于").click("English").reads("You agreed on")
	b.click("中文").reads("您已于")
	b.do(chromedp.Reload())
	b.at("ready").reads("您已于") // a choice outlasts a reload
	b.shoots(chinese).at("passed").reads("核验通过").click("English").reads("You passed")
	shown := map[string]bool{}
	for _, line := range v.records(`"notice.shown"`) {
		shown[line[strings.Index(line, `"locale"`):][:16]] = true
	}
	if len(shown) != 2 {
		t.Errorf("the log says that it was shown in %v", shown)
	}
}

func TestASessionExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.expects("401")
	b.open(v.url)
	b.at("consent")
	w.pass(16 * time.Minute)
	b.click("Agree").at("expired").reads("This check has expired", "The alternative", "exam desk", "Back to the learning platform")
	b.do(chromedp.Reload())
	b.at("expired").reads("exam desk") // the alternative is known after a reload, too
	v.is("expired")
}

func TestD09_TheTimeIsShownAndExtended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	w.pass(13 * time.Minute)
	b.open(v.url)
	b.at("consent").reads("2 minutes left")
	b.click("I need more time")
	b.until("that the time bar goes", "document.getElementById('time').childElementCount === 0")
	w.pass(10 * time.Minute)
	b.agrees(inEnglish).shoots(inEnglish).at("passed")
}
