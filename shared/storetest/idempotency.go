package storetest

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

var idempotency = map[string]func(*testing.T, opener){
	"an answer is given again for a day":              answerGivenAgain,
	"a key belongs to who used it and for what":       keyBelongs,
	"a call that was not done leaves no answer":       noAnswerKept,
	"of two calls with one key one does the work":     oneDoesTheWork,
	"an answer is kept for every call that takes one": everyCallKeeps,
}

// onceFor makes the Once of a call whose answer is the given text.
func onceFor(key, fingerprint, answer string) *app.Once {
	return &app.Once{
		Actor: actor, Key: key, Fingerprint: fingerprint,
		Seal: func([]ledger.Entry) ([]byte, error) { return []byte(answer), nil },
	}
}

// cancelOnce is a call with an Idempotency-Key whose rule tells that it was run.
func (p *person) cancelOnce(o *app.Once) (ran bool, err error) {
	_, err = p.tenant.Update(p.t.Context(), app.By{Session: p.session}, o, func(m *domain.Moment) error {
		ran = true
		return m.Cancel()
	})
	return ran, err
}

func answerGivenAgain(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-12")
	call := func(fingerprint, answer string) (o *app.Once, ran bool) {
		t.Helper()
		o = onceFor("键 '?", fingerprint, answer)
		ran, err := p.cancelOnce(o)
		h.must(err)
		return o, ran
	}
	if o, ran := call("f", "\x00first\xff"); !ran || o.Found() {
		t.Fatalf("the first call: ran %v, %+v", ran, o)
	}
	h.clock.turn(24*time.Hour - time.Minute)
	if o, ran := call("f", "second"); ran || string(o.Stored) != "\x00first\xff" || o.Other {
		t.Fatalf("the second call: ran %v, %+v", ran, o)
	}
	if o, ran := call("another", "third"); ran || !o.Other {
		t.Fatalf("another call with that key: ran %v, %+v", ran, o)
	}
	h.clock.turn(24*time.Hour + time.Minute)
	if o, ran := call("another", ""); !ran || o.Found() {
		t.Fatalf("after a day: ran %v, %+v", ran, o)
	}
	if o, ran := call("another", "fourth"); ran || !o.Found() || len(o.Stored) != 0 {
		t.Fatalf("the replay of an empty answer: ran %v, %+v", ran, o)
	}
}

func keyBelongs(t *testing.T, open opener) {
	h := aHouse(t, open)
	mine, theirs := h.person("工号-13"), h.another().person("工号-13")
	for _, tt := range []struct {
		name string
		who  *person
		o    *app.Once
		ran  bool
	}{
		{"mine", mine, onceFor("k", "f", "1"), true},
		{"mine again", mine, onceFor("k", "f", "2"), false},
		{"another key", mine, onceFor("k2", "f", "3"), true},
		{"another enterprise's", theirs, onceFor("k", "f", "4"), true},
		{"another caller's", mine, &app.Once{Actor: store.NewID(), Key: "k", Fingerprint: "f", Seal: onceFor("", "", "5").Seal}, true},
		{"none", mine, nil, true},
	} {
		ran, err := tt.who.cancelOnce(tt.o)
		if h.must(err); ran != tt.ran {
			t.Errorf("%s: ran %v, want %v", tt.name, ran, tt.ran)
		}
	}
}

func noAnswerKept(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-14")
	fail := func(o *app.Once, answer error) error {
		_, err := p.tenant.Update(t.Context(), app.By{Session: p.session}, o, func(*domain.Moment) error { return answer })
		return err
	}
	h.refused(fail(onceFor("k", "f", "1"), domain.Refuse(domain.NoNotice)), domain.NoNotice)
	isFault(t, "an error", fail(onceFor("k", "f", "1"), errFault))
	unsealed := onceFor("k", "f", "1")
	unsealed.Seal = func([]ledger.Entry) ([]byte, error) { return nil, errFault }
	isFault(t, "an answer that cannot be sealed", fail(unsealed, nil))
	h.refused(h.tenant.Instruct(t.Context(), onceFor("k", "f", "1"), func(*domain.Charter) error {
		return domain.Refuse(domain.NoNotice)
	}), domain.NoNotice)
	if ran, err := p.cancelOnce(onceFor("k", "f", "2")); err != nil || !ran {
		t.Errorf("the repeat of a call that was not done: ran %v, %v", ran, err)
	}
}

