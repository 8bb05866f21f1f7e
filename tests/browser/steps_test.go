package browser

import (
	"testing"
	"time"

	"nod/shared/domain"
)

// place is a step of the page that can be looked at: how one gets there.
type place struct {
	name   string
	camera scene
	// arrange brings a tab to the step. Whatever changes something for others asks for a
	// world of its own.
	arrange func(p *path)
	own     bool
}

// path is somebody on the way to a step.
type path struct {
	*tab
	w     *world
	words words
}

func (p *path) visitor(edits ...func(object)) *visit {
	p.t.Helper()
	return p.w.visitor(p.t, append([]func(object){func(r object) { r["locale"] = p.words.lang }}, edits...)...)
}

// visits opens a session's page.
func (p *path) visits(edits ...func(object)) *visit {
	p.t.Helper()
	v := p.visitor(edits...)
	p.open(v.url)
	return v
}

// begins opens a page and agrees.
func (p *path) begins() *visit {
	p.t.Helper()
	v := p.visits()
	p.agrees(p.words)
	return v
}

func (p *path) shoots() { p.t.Helper(); p.tab.shoots(p.words) }

// fakes has the browser's camera fail.
func (p *path) fakes(name string) {
	p.before(`navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('x', '` + name + `'))`)
}

// slow makes every second last a day, so that what passes by can be looked at.
const slow = `{ const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms >= 900 && ms < 6000 ? 86400000 : ms, ...a) }`

func (p *path) says(zh, en string) string {
	if p.words.lang == "en" {
		return en
	}
	return zh
}

