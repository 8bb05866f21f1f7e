package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"nod/shared/face/localapi/register"
)

// byRealName asks for a session of real-name verification by a route.
func byRealName(route string) func(object) {
	return func(r object) {
		r["purpose"], r["route"], r["resource"] = "realname", route, "account"
		delete(r, "reference")
	}
}

// given has the platform supply name and ID number.
func given(name string) func(object) {
	return func(r object) {
		r["reference"] = object{"identity": object{"name": name, "id_number": number(name)}}
	}
}

// number is the ID number of one of the made-up people.
func number(name string) string {
	e, ok := register.Find(register.At(time.Now()), name)
	if !ok {
		panic(name)
	}
	return e.IDNumber
}

// types puts a text into the field of a label, in the place of what stands there.
func (b *tab) types(label, text string) *tab {
	b.t.Helper()
	b.click(label)
	eval[bool](b, "(document.activeElement.select(), true)")
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
	b.must(err)
	return b
}

// fills fills in the form, in English.
func (b *tab) fills(name, number string) *tab {
	b.t.Helper()
	return b.at("realname").types("Name", name).types("ID card number", number)
}

// keepsNothing checks that neither text is anywhere in the tab: in what it keeps, in its
// address, or in its document.
func (b *tab) keepsNothing(texts ...string) {
	b.t.Helper()
	all := eval[string](b, `JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href, document.documentElement.outerHTML,
		[...document.querySelectorAll('input')].map(e => e.value), document.cookie, history.state])`)
	for _, text := range texts {
		if strings.Contains(all, text) {
			b.t.Errorf("the step %s still has %s", b.step(), text)
		}
	}
}

// fieldOf tells how a field stands: its text, whether it is marked, and what is said there.
func (b *tab) fieldOf(name string) (text string, marked bool, said string) {
	b.t.Helper()
	f := eval[struct {
		Text, Said string
		Marked     bool
	}](b, fmt.Sprintf(`(() => {
		const e = document.getElementById('field-%s')
		const said = e.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).textContent).join(' ')
		return { Text: e.value, Marked: e.getAttribute('aria-invalid') === 'true', Said: said }
	})()`, name))
	return f.Text, f.Marked, f.Said
}

func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, "document.activeElement.id || document.activeElement.tagName")
}

func TestD02_NameAndNumberAreCheckedAndNotKept(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en") // no camera is needed
	b.open(v.url)
	b.at("consent").click("Agree")
	spaced := strings.ToLower(number(register.Collins))
	spaced = " " + spaced[:6] + " " + spaced[6:14] + " " + spaced[14:]
	b.fills(" 林 示例 ", spaced).reads("腾讯云计算", "on your device neither")
	b.keepsNothingKept(number(register.Collins), register.Collins)
	b.click("Check now").at("passed").reads("Your name and ID number served this one check and were not kept")
	if text := b.text(); strings.Contains(text, "photo") || strings.Contains(text, "face") {
		t.Errorf("where no face is used it says %s", text)
	}
	b.keepsNothing(register.Collins, number(register.Collins), "林 示例", spaced)
	if got := eval[string](b, "performance.getEntriesByType('resource').map(e => e.name).join(' ')"); strings.Contains(got, "camera.js") {
		t.Errorf("it has loaded %s", got)
	}
	v.is("passed")
	b.do(chromedp.Reload())
	b.at("passed").reads("were not kept")
}

// keepsNothingKept is keepsNothing for what may stand in a form.
func (b *tab) keepsNothingKept(texts ...string) {
	b.t.Helper()
	all := eval[string](b, `JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href, document.cookie, history.state])`)
	for _, text := range texts {
		if strings.Contains(all, text) {
			b.t.Errorf("%s is kept at the step %s", text, b.step())
		}
	}
}

func TestD27_NameAndNumberThatDoNotMatch(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("consent").click("Agree")
	for _, left := range []string{"2 more tries are left", "One more try is left"} {
		b.fills("王某某", number(register.Collins)).click("Check now")
		b.at("fail").reads("It says nothing about you", left, "character by character", "The alternative")
		b.keepsNothing("王某某", number(register.Collins))
		b.click("Enter them again").at("realname")
		if text, _, _ := b.fieldOf("name"); text != "" {
			t.Errorf("the form still has %q", text)
		}
	}
	b.fills("王某某", number(register.Collins)).click("Check now")
	b.at("failed").reads("This is not final", "records can be out of date", "for a person to look at it")
	v.is("failed")
}

