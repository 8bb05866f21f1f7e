package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// A queue gives two things. First a turn, by start-time fair queuing (Goyal, Vin, Cheng,
// 1996) with the enterprises as flows: the queue's time, its round, passes about as fast as
// the vendor's allowance, divided by how many enterprises wait, so that a turn is known in
// advance, that of somebody who has left passes, and whoever comes with few people does not
// stand behind all those of a larger enterprise. Then, to whoever asks when their turn has
// come, a slot: the next time at which the vendor has room. Who comes late, or goes again,
// takes a slot as well. The round runs twice as fast as slots are given, so that there is
// always somebody to give one to, and stands still while enough are given out ahead.
const (
	aRound    = 1_000_000
	advancing = 100 * time.Millisecond // how often the row is written that all of a queue share
	ahead     = 500 * time.Millisecond // how far slots are given out before the round stands still
	held      = time.Second            // by a function, at most, until its slot comes
	pause     = 500 * time.Millisecond // when the vendor turns somebody back out of the blue
	lasting   = time.Minute            // how long slots are given after the last that was wanted
	aJump     = time.Minute            // nothing is planned so far ahead: the clock went back
)

// waiter is a session in its queue.
type waiter struct {
	*tx
	enterprise, session domain.ID
	step                time.Duration // from one slot to the next
}

// sql fills in what the statements about queues have in common: q is the queue, s the
// session. Slots are in microseconds, all else in milliseconds.
func (w *waiter) sql(query string) string {
	ms := func(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
	return strings.NewReplacer(
		"{mine}", "s.enterprise = ? AND s.id = ?", "{its}", "q.route = (SELECT s.route FROM sessions s WHERE s.enterprise = ? AND s.id = ?)",
		"{now}", w.now, "{micros}", "("+w.now+" * 1000)",
		"{round}", "(q.round + q.pace * CASE WHEN "+w.now+" > q.at THEN "+w.now+" - q.at ELSE 0 END)",
		"{advancing}", ms(advancing), "{ahead}", ms(ahead), "{held}", ms(held), "{pause}", ms(pause), "{lasting}", ms(lasting), "{jump}", ms(aJump),
		"{step}", fmt.Sprint(w.step.Microseconds()), "{aRound}", fmt.Sprint(aRound),
	).Replace(query)
}

// do queues a statement whose two arguments are the session.
func (w *waiter) do(query string) { w.exec(w.sql(query), w.enterprise, w.session) }

func (w *waiter) ask(into *int64, query string) {
	w.query(each(func(scan func(...any) error) error { return scan(into) }), w.sql(query), w.enterprise, w.session)
}

const (
	nobodyWaits = `(q.free < ({now} - {lasting}) * 1000 AND NOT EXISTS (SELECT 1 FROM lanes o WHERE o.route = q.route AND o.finish > {round}))`

	aQueue = `INSERT INTO queues (route, round, pace, at, free) SELECT s.route, 0, 1, 0, 0 FROM sessions s WHERE {mine} ON CONFLICT DO NOTHING`
	// inMotion is the queue brought up to now.
	inMotion = `UPDATE queues AS q SET round = {round},
			at = CASE WHEN q.free > ({now} + {ahead}) * 1000 AND q.free < ({now} + {jump}) * 1000 THEN q.free / 1000 - {ahead} ELSE {now} END,
			free = CASE WHEN q.free > ({now} + {jump}) * 1000 THEN {micros} ELSE q.free END,
			pace = 1 + 2 * 1000 * {aRound} / {step} / (SELECT CASE WHEN count(*) > 1 THEN count(*) ELSE 1 END FROM lanes o
				WHERE o.route = q.route AND o.finish > {round})
		WHERE {its} AND (q.at <= {now} - {advancing} OR q.at > {now} + {jump} OR q.free > ({now} + {jump}) * 1000)`
	// paused is what the vendor's own word does where there is no queue.
	paused     = `UPDATE queues AS q SET free = ({now} + {pause}) * 1000 WHERE {its} AND ` + nobodyWaits
	lastInLane = `INSERT INTO lanes (enterprise, route, finish)
		SELECT s.enterprise, s.route, {round} + {aRound} FROM sessions s JOIN queues q ON q.route = s.route WHERE {mine} AND s.turn < 0
		ON CONFLICT (enterprise, route) DO UPDATE SET finish =
			CASE WHEN lanes.finish + {aRound} > excluded.finish THEN lanes.finish + {aRound} ELSE excluded.finish END`
	turnGiven = `UPDATE sessions AS s SET turn = (SELECT l.finish - {aRound} FROM lanes l WHERE l.enterprise = s.enterprise AND l.route = s.route)
		WHERE {mine} AND s.turn < 0 AND s.route <> ''`
	// slotTaken returns in how many microseconds it comes, nothing if there is none.
	slotTaken = `UPDATE queues AS q SET free = CASE WHEN q.free > {micros} THEN q.free ELSE {micros} END + {step}
		WHERE EXISTS (SELECT 1 FROM sessions s WHERE {mine} AND s.route = q.route AND s.turn >= 0 AND s.turn <= {round})
			AND q.free <= ({now} + {held}) * 1000
		RETURNING free - {step} - {micros}`
	// whatIsLeft is how long it is until a slot is free and all turns have passed that come
	// before the session's.
	whatIsLeft = `SELECT CASE WHEN q.free > {micros} THEN (q.free - {micros}) / 1000 ELSE 0 END + (SELECT CAST(COALESCE(SUM(
				CASE WHEN o.finish < s.turn THEN o.finish ELSE s.turn END - {round}), 0) AS BIGINT) FROM lanes o
				WHERE o.route = q.route AND o.finish > {round} AND s.turn > {round}) / 1000 * {step} / {aRound}
		FROM sessions s JOIN queues q ON q.route = s.route WHERE {mine}`
)

// Turn finds out when a session may call the face API, of which rate calls are made in a
// second. Who has no turn gets one, behind all others of their enterprise. turnedBack says
// that the vendor refused their call just now: then a queue forms if there is none. See
// app.Turns.
//
// It is one round trip, waits for nobody's decision, and no decision waits for it. Turns and
// slots are not durable: who loses theirs is given others.
func (n *Tenant) Turn(ctx context.Context, session domain.ID, rate int, turnedBack bool) (app.Wait, error) {
	slot, left := int64(-1), int64(0)
	err := n.store.transact(ctx, passing, func(t *tx) error {
		// On their way, some calls come a little nearer to each other.
		w := &waiter{t, n.id, session, time.Second * 51 / 50 / time.Duration(rate)}
		w.do(aQueue)
		w.do(inMotion)
		if turnedBack {
			w.do(paused)
		}
		w.do(lastInLane)
		w.do(turnGiven)
		if slot = -1; !turnedBack {
			w.ask(&slot, slotTaken)
		}
		w.ask(&left, whatIsLeft)
		return nil
	})
	if slot >= 0 {
		return app.Wait{For: time.Duration(slot) * time.Microsecond, Called: true}, err
	}
	return app.Wait{For: time.Duration(left) * time.Millisecond}, err
}

func (n *Tenant) readQueue(t *tx, m *domain.Moment, session domain.ID) {
	w := waiter{tx: t}
	t.query(each(func(scan func(...any) error) error { return scan(&m.Queue.Open) }),
		w.sql(`SELECT NOT `+nobodyWaits+` FROM sessions s JOIN queues q ON q.route = s.route WHERE {mine}`), n.id, session)
}
