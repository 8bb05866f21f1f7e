package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"nod/shared/domain"
)

// Poster sends one message to an address; see package webhook. What it was answered with
// is told by a word and a status, and nothing else of it goes anywhere.
type Poster interface {
	Post(ctx context.Context, url string, m Message) (fault domain.DeliveryFault, status int)
	// Rest closes what was kept open between messages.
	Rest()
}

// Message is what is sent: each of the secrets signs it.
type Message struct {
	ID      domain.ID
	Body    []byte
	Secrets []string
}

// Deliverer warns of what is near, and delivers what platforms are to be told. It may run
// twice at once and be ended at any point: what somebody claimed and did not report on is
// due again when the lease is over.
type Deliverer struct {
	Outbox     Outbox
	Charters   func(domain.ID) Charters
	Integrator Integrator // makes what is said of a session
	Poster     Poster
	Log        *slog.Logger
}

// Sent is how much was delivered.
type Sent struct {
	Warned    int // warnings written
	Delivered int
	Retried   int // tries that came to nothing, and are made again
	Failed    int // messages given up
}

func (s *Sent) add(more Sent) {
	s.Warned += more.Warned
	s.Delivered += more.Delivered
	s.Retried += more.Retried
	s.Failed += more.Failed
}

const (
	lanesAtOnce = 16
	postsAtOnce = 8 // in a lane; one, where the last try came to nothing
	// heldFor is how long a claim lasts: longer than a try and the report on it.
	heldFor = time.Minute
	// laneWithin is after how long a lane leaves the rest to the next run, however well it
	// goes: others wait for whoever works at it.
	laneWithin = 20 * time.Second
	// enterprisesAtOnce is how many are looked at for warnings in one go.
	enterprisesAtOnce = 50
)

// Warn writes the warnings that are due.
func (d Deliverer) Warn(ctx context.Context) (s Sent, err error) {
	limit := enterprisesAtOnce
	for after := domain.ID(""); ctx.Err() == nil; {
		list, next, err := d.Outbox.Outlooks(ctx, after, limit)
		switch {
		case err != nil && limit > 1:
			limit = 1 // one of them cannot be read: the others are, one by one
			continue
		case err != nil && next == "":
			return s, fmt.Errorf("warn: %w", err)
		case err != nil:
			d.left(ctx, "warn: an enterprise was left", next, err)
			list = nil
		}
		for _, o := range list {
			events := o.Warnings()
			if len(events) == 0 {
				continue
			}
			n, err := d.Outbox.Tell(ctx, o.Enterprise.ID, events)
			if err != nil && ctx.Err() == nil {
				d.left(ctx, "warn: an enterprise was left", o.Enterprise.ID, err)
			}
			s.Warned += n
		}
		if after = next; after == "" {
			break
		}
	}
	return s, nil
}

func (d Deliverer) left(ctx context.Context, what string, enterprise domain.ID, err error) {
	d.Log.LogAttrs(ctx, slog.LevelError, what, slog.String("enterprise", string(enterprise)), slog.String("error", err.Error()))
}

// Deliver sends what is due, lane by lane and several at once; those that were in trouble
// come last, so that they cost nobody else's time.
func (d Deliverer) Deliver(ctx context.Context) (s Sent, err error) {
	lanes, err := d.Outbox.Lanes(ctx)
	if err != nil {
		return s, fmt.Errorf("deliver: %w", err)
	}
	defer d.Poster.Rest()
	rand.Shuffle(len(lanes), func(i, j int) { lanes[i], lanes[j] = lanes[j], lanes[i] })
	slices.SortStableFunc(lanes, func(a, b Lane) int { return cmp.Compare(min(a.Tries, 1), min(b.Tries, 1)) })
	var mu sync.Mutex
	var workers sync.WaitGroup
	work := make(chan Lane)
	for range min(lanesAtOnce, len(lanes)) {
		workers.Go(func() {
			for l := range work {
				sent, fault := d.lane(ctx, l)
				if fault != nil && ctx.Err() == nil {
					d.left(ctx, "deliver: a lane was left", l.Enterprise, fault)
				}
				mu.Lock()
				s.add(sent)
				mu.Unlock()
			}
		})
	}
	for _, l := range lanes {
		if ctx.Err() == nil {
			work <- l
		}
	}
	close(work)
	workers.Wait()
	return s, nil
}