// What is wrong is said beside the field before anything goes anywhere.
func TestANumberThatCannotBeRightIsNotSent(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en")
	keepsUploads(b)
	b.open(v.url)
	b.at("consent").click("Agree")
	right := number(register.Hopper)
	wrong := right[:17] + string('0'+(right[17]-'0'+1)%10)
	for _, tt := range []struct{ name, number, field, says string }{
		{"", "", "name", "as it stands on the ID card"},
		{"R2D2", right, "name", "without digits"},
		{register.Hopper, right[:17], "id_number", "has 18 characters"},
		{register.Hopper, "A" + right[1:], "id_number", "17 digits"},
		{register.Hopper, wrong, "id_number", "does not fit the others"},
	} {
		b.fills(tt.name, tt.number).click("Check now")
		b.until("what is wrong", "document.activeElement.getAttribute('aria-invalid') === 'true'")
		_, marked, said := b.fieldOf(tt.field)
		if focus := b.focused(); focus != "field-"+tt.field || !marked || !strings.Contains(said, tt.says) {
			t.Errorf("%q, %q: the focus is on %s, the field marked %v with %q", tt.name, tt.number, focus, marked, said)
		}
	}
	if n := eval[int](b, "window.uploads.length"); n != 0 {
		t.Errorf("%d were sent", n)
	}
	b.fills(register.Hopper, right).click("Check now").at("passed")
	v.is("passed")
}

// What Nod finds wrong leads back to the form, with what was typed.
func TestWhatNodFindsWrongLeadsBackToTheForm(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en")
	b.expects("422")
	b.open(v.url)
	b.at("consent").click("Agree")
	noDay := withCheckDigit("11999919900230102") // the 30th of February
	b.fills(register.Collins, noDay).click("Check now")
	b.reads("This is not a valid ID number")
	text, marked, said := b.fieldOf("id_number")
	if text != noDay || !marked || !strings.Contains(said, "one of them may be wrong") || b.focused() != "field-id_number" {
		t.Errorf("the field has %q, marked %v with %q; the focus is on %s", text, marked, said, b.focused())
	}
	if _, marked, _ := b.fieldOf("name"); marked {
		t.Error("the name is marked")
	}

	b.fills(register.Twelve, number(register.Twelve)).click("Check now") // the platform said adult
	b.at("stuck").reads("The age does not fit the ID number", "The alternative", "Back to the learning platform")
	b.click("Change name or number").at("realname")
	if text, _, _ := b.fieldOf("name"); text != register.Twelve {
		t.Errorf("the form has %q", text)
	}
	v.is("consented")
}

// withCheckDigit completes an ID number.
func withCheckDigit(digits string) string {
	sum := 0
	for _, d := range digits {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return digits + "10X98765432"[sum:sum+1]
}

// Where the platform has supplied both, there is nothing to type.
func TestWhatThePlatformHasGivenIsNotAskedFor(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"), given(register.Collins))
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("consent").click("Agree").at("ready").reads("there is nothing to type", "腾讯云计算").click("Check now").at("passed")
	v.is("passed")
}

func TestTheAuthorityComparesAPhotoToo(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("authority"))
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent").click("Agree")
	b.fills(register.Collins, number(register.Collins)).reads("together with the photo").click("Continue").at("ready")
	b.click("Change name or number").at("realname")
	if text, _, _ := b.fieldOf("id_number"); text != number(register.Collins) {
		t.Errorf("the form has %q", text)
	}
	b.click("Continue").at("ready").shoots(inEnglish).at("passed").reads("The photo, the name and the ID number were discarded")
	b.keepsNothing(register.Collins, number(register.Collins))
	v.is("passed")
}

