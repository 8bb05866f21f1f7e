package linear

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// client is somebody who makes one call after the other, each at the instance that
// serves them.
type client struct {
	*world
	number   int
	instance int
	seen     shown // the notice as this client saw it last; by now there may be another one
}

type shown struct {
	id, sha256 string
	version    int
}

func (w *world) client(number int) *client {
	return &client{world: w, number: number, instance: number}
}

// do makes a call and writes down when.
func (c *client) do(in asked, method, path, bearer string, body any) (*call, reply) {
	call := c.history.begin(c.number, in)
	r := c.send(c.instance, method, path, bearer, body)
	call.out.refused = r.refused()
	if r.status >= 500 && r.refused() != "busy" {
		c.t.Errorf("client %d %s: %d %v", c.number, describe(in, call.out), r.status, r.body)
	}
	return call, r
}

// open opens a session for somebody and takes it to their page; nil if there is none.
func (c *client) open(person int) *page {
	c.sessions.Lock()
	number := c.sessions.made
	c.sessions.made++
	c.sessions.Unlock()
	if number >= roomForSessions {
		c.t.Error("the book has no room for another session")
		return nil
	}
	call, r := c.do(asked{what: "open", session: number, person: person}, "POST", "/v1/sessions", c.keys["integrator"], object{
		"kind": "check", "purpose": "exam", "route": "photo", "age_group": "adult", "subject": fmt.Sprint("emp-", person),
		"resource": "exam/1", "reference": object{"photo_url": "https://lms.example.com/photo.png"},
	})
	call.out.state = r.text("state")
	c.history.end(call)
	if call.out.refused != "" {
		return nil
	}
	p := &page{number: number, person: person, id: r.text("id")}
	call, r = c.do(asked{what: "enter", session: number, person: person}, "POST", "/v1/session/open", "", object{"code": r.text("code")})
	c.history.end(call)
	if call.out.refused != "" {
		return nil
	}
	p.token = r.text("token")
	c.sessions.Lock()
	defer c.sessions.Unlock()
	c.sessions.of[person] = append(c.sessions.of[person], p)
	return p
}

// look reads the page, and remembers the notice that it shows.
func (c *client) look(p *page) {
	call, r := c.do(asked{what: "look", session: p.number, person: p.person}, "GET", "/v1/session", p.token, nil)
	call.out.state, call.out.consent.state, call.record = r.text("state"), r.text("consent", "state"), r.text("consent", "id")
	call.out.uploads, call.out.fails, call.out.version = r.number("uploads_left"), r.number("attempts_left"), r.number("notice", "version")
	_, call.out.running = r.body["retry_after"]
	c.history.end(call)
	p.over.Store(slices.Contains([]string{"passed", "failed", "withdrawn"}, call.out.state))
	c.seen = shown{r.text("notice", "id"), r.text("notice", "sha256", "zh-CN"), call.out.version}
}

// decide answers the notice that this client saw last.
func (c *client) decide(p *page, what string) {
	if c.seen.id == "" {
		c.look(p)
	}
	if c.seen.id == "" {
		return // nothing was shown
	}
	word := map[string]string{"grant": "granted", "refuse": "refused"}[what]
	call, r := c.do(asked{what: what, session: p.number, person: p.person, version: c.seen.version}, "POST", "/v1/consent", p.token, object{
		"decision": word, "notice_id": c.seen.id, "notice_sha256": c.seen.sha256, "locale": "zh-CN", "by": "self",
	})
	call.record, call.out.wrote = r.text("consent"), call.out.refused == ""
	c.history.end(call)
	if _, code, found := strings.Cut(r.text("withdraw_url"), "#w="); found {
		c.sessions.Lock()
		defer c.sessions.Unlock()
		c.sessions.receipts[p.person] = append(c.sessions.receipts[p.person], receipt{call.record, code})
	}
}

