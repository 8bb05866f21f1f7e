package browser

import (
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/face/localapi/register"
)

// loses has Nod lose a file of the page from now on; nothing brings it back.
func (w *world) loses(file string) { w.door.loses.Store(&file) }

const nothing = "\x00"

// loaded are the page's files that a tab has got.
func (b *tab) loaded() string {
	b.t.Helper()
	return eval[string](b, "performance.getEntriesByType('resource').map(e => e.name.split('/').pop()).join(' ')")
}

// Nobody loads what they do not need: another language, or a camera before agreeing.
func TestThePageLoadsWhatAPersonNeeds(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent")
	for _, file := range []string{"zh-CN.js", "camera.js", "check.js", "withdraw.js"} {
		if strings.Contains(b.loaded(), file) {
			t.Errorf("%s is loaded before it is needed", file)
		}
	}
	b.agrees(inEnglish)
	if got := b.loaded(); !strings.Contains(got, "camera.js") || strings.Contains(got, "zh-CN.js") {
		t.Errorf("it has loaded %s", got)
	}
	b.click("中文").reads("您已于")
}

// Nor is anything lost that was typed.
func TestWhatWasTypedOutlastsAPartThatDoesNotCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, collins, "en")
	b.expects("503")
	b.open(w.visitor(t, byRealName("authority")).url)
	b.at("consent").click("Agree")
	b.fills(register.Collins, number(register.Collins))
	w.loses("/realname.zh-CN.js")
	b.click("中文").reads("The service cannot be reached").at("realname")
	if text, _, _ := b.fieldOf("id_number"); text != number(register.Collins) {
		t.Errorf("the form has %q", text)
	}
	w.loses("/camera.js")
	b.click("Continue").at("down").reads("This is not your doing")
	w.loses(nothing)
	b.click("Try again").at("ready").shoots(inEnglish).at("passed")
}

// A part of the page that does not come is a fault like any other: it is said, nothing is
// lost, and the next try gets it.
func TestAPartThatDoesNotComeIsGotAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.expects("503")
	w.loses("/en.js")
	b.before("const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms === 3000 ? 50 : ms, ...a)")
	b.open(v.url)
	b.until("the second try for a language", "performance.getEntriesByType('resource').filter(e => e.name.includes('en.js')).length > 1")
	w.loses(nothing)
	b.at("consent")

	w.loses("/camera.js")
	b.click("Agree").at("down").reads("This is not your doing", "The alternative")
	w.loses(nothing)
	b.click("Try again").at("ready")
	v.is("consented")

	w.loses("/zh-CN.js")
	b.click("中文").reads("The service cannot be reached").at("ready")
	w.loses(nothing)
	b.click("中文").reads("您已于")
	b.shoots(chinese).at("passed")
}