var places = []place{
	{"consent", collins, func(p *path) { p.visits(); p.at("consent") }, false},
	{"consent-changed", collins, func(p *path) {
		v := p.begins()
		p.w.publish(p.t, func(f object) { f["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"} })
		p.open(p.w.visits(p.t, v.subject, func(r object) { r["locale"] = p.words.lang }).url)
		p.at("consent")
	}, true},
	{"consent-whole", collins, func(p *path) {
		p.visits()
		p.at("consent").click(p.says("告知事项", "The facts")).click(p.says("展开全文", "The whole text"))
	}, false},
	{"ready", collins, func(p *path) { p.begins() }, false},
	{"live", collins, func(p *path) {
		p.begins()
		p.click(p.words.open).at("live")
		p.until("the picture", "document.querySelector('video').readyState > 2 && !document.querySelector('.shutter').disabled")
	}, false},
	{"checking", collins, func(p *path) {
		p.before(`const send = window.fetch; window.fetch = (u, o) => String(u).endsWith('/v1/verify') ? new Promise(() => {}) : send(u, o)`)
		p.begins()
		p.shoots()
		p.at("checking")
	}, false},
	{"waiting", collins, func(p *path) {
		p.before(slow)
		p.w.face.answers("RequestLimitExceeded")
		p.begins()
		p.shoots()
		p.at("waiting")
	}, true},
	{"retake", nobody, func(p *path) { p.begins(); p.shoots(); p.at("retake") }, false},
	{"fail", hopper, func(p *path) { p.begins(); p.shoots(); p.at("fail") }, false},
	{"failed", hopper, func(p *path) {
		p.begins()
		p.shoots()
		p.at("fail").click(p.words.again).at("live").click(p.words.take)
		p.at("fail").click(p.words.again).at("live").click(p.words.take)
		p.at("failed")
	}, false},
	{"passed", collins, func(p *path) { p.begins(); p.shoots(); p.at("passed") }, false},
	{"refused", collins, func(p *path) { p.visits(); p.at("consent").click(p.words.refuse).at("refused") }, false},
	{"withdrawn", collins, func(p *path) { p.begins(); p.click(p.says("撤回同意", "Withdraw")).at("withdrawn") }, false},
	{"receipt", collins, func(p *path) { p.begins(); p.click(p.says("同意凭证", "Receipt")).at("receipt") }, false},
	{"consented", collins, func(p *path) { p.visits(asking); p.at("consent").click(p.words.agree).at("consented") }, false},
	{"alternative", collins, func(p *path) {
		v := p.begins()
		p.w.call(p.t, "POST", "/v1/sessions/"+v.id+"/alternative", p.w.tenant.Integrator, object{"method": "desk", "result": "pass"})
		p.shoots()
		p.at("alternative")
	}, false},
	{"cancelled", collins, func(p *path) {
		v := p.begins()
		p.w.call(p.t, "POST", "/v1/sessions/"+v.id+"/cancel", p.w.tenant.Integrator, nil)
		p.shoots()
		p.at("cancelled")
	}, false},
	{"expired", collins, func(p *path) { p.begins(); p.w.pass(time.Hour); p.shoots(); p.at("expired") }, true},
	{"short-of-time", collins, func(p *path) {
		v := p.visitor()
		p.w.pass(13 * time.Minute)
		p.open(v.url)
		p.at("consent").reads(p.says("还剩 2 分钟", "2 minutes left"))
	}, true},
	{"elsewhere", collins, func(p *path) {
		v := p.visitor()
		newTab(p.t, noCamera, "en").open(v.url)
		other := newTab(p.t, noCamera, "en")
		other.expects("409")
		other.open(v.url)
		other.at("elsewhere")
		p.open(v.url)
		p.at("elsewhere")
	}, false},
	{"broken", collins, func(p *path) { p.open(p.visitor().path()); p.at("broken") }, false},
	{"stale", collins, func(p *path) {
		v := p.visitor()
		p.w.call(p.t, "POST", "/v1/sessions/"+v.id+"/cancel", p.w.tenant.Integrator, nil)
		p.open(v.url)
		p.at("stale")
	}, false},
	{"unavailable", collins, func(p *path) {
		p.visits()
		p.at("consent")
		p.w.call(p.t, "PUT", "/v1/settings", p.w.tenant.Admin, object{"face_service": false})
		p.click(p.words.agree).at("unavailable")
	}, true},
	{"down", collins, func(p *path) {
		p.visits()
		p.at("consent")
		p.w.door.shut.Store(true)
		p.click(p.words.agree).at("down")
	}, true},
	{"offline", collins, func(p *path) { p.visits(); p.at("consent"); p.offline(true); p.click(p.words.agree).at("offline") }, false},
	{"tampered", collins, func(p *path) {
		alter := func(_ string, body []byte) []byte { return []byte(replaceOnce(string(body), "1096", "2000")) }
		p.w.door.alter.Store(&alter)
		p.visits()
		p.at("tampered")
	}, true},
	{"handover", noCamera, func(p *path) { p.begins(); p.click(p.says("用手机拍", "Use my phone")).at("handover") }, false},
	{"follow", noCamera, func(p *path) {
		p.begins()
		p.click(p.says("用手机拍", "Use my phone")).at("handover")
		phone := newTab(p.t, collins, "en")
		phone.open(p.scan())
		phone.at("ready")
		p.at("follow")
	}, false},
	{"trouble-none", noCamera, func(p *path) { p.begins(); p.click(p.words.open).at("trouble-none") }, false},
	{"trouble-denied", noCamera, func(p *path) {
		p.fakes("NotAllowedError")
		p.before("navigator.permissions.query = async () => ({ state: 'denied' })")
		p.begins()
		p.click(p.words.open).at("trouble-denied")
	}, false},
	{"trouble-blocked", noCamera, func(p *path) { p.fakes("SecurityError"); p.begins(); p.click(p.words.open).at("trouble-blocked") }, false},
	{"withdraw", noCamera, func(p *path) {
		p.begins()
		p.click(p.says("同意凭证", "Receipt")).at("receipt")
		p.open(eval[string](p.tab, "document.querySelector('a.long').href"))
		p.at("withdraw")
	}, false},
	{"test-mode", collins, func(p *path) { p.visits(); p.at("consent") }, true},
}

// everyPlace brings a tab to every step, in both languages, and looks at it there.
func everyPlace(t *testing.T, look func(t *testing.T, p *path, name string)) {
	for _, w := range []words{inEnglish, chinese} {
		for _, place := range places {
			t.Run(place.name+" "+w.lang, func(t *testing.T) {
				t.Parallel()
				world, mode := shared(), domain.Live
				if place.name == "test-mode" {
					mode = domain.Test
				}
				if place.own {
					world = newWorld(t, mode)
				}
				b := newTab(t, place.camera, w.lang)
				b.expects("Failed to load resource") // many of these steps are reached by an answer that says no
				p := &path{b, world, w}
				place.arrange(p)
				look(t, p, place.name)
			})
		}
	}
}
