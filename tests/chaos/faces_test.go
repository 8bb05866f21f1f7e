package chaos

import (
	"net/http"
	"testing"
	"time"

	"nod/tests/postgres"
	"nod/tests/told"
)

// A face API that fails and recovers, again and again: what it did not answer is told as
// what it was, and uses no attempt.
func TestTheFaceAPIFlaps(t *testing.T) {
	t.Parallel()
	s := newStage(t, postgres.Database(t), seed(t), told.Options{})
	s.comes(t, 6)
	for range 3 {
		s.crowd.Faces.Fails(func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
		s.next(t, time.Minute, told.Checked)
		s.crowd.Faces.Fails(func(http.ResponseWriter) { panic(http.ErrAbortHandler) }) // it hangs up
		s.next(t, time.Minute, told.Checked)
		s.crowd.Faces.Fails(nil)
		s.after(t, time.Now(), told.Checked)
	}
	s.holds(t)
	failed := map[string]int{}
	for _, w := range s.crowd.Book.Words() {
		if w.What == told.Checked {
			failed[w.Result]++
		}
	}
	t.Log(failed)
	if failed["face-api-down"]+failed["face-api-garbled"] == 0 || failed["pass"]+failed["fail"] == 0 {
		t.Errorf("people were told %v", failed)
	}
}
