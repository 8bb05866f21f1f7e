package api

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"
)

// When the vendor has turned somebody back, the others wait in a queue: whoever it is not the
// turn of is told when to come, reaches nobody, and loses nothing. All are checked in the end.
func TestWhoeverWaitsIsCalled(t *testing.T) {
	t.Parallel()
	const people = 8
	w := newWorld(t, setup{faceRate: 3})
	h := w.house(t)
	first := h.agreed()
	first.vendor.tell(first.photo, errorCode("RequestLimitExceeded"))
	var waiting []*person
	for range people {
		waiting = append(waiting, h.agreed())
	}
	first.verify("a1").notCounted(429, "face-api-busy")
	first.vendor.tell(first.photo, score(100))
	waiting = append(waiting, first)

	told := 0
	for round := 0; len(waiting) > 0; round++ {
		if round == 3*people {
			t.Fatalf("after %d rounds %d still wait", round, len(waiting))
		}
		answers := make([]reply, len(waiting))
		var all sync.WaitGroup
		for i, p := range waiting {
			all.Go(func() { answers[i] = p.verify(fmt.Sprint("round-", round)) })
		}
		all.Wait()
		var left []*person
		for i, p := range waiting {
			if answers[i].status == 200 {
				answers[i].verdict("pass")
				continue
			}
			answers[i].notCounted(429, "face-api-busy")
			if after, err := strconv.Atoi(answers[i].header.Get("Retry-After")); err != nil || after < 1 || after > people {
				t.Errorf("told to come after %q", answers[i].header.Get("Retry-After"))
			}
			told++
			if p != first {
				p.asked(0)
			}
			p.left(3, 10)
			left = append(left, p)
		}
		if round == 0 && len(left) < people/2 {
			t.Errorf("of %d who came at once, %d were told to wait, at three a second", people+1, len(left))
		}
		waiting = left
		w.pass(time.Second)
	}
	t.Logf("%d were told to wait", told)
}
