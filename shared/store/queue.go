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
// come, a slot: the next time at which the vendor has room, shortly before it comes; to those
// first who were called a while ago. Who comes late, or goes again, takes a slot as well. One
// that nobody has taken when its time comes is whoever's asks, for many leave instead of
// waiting. The round runs twice as fast as slots are given, so that there is always somebody
// to give one to, stands still while enough are given out ahead, and is slow while slots are
// taken and enough people have been called who have none.
const (
	aRound       = 1_000_000
	roundMoves   = 100 * time.Millisecond // how often it is written
	slotsAhead   = 250 * time.Millisecond // how far they are given out before the round stands still
	slotHeldFor  = 500 * time.Millisecond // how far to who is late, and how long a function waits at most
	lateAfter    = time.Second            // turns that have passed since, by the allowance
	enoughDue    = 3 * time.Second / 2    // people who have been called, by the allowance
	oneSlotIn    = time.Second            // that a session has
	dueForgotten = 10 * time.Second       // of those who were called and did not come
	queuePauses  = slotsAhead             // when the vendor turns somebody back out of the blue; the next are called all the same
	queueLasts   = time.Minute            // after somebody had to wait
	clockJumps   = 5 * time.Second        // nothing is planned so far ahead: the clock went back
	mostPassed   = 24 * time.Hour         // in one step, however long nobody came
)

