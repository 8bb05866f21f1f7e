package storetest

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

var queues = map[string]func(*testing.T, opener){
	"a queue lets in what is allowed, in order":         queueInOrder,
	"a queue forms at the vendor's word, and dissolves": queueForms,
	"a queue is as good the next morning":               queueNextMorning,
	"everybody at once gets a time of their own":        queueAtOnce,
	"nobody takes two slots at once":                    queueTwice,
	"who has left holds nobody up":                      queueOfGhosts,
	"a queue of people without patience moves on":       queueImpatient,
	"who comes late is let in soon":                     queueLate,
	"a queue survives a clock that jumps back":          queueClockBack,
}

// waiter is somebody in a queue.
type waiter struct {
	*person
	arrives, in time.Duration // since the beginning
	leaves      int           // after having been told so often to wait; never if 0
}

// queueing gives an enterprise people who have a session and nothing else.
func (h *house) queueing(n int, prefix string) (list []*waiter) {
	for i := range n {
		list = append(list, &waiter{person: h.person(fmt.Sprint(prefix, i))})
	}
	return list
}

func (w *waiter) turn(rate int, turnedBack bool) app.Wait {
	w.t.Helper()
	wait, err := w.tenant.Turn(w.t.Context(), w.session, domain.Photo, rate, turnedBack)
	w.must(err)
	return wait
}

func (w *waiter) queue() domain.Queue {
	w.t.Helper()
	return w.moment(app.By{Session: w.session, Check: true}).Queue
}

// morning plays people who wait on a clock of its own, with a vendor that lets in so many
// within any one second. How long the database takes to answer passes for whoever asked.
type morning struct {
	*house
	rate     int
	later    time.Duration // than the real time
	began    time.Time
	asked    time.Time // the last of them, really
	agenda   agenda
	calls    []time.Duration // that the vendor let in
	refused  int
	dice     *rand.Rand
	finished []*waiter
}

func (m *morning) play(people ...*waiter) {
	m.began = time.Now().Add(m.later)
	for _, w := range people {
		m.agenda = append(m.agenda, event{w.arrives, w, false})
	}
	heap.Init(&m.agenda)
	for len(m.agenda) > 0 {
		e := heap.Pop(&m.agenda).(event)
		m.clock.turn(time.Until(m.began.Add(e.at)))
		m.asked = time.Now()
		switch {
		case e.call:
			m.call(e.at, e.who)
		case !e.who.queue().Open:
			m.call(e.at, e.who)
		default:
			m.again(e.at, e.who, e.who.turn(m.rate, false))
		}
	}
}

// call is one of the vendor.
func (m *morning) call(at time.Duration, w *waiter) {
	if n := len(m.calls) - m.rate; n >= 0 && at-m.calls[n] < time.Second-time.Millisecond {
		m.refused++
		m.again(at, w, w.turn(m.rate, true))
		return
	}
	m.calls, m.finished = append(m.calls, at), append(m.finished, w)
	w.in = at
}

// again is what a function and a page make of a wait.
func (m *morning) again(at time.Duration, w *waiter, wait app.Wait) {
	at += time.Since(m.asked)
	next := event{at + wait.For, w, wait.Called}
	if !wait.Called { // they are told whole seconds, and pages add a part of one
		told := min(max(wait.For+time.Second-1, domain.ShortestWait).Truncate(time.Second), domain.LongestWait)
		if w.leaves > 0 {
			if w.leaves--; w.leaves == 0 {
				return
			}
			told = domain.ShortestWait // they do not listen
		}
		next.at = at + told + time.Duration(m.dice.Int64N(int64(time.Second)))
	}
	heap.Push(&m.agenda, next)
}

type event struct {
	at   time.Duration
	who  *waiter
	call bool
}

