package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"nod/tests/postgres"
)

// consumer is a platform's server that receives webhooks.
type consumer struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	answer http.HandlerFunc // nil: it takes everything
	got    []received
}

type received struct {
	id     string
	header http.Header
	body   []byte
}

// consumersWords is what the consumer answers; it goes nowhere.
const consumersWords = "the-consumers-own-words"

func newConsumer(t *testing.T, w *world) *consumer {
	t.Helper()
	c := &consumer{t: t}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got = append(c.got, received{r.Header.Get("webhook-id"), r.Header.Clone(), body})
		if c.answer != nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			c.answer(w, r)
		}
		_, _ = io.WriteString(w, consumersWords)
	}))
	t.Cleanup(c.Close)
	w.watch.add(consumersWords)
	w.watch.add(c.URL)
	return c
}

func (c *consumer) answers(with http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = with
}

// passesOn has every message answered by somebody else.
func (c *consumer) passesOn(to http.Handler) { c.answers(to.ServeHTTP) }

// take returns what came since it was last asked.
func (c *consumer) take() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

// verified reads a message as a platform does that trusts nothing else: with the
// specification's library and the enterprise's secrets.
func (r received) verified(t *testing.T, secrets ...string) object {
	t.Helper()
	for _, secret := range secrets {
		v, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = v.Verify(r.body, r.header)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, r.body)
		}
	}
	var message object
	if err := json.Unmarshal(r.body, &message); err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339, text(message, "timestamp")); err != nil || at.Location() != time.UTC {
		t.Errorf("the timestamp is %v", message["timestamp"])
	}
	return message
}

// hears lets the house be told at the consumer, and returns the secret.
func (h *house) hears(c *consumer) string {
	h.t.Helper()
	h.set(func(s object) { s["webhook"] = c.URL + "/hook" })
	secret := text(h.do(h.t, "GET", "/v1/webhooks/secret", h.admin, nil).ok(200), "secret")
	h.watch.add(secret)
	if again := text(h.do(h.t, "GET", "/v1/webhooks/secret", h.admin, nil).ok(200), "secret"); again != secret || !strings.HasPrefix(secret, "whsec_") {
		h.t.Errorf("the secret is %q, then %q", secret, again)
	}
	return secret
}

// message is the id of one that waits, and goes nowhere.
func (h *house) message() string {
	h.t.Helper()
	h.set(func(s object) { s["webhook"] = "https://lms.example.com/hook" })
	h.visitor().end("cancel", nil).ok(200)
	list := items(h.do(h.t, "GET", "/v1/webhooks?state=waiting&limit=200", h.admin, nil).ok(200))
	return text(list[len(list)-1], "id")
}

// told ticks, and returns the data of the messages by their types. Those about what people
// do carry the log's last checkpoint, which is taken out.
func (h *house) told(c *consumer, secret string) (types []string, data map[string]object) {
	h.t.Helper()
	h.tick(h.t)
	data = map[string]object{}
	for _, r := range c.take() {
		m := r.verified(h.t, secret)
		kind, d := text(m, "type"), m["data"].(object)
		people := kind == "session.completed" || strings.HasPrefix(kind, "consent.")
		if last, there := d["checkpoint"].(string); there != people || people && !strings.Contains(last, "/"+h.id+"\n") {
			h.t.Errorf("%s carries the checkpoint %q", kind, last)
		}
		delete(d, "checkpoint")
		types, data[kind] = append(types, kind), d
	}
	slices.Sort(types)
	return types, data
}

// only holds that a message says what it must and nothing else.
func only(t *testing.T, got, want object) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it says %v, want %v", got, want)
	}
}

func TestAPassIsDeliveredWithItsAssertion(t *testing.T) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); aPassIsDelivered(t, newWorld(t, setup{})) })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); aPassIsDelivered(t, newWorld(t, setup{db: postgres.Database(t)})) })
}

