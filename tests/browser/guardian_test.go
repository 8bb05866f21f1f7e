package browser

import (
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// of asks for a session of somebody under age.
func of(group string) func(object) { return func(r object) { r["age_group"] = group } }

// guardian is the address for the guardian's own device.
func (v *visit) guardian() string {
	v.t.Helper()
	return v.call(v.t, "POST", "/v1/sessions/"+v.id+"/code", v.tenant.Integrator, object{"for": "guardian"})["page_url"].(string)
}

// answers makes the two choices that a guardian is asked for, in English.
func (b *tab) answers() *tab {
	b.t.Helper()
	return b.selects("relation", "mother").selects("reached_by", "sms")
}

// selects chooses a value in a field.
func (b *tab) selects(field, value string) *tab {
	b.t.Helper()
	b.until("the field "+field, "document.getElementById('field-"+field+"')")
	eval[bool](b, `(() => { const e = document.getElementById('field-`+field+`'); e.value = '`+value+`'
		return e.dispatchEvent(new Event('change', { bubbles: true })) })()`)
	return b
}

// A minor agrees, waits for the guardian, and goes on by themselves when both have.
func TestD23_AMinorGoesOnWhenBothHaveAgreed(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, of("minor"))
	minor, guardian := newTab(t, collins, "en"), newTab(t, noCamera, "en")
	minor.open(v.url)
	minor.at("consent").click("Agree")
	minor.at("guardian").reads("Waiting for your guardian", "sends them a link of their own", "The alternative", "You agreed on")
	minor.click("Receipt").at("receipt").reads("Receipt for your consent").click("Back").at("guardian")
	v.is("open")

	guardian.open(v.guardian())
	guardian.at("consent").click("Agree")
	guardian.reads("Please choose one of these")
	if focus := guardian.focused(); focus != "field-relation" {
		t.Errorf("the focus is on %s", focus)
	}
	guardian.selects("relation", "grandparent").click("Agree")
	guardian.until("the focus on what is missing", "document.activeElement.id === 'field-reached_by'")
	guardian.selects("reached_by", "in_person").click("中文").reads("您是怎样收到这个链接的").click("English").reads("In person")
	guardian.click("Agree").at("guardian-done").reads("Your agreement is recorded", "young person’s own device", "The check can be made now", "You can close this page")
	guardian.click("Receipt").at("receipt").reads("Receipt for your consent", "Link that withdraws").click("Back").at("guardian-done")
	minor.at("ready").shoots(inEnglish).at("passed")
	v.is("passed")
	guardian.reads("The check is over")
	if line := strings.Join(v.records(`"by":"guardian"`), "\n"); !strings.Contains(line, `"relation":"grandparent"`) || !strings.Contains(line, `"reached_by":"in_person"`) {
		t.Errorf("the log has %s", line)
	}
}

// The guardian may be first, and either of the two can say no or take a yes back.
func TestD23_EitherOfTheTwoCanSayNo(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, of("minor"))
	minor, guardian := newTab(t, noCamera, "en"), newTab(t, noCamera, "en")
	guardian.open(v.guardian())
	guardian.at("consent").answers().click("Agree").at("guardian-done").reads("has not agreed yet")
	minor.open(v.url)
	minor.at("consent").click("Refuse").at("refused").reads("You chose not to agree", "The alternative")
	guardian.at("other-refused").reads("The young person did not agree")
	minor.click("I changed my mind: show the notice").at("consent").click("Agree").at("ready")
	guardian.at("guardian-done").click("Withdraw").at("withdrawn").reads("You can close this page")
	v.is("withdrawn")

	u := shared().visitor(t, of("minor"))
	minor, guardian = newTab(t, noCamera, "en"), newTab(t, noCamera, "en")
	minor.open(u.url)
	minor.at("consent").click("Agree").at("guardian")
	guardian.open(u.guardian())
	guardian.at("consent").answers().click("Refuse").at("refused").reads("You chose not to agree")
	minor.at("guardian-refused").reads("Your guardian did not agree", "The alternative", "Back to the learning platform")
	guardian.click("I changed my mind: show the notice").at("consent").answers().click("Agree").at("guardian-done")
	minor.at("ready")
	u.is("consented")
}

// A child is told, and not asked: there is nothing to agree to, and a way to say no.
func TestD23_AChildIsToldAndNotAsked(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t, of("child"))
	child, guardian := newTab(t, collins, "en"), newTab(t, noCamera, "en")
	child.open(v.url)
	child.at("child").reads("one photo of your face is taken", "says yes or no", "We are waiting for them", "The alternative")
	if text := child.text(); strings.Contains(text, "Agree") {
		t.Errorf("a child is asked: %s", text)
	}
	child.click("I do not want this").at("child-no").reads("That is all right", "The alternative").click("中文").reads("没关系").click("English")
	child.click("Back").at("child")

	guardian.open(v.guardian())
	guardian.at("consent").answers().click("Agree").at("guardian-done").reads("The check can be made now")
	child.at("ready").reads("Your guardian said yes on", "I do not want this").shoots(inEnglish).at("passed")
	v.is("passed")

	// Also after the guardian's yes.
	u := shared().visitor(t, of("child"))
	child, guardian = newTab(t, collins, "en"), newTab(t, noCamera, "en")
	guardian.open(u.guardian())
	guardian.at("consent").answers().click("Agree").at("guardian-done")
	child.open(u.url)
	child.at("ready").click("I do not want this").at("withdrawn").reads("That is all right", "The alternative")
	guardian.at("withdrawn")
	u.is("withdrawn")

	// And where the guardian says no.
	w := shared().visitor(t, of("child"))
	child, guardian = newTab(t, collins, "en"), newTab(t, noCamera, "en")
	child.open(w.url)
	child.at("child")
	guardian.open(w.guardian())
	guardian.at("consent").answers().click("Refuse").at("refused")
	child.at("guardian-refused").reads("Your guardian said no", "The alternative")
}

// A guardian's answer that is lost on the way is got again, with what was chosen.
func TestAGuardiansAnswerThatIsLostIsGotAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, of("minor"))
	b := rigged(t, noCamera)
	b.open(v.guardian())
	b.at("consent").answers()
	b.meets(rule{Path: "/v1/consent", Mode: "lose"})
	b.click("Agree").at("offline").click("Try again").at("guardian-done")
	if grants := v.records(`"consent.granted"`); len(grants) != 1 {
		t.Errorf("%d grants", len(grants))
	}
}

// A guardian who comes too late is told what to do, which is not what their child does.
func TestAGuardianWhoComesTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, of("child"))
	b := newTab(t, noCamera, "en")
	b.expects("401")
	b.open(v.guardian())
	b.at("consent").answers()
	w.pass(16 * time.Minute)
	b.click("Agree").at("expired").reads("sends you another link", "You can close this page")
	v.is("expired")
}