type agenda []event

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(e any)        { *a = append(*a, e.(event)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// queueInOrder has people of one enterprise come three times as fast as the vendor lets them
// in, and a few of another when many wait.
func queueInOrder(t *testing.T, open opener) {
	const rate, many, few = 10, 150, 10
	h := aHouse(t, open)
	large, small := h.queueing(many, "甲-"), h.another().queueing(few, "乙-")
	for i, w := range large {
		w.arrives = time.Duration(i) * time.Second / (3 * rate)
	}
	for i, w := range small {
		w.arrives = 4*time.Second + time.Duration(i)*time.Second/4
	}
	m := &morning{house: h, rate: rate, dice: rand.New(rand.NewPCG(1, 2))}
	m.play(append(slices.Clone(large), small...)...)

	if len(m.finished) != many+few {
		t.Fatalf("%d were let in, want %d", len(m.finished), many+few)
	}
	took := m.calls[many-1] // those after them may be a few who were turned back
	if used := many / took.Seconds() / rate; used < 0.9 {
		t.Errorf("%.0f %% of the allowance were used", 100*used)
	}
	if part := float64(m.refused) / float64(m.refused+len(m.calls)); part > 0.1 {
		t.Errorf("the vendor turned back %.0f %%", 100*part)
	}
	var off, behind, worst, longest time.Duration
	for i, w := range large {
		away := (w.in - time.Duration(i+few)*time.Second/rate).Abs()
		off, worst = off+away/many, max(worst, away)
	}
	for _, w := range small {
		behind, longest = behind+(w.in-w.arrives)/few, max(longest, w.in-w.arrives)
	}
	if off > 3*time.Second {
		t.Errorf("people were let in %v away from their place in order of arrival", off)
	}
	if behind > 4*time.Second {
		t.Errorf("those of the smaller enterprise waited %v behind the larger one", behind)
	}
	if worst > 12*time.Second || longest > 10*time.Second {
		t.Errorf("somebody was let in %v away from their place, somebody of the smaller enterprise waited %v", worst, longest)
	}
	t.Logf("%v off the order (%v at most), the smaller enterprise waited %v (%v at most)", off, worst, behind, longest)
	t.Logf("%d of %d calls turned back, %v for %d people at %d a second", m.refused, m.refused+len(m.calls), took, many, rate)
}

// queueNextMorning has a crowd come to a queue that nobody was in for twelve hours.
func queueNextMorning(t *testing.T, open opener) {
	const rate, people = 10, 120
	h := aHouse(t, open)
	list := h.queueing(1+people, "员工-")
	list[0].turn(rate, true)
	for i, w := range list[1:] {
		w.arrives = time.Duration(i) * time.Second / (3 * rate)
	}
	m := &morning{house: h, rate: rate, later: 12 * time.Hour, dice: rand.New(rand.NewPCG(1, 2))}
	m.play(list[1:]...)
	var off time.Duration
	for i, w := range list[1:] {
		off += (w.in - time.Duration(i)*time.Second/rate).Abs() / people
	}
	if off > 3*time.Second {
		t.Errorf("people were let in %v away from their place in order of arrival", off)
	}
	t.Logf("%v off the order, %d turned back", off, m.refused)
}

func queueForms(t *testing.T, open opener) {
	h := aHouse(t, open)
	list := h.queueing(3, "员工-")
	if list[0].queue().Open {
		t.Fatal("a queue before anybody was turned back")
	}
	if w := list[0].turn(2, true); w.Called || w.For <= 0 {
		t.Errorf("who was turned back: %+v", w)
	}
	if !list[1].queue().Open {
		t.Error("there is no queue though somebody waits")
	}
	if w := list[1].turn(2, false); w.For < 200*time.Millisecond {
		t.Errorf("the next is called %v after", w.For)
	}
	other := h.person("走别的路")
	other.must(other.openSession(store.NewID(), withoutRoute()))
	if q := other.moment(app.By{Session: other.session, Check: true}).Queue; q.Open {
		t.Error("a session that is no check stands in a queue")
	}
	h.clock.turn(10 * time.Second)
	if w := list[2].turn(2, false); !w.Called || w.For > 0 {
		t.Errorf("when everybody was called, the next waits: %+v", w)
	}
	h.clock.turn(2 * time.Minute)
	if list[2].queue().Open {
		t.Error("the queue is open though nobody has waited for long")
	}
}

func withoutRoute() domain.SessionRequest {
	r := aRequest()
	r.Kind, r.Route, r.Reference = domain.ConsentKind, "", nil
	return r
}

// queueAtOnce has many ask at the same moment, through several instances: no two are called
// within less than a step of each other.
func queueAtOnce(t *testing.T, open opener) {
	const people, rate = 40, 20
	h := aHouse(t, open)
	at := h.crowded()
	list := h.queueing(people, "员工-")
	list[0].turn(rate, true)
	slots := make([]time.Time, people)
	var calls []func() error
	for i, w := range list {
		w := w.elsewhere(at[i%len(at)])
		calls = append(calls, func() error {
			for {
				wait, err := w.tenant.Turn(t.Context(), w.session, domain.Photo, rate, false)
				if err != nil || wait.Called {
					slots[i] = time.Now().Add(wait.For)
					return err
				}
				select {
				case <-time.After(min(wait.For, 50*time.Millisecond)):
				case <-t.Context().Done():
					return t.Context().Err()
				}
			}
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	slices.SortFunc(slots, time.Time.Compare)
	if took := slots[people-1].Sub(slots[0]); took < (people-1-rate/4)*time.Second/rate {
		t.Errorf("%d people were called within %v, at %d a second", people, took, rate)
	}
}

// queueTwice has one session ask many times at the same moment.
func queueTwice(t *testing.T, open opener) {
	h := aHouse(t, open)
	at := h.crowded()
	w := h.queueing(1, "员工-")[0]
	w.turn(50, true)
	h.clock.turn(5 * time.Second)
	var called atomic.Int32
	var calls []func() error
	for i := range 40 {
		w := w.elsewhere(at[i%len(at)])
		calls = append(calls, func() error {
			wait, err := w.tenant.Turn(t.Context(), w.session, domain.Photo, 50, false)
			if wait.Called {
				called.Add(1)
			}
			return err
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	if n := called.Load(); n != 1 {
		t.Errorf("one session was given %d slots", n)
	}
}

// queueOfGhosts is an exam that was called off: a long queue, and nobody comes.
func queueOfGhosts(t *testing.T, open opener) {
	h := aHouse(t, open)
	list := h.queueing(32, "员工-")
	list[0].turn(1, true)
	for _, w := range list[1:31] {
		w.turn(1, false)
	}
	last := list[31]
	if w := last.turn(1, false); w.Called || w.For < 20*time.Second {
		t.Fatalf("behind thirty others: %+v", w)
	}
	h.clock.turn(2 * time.Minute)
	if q := last.queue(); q.Open {
		t.Error("turns that have passed keep the queue open")
	}
	if w := last.turn(1, false); !w.Called {
		t.Errorf("when all turns have passed: %+v", w)
	}
}

// queueImpatient has three times as many come as are let in. They ask again at once instead
// of waiting, and have gone when they are told the third time.
func queueImpatient(t *testing.T, open opener) {
	const rate, lasts, asks = 10, 10, 3
	h := aHouse(t, open)
	people := h.queueing(3*rate*lasts, "员工-")
	for i, w := range people {
		w.arrives, w.leaves = time.Duration(i)*time.Second/(3*rate), asks
	}
	m := &morning{house: h, rate: rate, dice: rand.New(rand.NewPCG(1, 2))}
	m.play(people...)
	used := float64(len(m.calls)) / rate / lasts
	if t.Logf("%.0f %% were used, %d of %d turned back", 100*used, m.refused, m.refused+len(m.calls)); used < 0.9 {
		t.Error("turns of those who left kept out those who are there")
	}
	if part := float64(m.refused) / float64(m.refused+len(m.calls)); part > 0.1 {
		t.Errorf("the vendor turned back %.0f %%", 100*part)
	}
}

func queueLate(t *testing.T, open opener) {
	h := aHouse(t, open)
	list := h.queueing(8, "员工-")
	list[0].turn(1, true)
	list[1].turn(1, false)
	h.clock.turn(time.Hour)
	for _, w := range list[2:] {
		w.turn(1, false)
	}
	if w := list[1].turn(1, false); !w.Called && w.For > 8*time.Second {
		t.Errorf("who comes an hour late waits %v", w.For)
	}
}

func queueClockBack(t *testing.T, open opener) {
	h := aHouse(t, open)
	list := h.queueing(4, "员工-")
	h.clock.turn(48 * time.Hour)
	list[0].turn(1, true)
	list[1].turn(1, false)
	h.clock.turn(0)
	if w := list[2].turn(1, false); w.For > 10*time.Second {
		t.Errorf("after the clock went back, the next waits %v", w.For)
	}
	if w := list[1].turn(1, false); w.For > 10*time.Second {
		t.Errorf("after the clock went back, whoever had a turn waits %v", w.For)
	}
}