func aPassIsDelivered(t *testing.T, w *world) {
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.inSession()
	p.decide("granted").ok(201)
	if types, _ := h.told(c, secret); len(types) != 0 {
		t.Errorf("told before it ended: %v", types)
	}
	p.verify("a1").verdict("pass")
	types, data := h.told(c, secret)
	if !slices.Equal(types, []string{"session.completed"}) {
		t.Fatalf("told %v", types)
	}
	got := data["session.completed"]
	claims := p.claims(t, text(got, "assertion"))
	p.says(text(got, "assertion"), p.said(p.seen(), "pass", object{"capture": "stream", "checked_at": at(claims, "checked_at"), "checkpoint": at(claims, "checkpoint")}))
	delete(got, "assertion")
	only(t, got, object{"enterprise": p.house.id, "mode": "live", "purpose": "exam", "session": p.session, "kind": "check",
		"state": "passed", "result": "pass", "client_ref": "attempt-88121"})
	for range 2 {
		if types, _ := h.told(c, secret); len(types) != 0 {
			t.Errorf("told again: %v", types)
		}
	}
	delivered := items(h.do(t, "GET", "/v1/webhooks?state=delivered", h.admin, nil).ok(200))
	if len(delivered) != 1 || delivered[0]["about"] != p.session || delivered[0]["tries"] != 1.0 || delivered[0]["status"] != 200.0 || delivered[0]["next_at"] != nil {
		t.Errorf("listed are %v", delivered)
	}
	if list := items(h.do(t, "GET", "/v1/webhooks?state=failed", h.admin, nil).ok(200)); len(list) != 0 {
		t.Errorf("failed are %v", list)
	}
	h.do(t, "GET", "/v1/webhooks?state=late", h.admin, nil, bad).refused(422, "invalid-value")
	if rows := h.rows(); strings.Contains(rows, secret) || strings.Contains(rows, strings.TrimPrefix(secret, "whsec_")) {
		t.Error("the secret can be read in the database")
	}
}

func TestD12_AWithdrawalIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.agreed()
	p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
	types, data := h.told(c, secret)
	if !slices.Equal(types, []string{"consent.withdrawn", "session.completed"}) {
		t.Fatalf("told %v", types)
	}
	consent := text(h.recordsOf("consent.granted")[0], "id")
	only(t, data["consent.withdrawn"], object{"enterprise": h.id, "mode": "live", "purpose": "exam", "session": p.session, "consent": consent, "state": "withdrawn"})
	if v := data["session.completed"]; v["state"] != "withdrawn" || v["result"] != "not_performed" || text(p.claims(t, text(v, "assertion")), "result") != "not_performed" {
		t.Errorf("told %v", v)
	}
}

func TestD11_ALapseIsToldInTheRunThatFindsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.agreed()
	h.moreMaterial()
	types, data := h.told(c, secret)
	if !slices.Equal(types, []string{"consent.lapsed"}) {
		t.Fatalf("told %v", types)
	}
	only(t, data["consent.lapsed"], object{"enterprise": h.id, "mode": "live", "purpose": "exam", "session": p.session,
		"consent": text(h.recordsOf("consent.granted")[0], "id"), "state": "lapsed", "cause": "notice_changed"})
	w.pass(time.Hour)
	if types, data := h.told(c, secret); !slices.Equal(types, []string{"session.completed"}) || data["session.completed"]["state"] != "expired" {
		t.Errorf("after its time: %v %v", types, data)
	}
}