func oneDoesTheWork(t *testing.T, open opener) {
	h := aHouse(t, open)
	instances := []*house{h, h.elsewhere()}
	for i := range h.rounds() {
		key := "k" + hashOf(string(rune(i)))
		var did atomic.Int32
		calls := []*app.Once{}
		openSession := func(at *house, name, fingerprint string) func() error {
			id := store.NewID()
			o := onceFor(key, fingerprint, string(id))
			calls = append(calls, o)
			p := &person{house: at, name: name}
			return func() error {
				_, err := at.tenant.Update(t.Context(), p.opening(), o, func(m *domain.Moment) error {
					return p.newSession(m, aRequest(), id)
				})
				if err == nil && !o.Found() {
					did.Add(1)
				}
				return err
			}
		}
		// Half of the rounds: the same request. The others: the key is used for two
		// people at once, who have no row in common.
		names := []string{"工号-a" + key, "工号-a" + key}
		prints := []string{"f", "f"}
		if i%2 == 1 {
			names[1], prints[1] = "工号-b"+key, "g"
		}
		for _, err := range race(openSession(instances[0], names[0], prints[0]), openSession(instances[1], names[1], prints[1])) {
			h.must(err)
		}
		if did.Load() != 1 {
			t.Fatalf("%d calls did the work, want one: %+v", did.Load(), calls)
		}
		loser := calls[slices.IndexFunc(calls, (*app.Once).Found)]
		if loser.Other != (i%2 == 1) {
			t.Fatalf("the other was told %+v", loser)
		}
	}
	ids, err := h.tenant.Sessions(t.Context(), app.SessionFilter{Limit: 10 * h.rounds()})
	if h.must(err); len(ids) != h.rounds() {
		t.Errorf("%d sessions were opened, want %d", len(ids), h.rounds())
	}
}

func everyCallKeeps(t *testing.T, open opener) {
	h := aHouse(t, open)
	ctx := t.Context()
	id, key, op := store.NewID(), store.NewID(), store.NewID()
	k := domain.Key{ID: op, Role: domain.Operator, Holder: "值班"}
	calls := map[string]func(o *app.Once, ran func()) error{
		"found": func(o *app.Once, ran func()) error {
			return h.store.Tenant(id).Found(ctx, o, func(c *domain.Charter) error {
				ran()
				c.Found(id, aProfile(), hashOf("profile"), actor)
				return nil
			})
		},
		"instruct": func(o *app.Once, ran func()) error {
			return h.tenant.Instruct(ctx, o, func(c *domain.Charter) error {
				ran()
				return c.AddKey(domain.Key{ID: key, Role: domain.Admin, Holder: "x"}, hashOf("x"), actor)
			})
		},
		"add operator": func(o *app.Once, ran func()) error {
			return h.store.AddOperator(ctx, k, hashOf("op"), o, func(domain.Key) { ran() })
		},
	}
	for name, call := range calls {
		for i, want := range []bool{true, false} {
			ran := false
			o := onceFor(name, "f", "answer")
			h.must(call(o, func() { ran = true }))
			if ran != want || o.Found() == want {
				t.Errorf("%s, call %d: ran %v, %+v", name, i+1, ran, o)
			}
		}
	}
	for i, want := range []bool{true, false} {
		ran := false
		h.must(h.store.RevokeOperator(ctx, op, onceFor("revoke", "f", "answer"), func(domain.Key) { ran = true }))
		if ran != want {
			t.Errorf("revoke operator, call %d: ran %v", i+1, ran)
		}
	}
}
