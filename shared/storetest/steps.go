package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// Step is one use of a store, for tests that have something go wrong in it. What it needs
// is there by the time that Steps returns, and is its own: steps may be taken side by
// side. Call takes it through any handle, and returns what it came to; it can be called
// again once its database is as it was.
type Step struct {
	Name  string
	Reads bool          // it changes nothing
	Ahead time.Duration // how far the clock has to be turned for it
	Call  func(ctx context.Context, at *store.Store) (any, error)
}

// Steps prepares one of each of the store's uses.
func (s *Stage) Steps() []Step {
	h := s.house
	return append(append(append(h.charterSteps(), h.personSteps()...), h.timerSteps()...), h.readingSteps()...)
}

// here is the same enterprise, reached through another handle.
func (h *house) here(at *store.Store) *house {
	o := *h
	o.store, o.tenant = at, at.Tenant(h.id)
	return &o
}

// charterSteps are what operators and administrators do.
func (h *house) charterSteps() []Step {
	var key domain.Key
	h.must(h.tenant.Instruct(h.t.Context(), onceFor("before", "f", "answer"), func(c *domain.Charter) error {
		err := c.AddKey(domain.Key{ID: store.NewID(), Role: domain.Admin, Holder: "教务系统"}, hashOf("secret"), actor)
		key = *c.NewKey
		return err
	}))
	operator := domain.Key{ID: store.NewID(), Role: domain.Operator, Holder: "旧人"}
	h.must(h.store.AddOperator(h.t.Context(), operator, hashOf("old operator"), nil, func(domain.Key) {}))
	instruct := func(once string, rule func(*domain.Charter) error) func(context.Context, *store.Store) (any, error) {
		return func(ctx context.Context, at *store.Store) (any, error) {
			return nil, at.Tenant(h.id).Instruct(ctx, onceFor(once, "f", "answer"), rule)
		}
	}
	return []Step{
		{Name: "remember", Call: func(ctx context.Context, at *store.Store) (any, error) { return at.Remember(ctx, "a mark", "kept") }},
		{Name: "found", Call: func(ctx context.Context, at *store.Store) (any, error) {
			id := store.NewID()
			return nil, at.Tenant(id).Found(ctx, onceFor("found", "f", "answer"), func(c *domain.Charter) error {
				c.Found(id, aProfile(), "hash", actor)
				return nil
			})
		}},
		{Name: "add a key", Call: instruct("add", func(c *domain.Charter) error {
			return c.AddKey(domain.Key{ID: store.NewID(), Role: domain.Admin, Holder: "新人"}, hashOf("new"), actor)
		})},
		{Name: "revoke a key", Call: instruct("revoke", func(c *domain.Charter) error {
			_, err := c.RevokeKey(key.ID, actor)
			return err
		})},
		{Name: "publish a notice", Call: instruct("publish", func(c *domain.Charter) error {
			d := aDraft(h.delegation)
			d.Facts.Impact = both("影响有变", "it changed")
			n, err := c.DraftNotice(store.NewID(), d, h.noticeHashes)
			if err == nil {
				c.PublishNotice(n, actor)
			}
			return err
		})},
		{Name: "change settings", Call: instruct("settings", func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, actor) })},
		{Name: "order an export", Call: instruct("export", func(c *domain.Charter) error {
			_, err := c.Export(store.NewID(), domain.ExportRequest{From: c.Now.Add(-time.Hour), To: c.Now.Add(time.Hour), Identifiers: domain.Pseudonyms}, actor)
			return err
		})},
		{Name: "add an operator", Call: func(ctx context.Context, at *store.Store) (any, error) {
			k := domain.Key{ID: store.NewID(), Role: domain.Operator, Holder: "值班"}
			return nil, at.AddOperator(ctx, k, hashOf("operator"), onceFor("operator", "f", "answer"), func(domain.Key) {})
		}},
		{Name: "revoke an operator", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return nil, at.RevokeOperator(ctx, operator.ID, nil, func(domain.Key) {})
		}},
	}
}