// A platform that is away for a day misses nothing for good.
func TestAMessageIsTriedForADayAndSentAgainWhenAskedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	c.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	h.visitor().end("cancel", nil).ok(200)
	began := w.now()
	only := func(state string) object {
		t.Helper()
		list := items(h.do(t, "GET", "/v1/webhooks", h.admin, nil).ok(200))
		if len(list) != 1 || list[0]["state"] != state {
			t.Fatalf("listed are %v, want one that is %s", list, state)
		}
		return list[0]
	}
	tries := 0
	for only("waiting"); ; tries++ {
		w.tick(t)
		w.tick(t) // too early for another try
		list := items(h.do(t, "GET", "/v1/webhooks", h.admin, nil).ok(200))
		if list[0]["tries"] != float64(tries+1) || list[0]["fault"] != "not_taken" || list[0]["status"] != 503.0 {
			t.Fatalf("after %d tries: %v", tries+1, list[0])
		}
		if list[0]["state"] == "failed" {
			break
		}
		next, err := time.Parse(time.RFC3339, text(list[0], "next_at"))
		if err != nil {
			t.Fatal(err)
		}
		w.pass(next.Sub(w.now()) + time.Second)
	}
	if lasted := w.now().Sub(began); lasted > 24*time.Hour || lasted < 18*time.Hour {
		t.Errorf("it was given up after %v", lasted)
	}
	got := c.take()
	if len(got) != tries+1 || tries < 8 || tries > 20 {
		t.Errorf("it was sent %d times", len(got))
	}
	id := text(only("failed"), "id")
	for _, r := range got {
		if r.verified(t, secret); r.id != id {
			t.Errorf("a try has the id %q, want %q", r.id, id)
		}
	}
	w.pass(48 * time.Hour)
	w.tick(t)
	if n := len(c.take()); n != 0 {
		t.Errorf("what was given up was sent %d times", n)
	}
	c.answers(nil)
	if v := h.do(t, "POST", "/v1/webhooks/"+id+"/resend", h.admin, nil).ok(200); v["state"] != "waiting" || v["tries"] != 0.0 {
		t.Errorf("resent: %v", v)
	}
	w.tick(t)
	got = c.take()
	if len(got) != 1 || got[0].id != id || text(got[0].verified(t, secret), "data", "state") != "cancelled" {
		t.Errorf("after that came %v", got)
	}
	only("delivered")
	h.do(t, "POST", "/v1/webhooks/"+nobodys+"/resend", h.admin, nil).refused(404, "not-found")
}

func TestBothSecretsSignForADayAfterARotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	before := h.hears(c)
	rotated := h.do(t, "POST", "/v1/webhooks/secret/rotate", h.admin, nil, once("k")).ok(200)
	after := text(rotated, "secret")
	w.watch.add(after)
	h.do(t, "POST", "/v1/webhooks/secret/rotate", h.admin, nil, once("k")).refused(409, "secret-shown-once")
	if now := h.do(t, "GET", "/v1/webhooks/secret", h.admin, nil).ok(200); now["secret"] != after || now["former_until"] == nil || before == after {
		t.Errorf("the secret is %v", now)
	}
	h.visitor().end("cancel", nil).ok(200)
	w.tick(t)
	c.take()[0].verified(t, before, after)
	w.pass(24 * time.Hour)
	h.visitor().end("cancel", nil).ok(200)
	w.tick(t)
	r := c.take()[0]
	r.verified(t, after)
	v, err := standardwebhooks.NewWebhook(before)
	if err != nil {
		t.Fatal(err)
	}
	if v.Verify(r.body, r.header) == nil {
		t.Error("the secret before signs after its day")
	}
	if now := h.do(t, "GET", "/v1/webhooks/secret", h.admin, nil).ok(200); now["former_until"] != nil {
		t.Errorf("the secret is %v", now)
	}
}

func TestMessagesAreListedPageByPage(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	var want []string
	for range 5 {
		want = append(want, h.message())
	}
	for _, limit := range []int{1, 2, 5, 200} {
		if got := h.pages(t, "/v1/webhooks", h.admin, limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
}

// A deletion is told as far as the platform needs it, and says nothing of the person: what
// waited of them goes without its assertion.
func TestD21_ADeletionIsToldWithoutThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.inSession()
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass") // nobody has told it yet
	refused := p.another()
	refused.do(t, "POST", "/v1/me/withdraw", refused.token, object{"purpose": "exam"}).ok(200)
	open := p.another() // starts refused
	p.deleted()
	h.tick(t)
	ended := map[string]object{}
	for _, r := range c.take() {
		m := r.verified(t, secret)
		if data := m["data"].(object); text(m, "type") == "session.completed" {
			delete(data, "checkpoint") // that is about everybody
			ended[text(data, "session")] = data
		}
	}
	for session, state := range map[string]string{p.session: "passed", refused.session: "withdrawn", open.session: "cancelled"} {
		only(t, ended[session], object{"enterprise": h.id, "mode": "live", "purpose": "exam", "session": session, "state": state})
	}
}