// lane sends what is due in one lane, until nothing is or the address does not take it:
// then the rest waits for the next run.
func (d Deliverer) lane(ctx context.Context, l Lane) (s Sent, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T\n%s", p, debug.Stack())
		}
	}()
	limit := postsAtOnce
	if l.Tries > 0 {
		limit = 1
	}
	for started := time.Now(); ctx.Err() == nil && time.Since(started) < laneWithin; {
		lease := d.Integrator.NewID()
		c, err := d.Outbox.Claim(ctx, l, lease, heldFor, limit)
		if err != nil || len(c.List) == 0 {
			return s, err
		}
		tried, trouble := d.post(ctx, l, c)
		failed, err := d.Outbox.Report(context.WithoutCancel(ctx), l, lease, tried)
		if err != nil {
			return s, err
		}
		s.add(summed(tried, failed))
		switch {
		case trouble != "" && ctx.Err() == nil:
			n, err := d.Outbox.GiveUp(ctx, l, trouble)
			s.Failed += n
			return s, err
		case len(c.List) < limit:
			return s, nil
		}
		limit = postsAtOnce
	}
	return s, nil
}

func summed(tried []Tried, failed int) (s Sent) {
	for _, t := range tried {
		if t.Fault == "" {
			s.Delivered++
		} else {
			s.Retried++
		}
	}
	s.Retried -= failed
	s.Failed = failed
	return s
}

// post sends what was claimed, all at once, and tells whether the address is in trouble.
// What was broken off because the run is over is not reported: it is due again later.
func (d Deliverer) post(ctx context.Context, l Lane, c Claimed) (tried []Tried, trouble domain.DeliveryFault) {
	secrets, err := d.secrets(ctx, l, &c)
	results := make([]Tried, len(c.List))
	var all sync.WaitGroup
	for i, x := range c.List {
		all.Go(func() {
			results[i] = Tried{ID: x.ID, Fault: domain.NotMade, Wait: domain.WaitAfter(x.Tries, rand.Float64())}
			if err == nil {
				results[i].Fault, results[i].Status = d.try(ctx, l, c, x, secrets)
			}
		})
	}
	all.Wait()
	if err != nil {
		d.Log.LogAttrs(ctx, slog.LevelError, "deliver: no secret", slog.String("enterprise", string(l.Enterprise)), slog.String("error", err.Error()))
	}
	for _, r := range results {
		if r.Fault != "" && r.Fault != domain.NotMade {
			trouble = r.Fault
		}
		if r.Fault == "" || ctx.Err() == nil {
			tried = append(tried, r)
		}
	}
	return tried, trouble
}

// try makes and sends one message. What it is about is in no log.
func (d Deliverer) try(ctx context.Context, l Lane, c Claimed, x domain.Delivery, secrets []string) (fault domain.DeliveryFault, status int) {
	defer func() {
		if p := recover(); p != nil {
			d.Log.LogAttrs(ctx, slog.LevelError, "deliver: panic", slog.String("message", string(x.ID)), slog.String("stack", string(debug.Stack())))
			fault, status = domain.NotMade, 0
		}
	}()
	url := c.Settings.Purposes[l.Purpose].Webhook
	if url == "" {
		return domain.NoWebhook, 0
	}
	body, err := d.message(ctx, l.Enterprise, c, x)
	if err != nil {
		d.Log.LogAttrs(ctx, slog.LevelError, "deliver: a message was not made", slog.String("message", string(x.ID)), slog.String("error", err.Error()))
		return domain.NotMade, 0
	}
	return d.Poster.Post(ctx, url, Message{ID: x.ID, Body: body, Secrets: secrets})
}

// secrets opens those that sign; the first time, there is none yet.
func (d Deliverer) secrets(ctx context.Context, l Lane, c *Claimed) (list []string, err error) {
	if len(c.Secret.Sealed) == 0 {
		if c.Secret, err = firstSecret(ctx, d.Charters(l.Enterprise), d.Integrator.Vault, l.Enterprise); err != nil {
			return nil, err
		}
	}
	for _, sealed := range c.Secret.Signing(c.Now) {
		secret, fault := openSecret(d.Integrator.Vault, l.Enterprise, sealed)
		err = errors.Join(err, fault)
		list = append(list, secret)
	}
	return list, err
}

// Forget deletes what ended long ago.
func (d Deliverer) Forget(ctx context.Context) (Sent, error) {
	for {
		n, err := d.Outbox.ForgetDeliveries(ctx, batch)
		if err != nil {
			return Sent{}, fmt.Errorf("forget deliveries: %w", err)
		}
		if n < batch {
			return Sent{}, nil
		}
	}
}