// personSteps are what people do, and what is done about them.
func (h *house) personSteps() []Step {
	on := func(by app.By, rule func(*domain.Moment) error) func(context.Context, *store.Store) (any, error) {
		return func(ctx context.Context, at *store.Store) (any, error) {
			entries, err := at.Tenant(h.id).Update(ctx, by, nil, rule)
			return len(entries), err
		}
	}
	session := func(p *person) app.By { return app.By{Session: p.session} }
	asks, refuses, grants := h.person("问"), h.person("拒"), h.person("同")
	reserves, concludes, withdraws, cancels := h.consenting("约"), h.consenting("结"), h.consenting("撤"), h.person("消")
	_, _, err := concludes.reserve("a")
	h.must(err)
	leaves := h.consenting("删")
	h.must(leaves.check("a", passed))
	h.must(leaves.openMe())
	asked := leaves.ask(aRequestOf(domain.AskDelete))
	proven := aRequestOf(domain.AskCopy)
	proven.HasProof, proven.Proof = true, []byte("\x00proof\xff")
	goes := h.person("走")
	gone := goes.pseudonym()
	queues, called := h.consenting("排"), h.consenting("到")
	return []Step{
		{Name: "open a session", Call: func(ctx context.Context, at *store.Store) (any, error) {
			p := &person{house: h.here(at), name: "来"}
			_, err := p.tenant.Update(ctx, p.opening(), onceFor("open", "f", "answer"), func(m *domain.Moment) error {
				return p.newSession(m, aRequest(), store.NewID())
			})
			return nil, err
		}},
		{Name: "grant", Call: on(session(grants), grants.deciding(domain.Granted))},
		{Name: "refuse", Call: on(session(refuses), refuses.deciding(domain.Declined))},
		{Name: "reserve", Call: on(session(reserves), func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("a")); return err })},
		{Name: "take a turn", Call: func(ctx context.Context, at *store.Store) (any, error) {
			_, err := at.Tenant(h.id).Turn(ctx, queues.session, domain.Photo, 50, true)
			return nil, err
		}},
		{Name: "reserve in a queue", Call: on(app.By{Session: called.session, Check: true}, func(m *domain.Moment) error {
			m.Queue.Called = true
			_, _, err := m.Reserve(aCheck("a"))
			return err
		})},
		{Name: "conclude", Call: on(session(concludes), func(m *domain.Moment) error { return m.Conclude("a", passed) })},
		{Name: "withdraw", Call: on(app.By{Session: withdraws.session, Agreed: true}, func(m *domain.Moment) error { return m.Withdraw("session") })},
		{Name: "cancel", Call: func(ctx context.Context, at *store.Store) (any, error) {
			o := onceFor("cancel", "f", "answer")
			_, err := at.Tenant(h.id).Update(ctx, session(cancels), o, (*domain.Moment).Cancel)
			return o.Found(), err
		}},
		{Name: "ask", Call: on(app.By{Session: asks.session, Requests: true}, func(m *domain.Moment) error { _, err := m.Ask(proven); return err })},
		{Name: "answer", Ahead: time.Second, Call: on(app.By{Request: asked.ID}, func(m *domain.Moment) error {
			return m.Answer(domain.Resolution{Outcome: domain.RequestDone}, []byte("\x00answer\xff"), actor)
		})},
		{Name: "keep", Ahead: 400 * day, Call: func(ctx context.Context, at *store.Store) (any, error) {
			var erased bool
			err := at.Tenant(h.id).Keep(ctx, gone, func(k *domain.Keeping) error { k.Release(); erased = k.Erased; return nil })
			return erased, err
		}},
		{Name: "look at accesses", Call: func(ctx context.Context, at *store.Store) (any, error) {
			from, to := h.allDay()
			lines, keys, err := at.Tenant(h.id).Accesses(ctx, app.AccessFilter{From: from, To: to, Limit: 10},
				func(c *domain.Charter) { c.ReadAccesses(from, to, actor) })
			return []int{len(lines), len(keys)}, err
		}},
	}
}