// A retake asks for no name again, and a fail does: then nothing of it is there any more.
func TestARetakeAsksForNoNameAgain(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("authority"))
	b := newTab(t, nobody, "en")
	b.expects("422")
	b.open(v.url)
	b.at("consent").click("Agree")
	b.fills(register.Collins, number(register.Collins)).click("Continue").at("ready").shoots(inEnglish)
	b.at("retake").reads("No face was seen").click("Take another photo").at("live").click("Take photo").at("retake")
	v.is("consented")

	u := shared().visitor(t, byRealName("authority"))
	c := newTab(t, hopper, "en")
	c.open(u.url)
	c.at("consent").click("Agree")
	c.fills(register.Collins, number(register.Collins)).click("Continue").at("ready").shoots(inEnglish)
	c.at("fail").reads("a typing error can cause this", "2 more tries are left")
	c.keepsNothing(register.Collins, number(register.Collins))
	c.click("Enter them again").fills(register.Hopper, number(register.Hopper)).click("Continue").at("ready").shoots(inEnglish).at("passed")
	u.is("passed")
}

// What the authority cannot answer leads to the alternative at once: no other try is
// offered that would not help.
func TestD05_WhatTheAuthorityCannotAnswerLeadsToTheAlternative(t *testing.T) {
	t.Parallel()
	for route, who := range map[string]string{"two_factor": register.Unknown, "authority": register.NoPhoto} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t, byRealName(route))
			b := newTab(t, collins, "en")
			b.expects("422")
			b.open(v.url)
			b.at("consent").click("Agree")
			b.fills(who, number(who))
			if route == "authority" {
				b.click("Continue").at("ready").shoots(inEnglish)
			} else {
				b.click("Check now")
			}
			b.at("unavailable").reads("The authority cannot answer", "The alternative", "Back to the learning platform")
			if buttons := eval[string](b, "[...document.querySelectorAll('#main > button, #main .row button')].map(e => e.textContent).join()"); buttons != "" {
				t.Errorf("it offers %s", buttons)
			}
			b.keepsNothing(number(who))
			v.is("consented")
			if seen := v.seen(); seen["not_performed_reason"] != nil {
				t.Errorf("the platform learns %v", seen)
			}
		})
	}
}

// Another language, no network, and what stands in between: what was typed is still there.
func TestWhatWasTypedOutlastsALanguageAndANetwork(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en")
	b.expects("ERR_INTERNET_DISCONNECTED")
	keepsUploads(b)
	b.open(v.url)
	b.at("consent").click("Agree")
	b.fills(register.Dotted, number(register.Dotted)).click("中文").reads("与身份证上一致")
	name, _, _ := b.fieldOf("name")
	if id, _, _ := b.fieldOf("id_number"); name != register.Dotted || id != number(register.Dotted) {
		t.Errorf("the form has %q and %q", name, id)
	}
	b.offline(true)
	b.click("开始核验").at("checking").reads("连上网络后会自动继续")
	b.keepsNothing(number(register.Dotted))
	b.offline(false)
	b.at("passed").reads("姓名和身份证号只用于这一次核验")
	if n := eval[int](b, "new Set(window.uploads.map(u => JSON.parse(u).attempt_id)).size"); n != 1 {
		t.Errorf("%d attempts were made", n)
	}
	v.is("passed")
}

// Whoever was checked too often is told when it goes on.
func TestWhoeverIsCheckedTooOftenWaits(t *testing.T) {
	t.Parallel()
	for after, step := range map[string]string{"3": "waiting", "7200": "stuck"} {
		v := shared().visitor(t, byRealName("two_factor"))
		b := newTab(t, noCamera, "en")
		b.before(between)
		b.before(`const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms === 1000 ? 60 : ms, ...a)`)
		b.open(v.url)
		b.at("consent").click("Agree").at("realname")
		b.meets(rule{Path: "/v1/verify", Mode: "answer", Status: 429, After: after,
			Body: `{"type":"/problems/person-limit","title":"Too many checks for one person","detail":"Later.","attempt_used":false}`})
		b.fills(register.Collins, number(register.Collins)).click("Check now")
		b.at(step)
		if step == "stuck" {
			b.reads("Too many checks for one person", "You can try again from", "The alternative")
			v.is("consented")
			continue
		}
		b.reads("Trying again in").at("passed")
	}
}

// The keyboard alone fills in the form, and Enter sends it.
func TestD09_TheFormByKeyboardAlone(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, byRealName("two_factor"))
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("consent").tabsTo("Agree").at("realname")
	for _, text := range []string{register.Collins, number(register.Collins)} {
		b.tabsToA("INPUT")
		_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
		b.must(err)
	}
	b.do(chromedp.KeyEvent("\r"))
	b.at("passed")
	v.is("passed")
}