// withdrawByReceipt presents the last receipt that somebody got, or an older one.
func (c *client) withdrawByReceipt(person, older int) {
	c.sessions.Lock()
	list := c.sessions.receipts[person]
	c.sessions.Unlock()
	if len(list) == 0 {
		return
	}
	given := list[max(0, len(list)-1-older)]
	call, r := c.do(asked{what: "receipt", person: person}, "POST", "/v1/withdraw", "", object{"code": given.code})
	call.receipt, call.record, call.out.wrote = given.consent, idOf(r.text("receipt", "record")), call.out.refused == ""
	c.history.end(call)
}

func (c *client) withdraw(p *page) {
	call, r := c.do(asked{what: "withdraw", session: p.number, person: p.person}, "POST", "/v1/me/withdraw", p.token, object{})
	call.record, call.out.wrote = idOf(r.text("receipt", "record")), call.out.refused == ""
	c.history.end(call)
}

var attempts atomic.Int64

// check has somebody checked: two calls of the history, or one if the gate says no.
func (c *client) check(p *page, result string, meanwhile func()) {
	attempt := fmt.Sprint("a", attempts.Add(1))
	gate := c.history.begin(c.number, asked{what: "reserve", session: p.number, person: p.person})
	var outcome *call
	c.faces.expect(attempt, &comparison{
		result: result, meanwhile: meanwhile,
		entered: func() {
			gate.out.wrote, gate.step = true, p.id+" "+attempt+" started"
			c.history.end(gate)
		},
		returned: func() {
			outcome = c.history.begin(c.number, asked{what: "conclude", session: p.number, person: p.person, result: result})
		},
	})
	r := c.send(c.instance, "POST", "/v1/verify", p.token, object{"attempt_id": attempt, "image": picture(), "capture": "stream"})
	if r.status >= 500 && r.refused() != "busy" {
		c.t.Errorf("client %d checks: %d %v", c.number, r.status, r.body)
	}
	last := gate
	if outcome != nil {
		last = outcome
		last.out.wrote, last.step = true, p.id+" "+attempt+" outcome"
		if last.out.refused = r.refused(); last.out.refused == "" && r.text("result") != result {
			c.t.Errorf("the face API said %s, and Nod %s", result, r.text("result"))
		}
	} else if last.out.refused = r.refused(); last.out.refused == "" {
		c.t.Errorf("a check without a call of the face API was answered with %v", r.body)
	}
	p.over.Store(r.text("result") == "pass" || slices.Contains([]string{"consent-withdrawn", "session-ended", "attempts-used-up"}, last.out.refused))
	c.history.end(last)
}

// The administrator's calls.

func (c *client) publish(contact, delegation int, raised bool) {
	in := asked{what: "publish", contact: contact, delegation: delegation, on: raised}
	call, r := c.do(in, "POST", "/v1/notices", c.keys["admin"], c.draft(contact, delegation, raised))
	call.out.version = r.number("version")
	call.out.material, _ = r.body["material"].(bool)
	c.history.end(call)
}

func (c *client) revoke(delegation int) {
	call, _ := c.do(asked{what: "revoke", delegation: delegation}, "POST", "/v1/delegations/"+c.delegation[delegation]+"/revoke", c.keys["admin"], nil)
	c.history.end(call)
}

func (c *client) turnPurpose(on bool) {
	call, _ := c.do(asked{what: "purpose", on: on}, "PUT", "/v1/settings/exam", c.keys["admin"], settings(on))
	c.history.end(call)
}

func (c *client) turnFace(on bool) {
	call, _ := c.do(asked{what: "face", on: on}, "PUT", "/v1/settings", c.keys["admin"], object{"face_service": on})
	c.history.end(call)
}

// met counts what the histories met: a history that meets nothing proves nothing.
func (h *history) met(into map[string]int) {
	seen := map[string]int{}
	for _, c := range h.calls {
		what := c.in.what
		if c.out.refused != "" {
			what += ": " + c.out.refused
		}
		seen[what]++
	}
	for what, n := range maps.All(seen) {
		into[what] += n
	}
}