// timerSteps are what the timers do.
func (h *house) timerSteps() []Step {
	o := h.another() // whose log and exports are nobody else's here
	o.must(o.consenting("记").check("a", passed))
	_, err := o.tenant.Place(h.t.Context(), 1000)
	h.must(err)
	l, err := o.tenant.Log(h.t.Context())
	h.must(err)
	stamped := h.another()
	h.must(second(stamped.tenant.Place(h.t.Context(), 1000)))
	h.must(stamped.tenant.Published(h.t.Context(), 1, "a checkpoint", "keys"))

	worked := h.another()
	h.must(worked.instruct(func(c *domain.Charter) error {
		_, err := c.Export(store.NewID(), domain.ExportRequest{From: c.Now.Add(-time.Hour), To: c.Now, Identifiers: domain.Pseudonyms}, actor)
		return err
	}))
	job, found, err := h.store.ClaimExport(h.t.Context(), store.NewID(), time.Hour)
	if h.must(err); !found {
		h.t.Fatal("the export that was ordered is not due")
	}
	job.Export.State = domain.ExportReady
	h.must(worked.instruct(func(c *domain.Charter) error { // one more, to be claimed
		_, err := c.Export(store.NewID(), domain.ExportRequest{From: c.Now.Add(-time.Hour), To: c.Now, Identifiers: domain.Pseudonyms}, actor)
		return err
	}))

	told, claimed := h.another(), h.another()
	told.tell(told.event(1), told.event(2))
	claimed.tell(claimed.event(1), claimed.event(2))
	lease, c := claimed.claim(10)
	return []Step{
		{Name: "place", Call: func(ctx context.Context, at *store.Store) (any, error) { return at.Tenant(h.id).Place(ctx, 7) }},
		{Name: "published", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return nil, at.Tenant(o.id).Published(ctx, l.Size, "a checkpoint", "keys")
		}},
		{Name: "claim an unstamped log", Call: func(ctx context.Context, at *store.Store) (any, error) {
			u, found, err := at.ClaimUnstamped(ctx, time.Minute)
			return []any{u.Size, found}, err
		}},
		{Name: "keep a timestamp", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return nil, at.KeepTimestamp(ctx, stamped.id, app.Timestamp{Size: 1, Checkpoint: "a checkpoint", TSR: []byte{1}}, time.Hour)
		}},
		{Name: "claim an export", Call: func(ctx context.Context, at *store.Store) (any, error) {
			j, found, err := at.ClaimExport(ctx, store.NewID(), time.Minute)
			return []any{j.Export.State, found}, err
		}},
		{Name: "save an export", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return at.SaveExport(ctx, job, app.ExportNext{Tell: true, At: job.Now.Add(time.Hour)})
		}},
		{Name: "tell", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return at.Tell(ctx, told.id, []*domain.Event{told.event(3), told.event(4)})
		}},
		{Name: "claim messages", Call: func(ctx context.Context, at *store.Store) (any, error) {
			c, err := at.Claim(ctx, told.lane(), store.NewID(), time.Minute, 10)
			return len(c.List), err
		}},
		{Name: "report messages", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return at.Report(ctx, claimed.lane(), lease, []app.Tried{{ID: c.List[0].ID, Status: 200},
				{ID: c.List[1].ID, Fault: domain.DeliveryFault("status"), Status: 500, Wait: 48 * time.Hour}})
		}},
		{Name: "give messages up", Ahead: 72 * time.Hour, Call: func(ctx context.Context, at *store.Store) (any, error) {
			return at.GiveUp(ctx, told.lane(), domain.DeliveryFault("status"))
		}},
		{Name: "send a message again", Call: func(ctx context.Context, at *store.Store) (any, error) {
			return nil, at.Tenant(claimed.id).Resend(ctx, c.List[0].ID, onceFor("resend", "f", "answer"), func(domain.Delivery) {})
		}},
		{Name: "forget answers", Ahead: 48 * time.Hour, Call: func(ctx context.Context, at *store.Store) (any, error) { return at.ForgetAnswers(ctx, 100) }},
	}
}

func second[T any](_ T, err error) error { return err }

// readingSteps change nothing.
func (h *house) readingSteps() []Step {
	p := h.consenting("读")
	h.must(p.check("a", passed))
	from, to := h.allDay()
	return []Step{
		{Name: "read a charter", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			c, err := at.Tenant(h.id).Charter(ctx)
			if err != nil {
				return nil, err
			}
			return fmt.Sprint(len(c.Notices), len(c.Delegations), len(c.Keys), len(c.LastExports)), nil
		}},
		{Name: "read a session", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			m, err := at.Tenant(h.id).Moment(ctx, app.By{Session: p.session, Text: true, Agreed: true, Requests: true})
			if err != nil {
				return nil, err
			}
			return fmt.Sprint(len(m.Attempts), len(m.Agreed), len(m.History), m.Session.State), nil
		}},
		{Name: "read what is held", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			x, err := at.Tenant(h.id).Held(ctx, p.session)
			if err != nil {
				return nil, err
			}
			return fmt.Sprint(len(x.Consents), len(x.Sessions), len(x.Checks), len(x.Notices)), nil
		}},
		{Name: "read statistics", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			c, err := at.Tenant(h.id).Counted(ctx, from, to)
			if err != nil {
				return nil, err
			}
			return fmt.Sprint(c.Checked, len(c.BecameOverdue)), nil
		}},
		{Name: "read lines", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			lines, err := at.Tenant(h.id).Records(ctx, p.pseudonym(), "", 100)
			return len(lines), err
		}},
		{Name: "find a key", Reads: true, Call: func(ctx context.Context, at *store.Store) (any, error) {
			k, err := at.KeyBySecret(ctx, h.id, hashOf("secret"))
			return k.Holder, err
		}},
	}
}

// Admin lends the database to a test.
func (s *Stage) Admin(use func(*sql.DB) error) {
	s.house.t.Helper()
	s.house.must(s.house.store.Admin(use))
}