// queueing fills in what the statements about queues have in common: q is the queue, w a
// session's turn; step is from one slot to the next. Slots are in microseconds, all other
// times in milliseconds.
func queueing(t *tx, step time.Duration) func(query string) string {
	ms := func(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
	us := func(d time.Duration) string { return fmt.Sprint(d.Microseconds()) }
	since := "(CASE WHEN " + t.now + " > q.at + " + ms(mostPassed) + " THEN " + ms(mostPassed) + " WHEN " + t.now + " > q.at THEN " + t.now + " - q.at ELSE 0 END)"
	turns := func(in time.Duration) string { return fmt.Sprint(int64(in) * aRound / int64(step)) }
	words := strings.NewReplacer(
		"{now}", t.now, "{micros}", "("+t.now+" * 1000)",
		"{since}", since, "{round}", "(q.round + q.pace * "+since+")",
		"{waiting}", "(SELECT CASE WHEN count(*) > 1 THEN count(*) ELSE 1 END FROM lanes o WHERE o.route = q.route AND o.finish > q.round)",
		"{slot}", "(CASE WHEN q.free > "+t.now+" * 1000 THEN q.free ELSE "+t.now+" * 1000 END)",
		"{moves}", ms(roundMoves), "{ahead}", ms(slotsAhead), "{held}", ms(slotHeldFor), "{oneIn}", ms(oneSlotIn),
		"{late}", turns(lateAfter), "{enough}", turns(enoughDue), "{forgets}", ms(dueForgotten), "{pauses}", ms(queuePauses),
		"{lasts}", ms(queueLasts), "{jump}", ms(clockJumps), "{step}", us(step), "{aRound}", fmt.Sprint(aRound),
	)
	return func(query string) string { return words.Replace(strings.ReplaceAll(query, "{due}", stillDue)) }
}

const (
	isOpen = `SELECT q.wanted > {now} - {lasts} OR EXISTS (SELECT 1 FROM lanes o WHERE o.route = q.route AND o.finish > {round})
		FROM sessions s JOIN queues q ON q.route = s.route WHERE s.enterprise = ? AND s.id = ?`

	aQueue = `INSERT INTO queues (route, round, pace, at, free, due, wanted) VALUES (?, 0, 1, {now} - {moves}, 0, 0, 0) ON CONFLICT DO NOTHING`
	// lined is the lock that everybody takes first, before those of their lane and their turn:
	// who took them in another order would wait for each other.
	lined = `SELECT 1 FROM queues q WHERE q.route = ?`
	// stillDue is how many have been called and have taken no slot, in millionths; who does not
	// come is forgotten after some time.
	stillDue = `(q.due - q.due * (CASE WHEN {since} < {forgets} THEN {since} ELSE {forgets} END) / {forgets}
			+ (SELECT CAST(COALESCE(SUM(CASE WHEN o.finish < {round} THEN o.finish ELSE {round} END - q.round), 0) AS BIGINT)
				FROM lanes o WHERE o.route = q.route AND o.finish > q.round))`
	// inMotion is the queue brought up to now. Its round is slow while many are due who have not
	// come, or found no slot; but not while slots are left, for then they have gone.
	inMotion = `UPDATE queues AS q SET round = {round},
			at = CASE WHEN q.free > ({now} + {ahead}) * 1000 AND q.free < ({now} + {jump}) * 1000 THEN q.free / 1000 - {ahead} ELSE {now} END,
			free = CASE WHEN q.free > ({now} + {jump}) * 1000 THEN {micros} ELSE q.free END,
			wanted = CASE WHEN q.wanted > {now} + {jump} THEN {now} ELSE q.wanted END,
			due = {due}, pace = 1 + CASE WHEN {due} > {enough} AND q.free > {micros} THEN 250 ELSE 2000 END * {aRound} / {step} / {waiting}
		WHERE q.route = ? AND (q.at <= {now} - {moves} OR q.at > {now} + {jump} OR q.free > ({now} + {jump}) * 1000)`
	// paused is what the vendor's own word does where there is no queue.
	paused = `UPDATE queues AS q SET free = ({now} + {pauses}) * 1000, wanted = {now}
		WHERE q.route = ? AND q.free <= {micros} AND NOT EXISTS (SELECT 1 FROM lanes o WHERE o.route = q.route AND o.finish > {round})`
	lastInLane = `INSERT INTO lanes (enterprise, route, finish)
		SELECT CAST(? AS TEXT), q.route, {round} + {aRound} FROM queues q
		WHERE q.route = ? AND NOT EXISTS (SELECT 1 FROM turns w WHERE w.enterprise = ? AND w.session = ?)
		ON CONFLICT (enterprise, route) DO UPDATE SET finish =
			CASE WHEN lanes.finish + {aRound} > excluded.finish THEN lanes.finish + {aRound} ELSE excluded.finish END`
	// turnGiven gives none to a session that has been erased meanwhile.
	turnGiven = `INSERT INTO turns (enterprise, session, turn) SELECT s.enterprise, s.id,
			(SELECT l.finish - {aRound} FROM lanes l WHERE l.enterprise = s.enterprise AND l.route = s.route)
		FROM sessions s WHERE s.enterprise = ? AND s.id = ? ON CONFLICT DO NOTHING`
	// called writes down the time of the slot that the session is given, if it is given one.
	called = `UPDATE turns AS w SET called = (SELECT {slot} / 1000 FROM queues q WHERE q.route = ?)
		WHERE w.enterprise = ? AND w.session = ? AND (w.called <= {now} - {oneIn} OR w.called > {now} + {jump})
			AND EXISTS (SELECT 1 FROM queues q WHERE q.route = ? AND (q.free <= {micros} OR w.turn <= {round}
				AND q.free <= ({now} + CASE WHEN w.turn <= {round} - {late} / {waiting} THEN {held} ELSE {ahead} END) * 1000))`
	// slotTaken takes that slot, and returns in how many microseconds it comes; nothing if there
	// is none.
	slotTaken = `UPDATE queues AS q SET free = {slot} + {step},
			due = CASE WHEN q.due > {aRound} THEN q.due - {aRound} ELSE 0 END,
			wanted = CASE WHEN q.free > ({now} + {ahead}) * 1000 THEN {now} ELSE q.wanted END
		WHERE q.route = ? AND EXISTS (SELECT 1 FROM turns w WHERE w.enterprise = ? AND w.session = ? AND w.called = {slot} / 1000)
		RETURNING free - {step} - {micros}`
	// whatIsLeft is how long it is until a slot is free and all turns have passed that come
	// before the session's.
	whatIsLeft = `SELECT CASE WHEN q.free > {micros} THEN (q.free - {micros}) / 1000 ELSE 0 END + (SELECT CAST(COALESCE(SUM(
				CASE WHEN o.finish < w.turn THEN o.finish ELSE w.turn END - {round}), 0) AS BIGINT) FROM lanes o
				WHERE o.route = q.route AND o.finish > {round} AND w.turn > {round}) / 1000 * {step} / {aRound}
		FROM queues q, turns w WHERE q.route = ? AND w.enterprise = ? AND w.session = ?`
)

// Turn finds out when a session may call the face API for a route, of which rate calls are
// made in a second. Who has no turn gets one, behind all others of their enterprise.
// turnedBack says that the vendor refused their call just now: then a queue forms if there is
// none. See app.Turns.
//
// It is one round trip, waits for nobody's decision, and no decision waits for it. Turns and
// slots are not durable: who loses theirs is given others.
func (n *Tenant) Turn(ctx context.Context, session domain.ID, route domain.Route, rate int, turnedBack bool) (app.Wait, error) {
	slot, left := int64(-1), int64(0)
	err := n.store.transact(ctx, passing, func(t *tx) error {
		// On their way, some calls come a little nearer to each other.
		sql := queueing(t, time.Second*51/50/time.Duration(rate))
		t.exec(sql(aQueue), route)
		t.query(column(new(int)), sql(lined)+t.store.engine.lock(), route)
		t.exec(sql(inMotion), route)
		if turnedBack {
			t.exec(sql(paused), route)
		}
		t.exec(sql(lastInLane), n.id, route, n.id, session)
		t.exec(sql(turnGiven), n.id, session)
		if slot = -1; !turnedBack {
			t.exec(sql(called), route, n.id, session, route)
			t.query(column(&slot), sql(slotTaken), route, n.id, session)
		}
		t.query(column(&left), sql(whatIsLeft), route, n.id, session)
		return nil
	})
	if slot >= 0 {
		return app.Wait{For: time.Duration(slot) * time.Microsecond, Called: true}, err
	}
	return app.Wait{For: time.Duration(left) * time.Millisecond}, err
}

func (n *Tenant) readQueue(t *tx, m *domain.Moment, session domain.ID) {
	t.query(column(&m.Queue.Open), queueing(t, time.Second)(isOpen), n.id, session)
}

// column scans the only column of a row, if there is one.
func column(into any) func(rows) error {
	return each(func(scan func(...any) error) error { return scan(into) })
}
