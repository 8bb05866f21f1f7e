package localapi

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheStandInAllowsSoManyInAnySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &StandIn{Rate: 3, Answer: 200 * time.Millisecond}
		ask := func(want error) {
			t.Helper()
			if _, err := s.answer(t.Context()); err != want {
				t.Errorf("%v, not %v", err, want)
			}
		}
		began := time.Now()
		for range 3 { // at 0, 200 and 400 ms
			ask(nil)
		}
		if took := time.Since(began); took != 600*time.Millisecond {
			t.Errorf("three answers took %v", took)
		}
		ask(errRequestLimit) // what is turned back takes no time, and no place
		time.Sleep(399 * time.Millisecond)
		ask(errRequestLimit)
		time.Sleep(time.Millisecond)
		ask(nil)
		if in, back := s.Count(); in != 4 || back != 2 {
			t.Errorf("%d were let in and %d turned back", in, back)
		}
	})
}

func TestTheStandInStillAsksForTheSignature(t *testing.T) {
	s, err := New(Options{SecretID: "id", SecretKey: "key", StandIn: &StandIn{Rate: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if s.engine != nil {
		t.Error("the engine was unpacked for nothing")
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if in, back := s.standIn.Count(); !strings.Contains(w.Body.String(), `"Error"`) || in+back > 0 {
		t.Errorf("an unsigned call was answered %s, and counted %d times", w.Body, in+back)
	}
}
