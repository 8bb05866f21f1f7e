package browser

import "nod/shared/face/localapi/register"

func init() { places = append(places, furtherPlaces...) }

// fills fills in the form in the path's language.
func (p *path) fills(name, number string) *tab {
	p.t.Helper()
	return p.at("realname").types(p.says("姓名", "Name"), name).types(p.says("身份证号", "ID card number"), number)
}

// agreesTo opens a session of a route of real-name checks, and agrees.
func (p *path) agreesTo(route string, edits ...func(object)) *visit {
	p.t.Helper()
	v := p.visits(append([]func(object){byRealName(route)}, edits...)...)
	p.at("consent").click(p.words.agree)
	return v
}

func (p *path) checks() *tab { p.t.Helper(); return p.click(p.says("开始核验", "Check now")) }

// guards opens the page of the guardian of somebody of an age group.
func (p *path) guards(group string) *visit {
	p.t.Helper()
	v := p.visitor(of(group))
	p.open(v.guardian())
	p.at("consent")
	return v
}

// furtherPlaces are the steps of those who are checked by name, on the vendor's page, or
// with a guardian's consent.
var furtherPlaces = []place{
	{"realname", noCamera, func(p *path) { p.agreesTo("two_factor"); p.at("realname") }, false},
	{"realname-faults", noCamera, func(p *path) {
		p.agreesTo("two_factor")
		p.fills("", "11010119900307123")
		p.checks()
		p.until("the faults", "document.activeElement.getAttribute('aria-invalid') === 'true'")
	}, false},
	{"realname-authority", noCamera, func(p *path) { p.agreesTo("authority"); p.at("realname") }, false},
	{"ready-authority", collins, func(p *path) {
		p.agreesTo("authority")
		p.fills(register.Collins, number(register.Collins)).click(p.says("继续", "Continue")).at("ready")
	}, false},
	{"ready-given", noCamera, func(p *path) { p.agreesTo("two_factor", given(register.Collins)); p.at("ready") }, false},
	{"passed-two-factor", noCamera, func(p *path) {
		p.agreesTo("two_factor")
		p.fills(register.Collins, number(register.Collins))
		p.checks().at("passed")
	}, false},
	{"fail-two-factor", noCamera, func(p *path) {
		p.agreesTo("two_factor")
		p.fills("王某某", number(register.Collins))
		p.checks().at("fail")
	}, false},
	{"cannot-answer", noCamera, func(p *path) {
		p.agreesTo("two_factor")
		p.fills(register.Unknown, number(register.Unknown))
		p.checks().at("unavailable")
	}, false},
	{"age-mismatch", noCamera, func(p *path) {
		p.agreesTo("two_factor")
		p.fills(register.Twelve, number(register.Twelve))
		p.checks().at("stuck")
	}, false},
	{"hosted", noCamera, func(p *path) { p.agreesTo("hosted", given(register.Collins)); p.at("hosted") }, false},
	{"hosted-unfinished", noCamera, func(p *path) {
		p.agreesTo("hosted", given(register.Collins))
		p.at("hosted").click(p.says("前往核验", "Go to that page"))
		p.comesOut("Give up and go back")
		p.at("unfinished")
	}, false},
	{"passed-hosted", noCamera, func(p *path) {
		p.agreesTo("hosted", given(register.Collins))
		p.at("hosted").click(p.says("前往核验", "Go to that page"))
		p.comesOut("Passed")
		p.at("passed")
	}, false},
	{"consent-guardian", noCamera, func(p *path) { p.guards("child") }, false},
	{"guardian-faults", noCamera, func(p *path) {
		p.guards("child")
		p.click(p.words.agree).until("what is missing", "document.activeElement.tagName === 'SELECT'")
	}, false},
	{"guardian-done", noCamera, func(p *path) { p.guards("child"); p.answers().click(p.words.agree).at("guardian-done") }, false},
	{"guardian-other", noCamera, func(p *path) {
		v := p.guards("minor")
		p.answers().click(p.words.agree).at("guardian-done")
		minor := newTab(p.t, noCamera, p.words.lang)
		minor.open(v.url)
		minor.at("consent").click(p.words.refuse).at("refused")
		p.at("other-refused")
	}, false},
	{"minor", noCamera, func(p *path) { p.visits(of("minor")); p.at("consent").click(p.words.agree).at("guardian") }, false},
	{"child", noCamera, func(p *path) { p.visits(of("child")); p.at("child") }, false},
	{"child-no", noCamera, func(p *path) {
		p.visits(of("child"))
		p.at("child").click(p.says("我不想这样做", "I do not want this")).at("child-no")
	}, false},
	{"child-ready", collins, func(p *path) {
		v := p.guards("child")
		p.answers().click(p.words.agree).at("guardian-done")
		p.open(v.url)
		p.at("ready")
	}, false},
	{"guardian-refused", noCamera, func(p *path) {
		v := p.visits(of("child"))
		p.at("child")
		guardian := newTab(p.t, noCamera, p.words.lang)
		guardian.open(v.guardian())
		guardian.at("consent").answers().click(p.words.refuse).at("refused")
		p.at("guardian-refused")
	}, false},
}
