package api

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"nod/shared/domain"
)

func TestAKeyIsToldWhoseItIs(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Test)
	for role, key := range map[string]string{"admin": h.admin, "auditor": h.auditor} {
		v := h.do(t, "GET", "/v1/key", key, nil).ok(200)
		if v["role"] != role || v["holder"] != "somebody's "+role || at(v, "enterprise", "id") != h.id ||
			at(v, "enterprise", "mode") != "test" || at(v, "enterprise", "name", "en") != "Example Learning Ltd" || at(v, "enterprise", "closed_at") != nil {
			t.Errorf("%s is told %v", role, v)
		}
	}
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	if v := h.do(t, "GET", "/v1/key", h.admin, nil).ok(200); at(v, "enterprise", "closed_at") == nil {
		t.Errorf("of a closed enterprise it says %v", v)
	}
}

// An auditor reads what the enterprise laid down, and numbers; nothing of that names anybody.
func TestAnAuditorReadsWhatAnAdministratorLaidDown(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.agreed().ask(object{"kind": "explain"})
	h.writesNothing(func() {
		for _, path := range []string{"/v1/delegations", "/v1/notices", "/v1/settings", "/v1/settings/exam", "/v1/requests",
			"/v1/stats?" + h.span(time.Hour, time.Hour), "/v1/stats/fail-rates?" + h.span(time.Hour, time.Hour), "/v1/stats/waiting"} {
			mine, theirs := h.do(t, "GET", path, h.admin, nil).ok(200), h.do(t, "GET", path, h.auditor, nil).ok(200)
			delete(mine, "server_time")
			delete(theirs, "server_time")
			if fmt.Sprint(mine) != fmt.Sprint(theirs) {
				t.Errorf("%s tells an administrator %v and an auditor %v", path, mine, theirs)
			}
		}
	})
}

func TestD19_WhoHasToBeAskedAgainIsCounted(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	h.agreed()
	waiting := func() []object { return items(h.do(t, "GET", "/v1/stats/waiting", h.admin, nil).ok(200)) }
	if list := waiting(); len(list) != 0 {
		t.Errorf("before the change %v wait", list)
	}
	h.moreMaterial()
	want := object{"purpose": "exam", "audience": "adult", "cause": "notice_changed", "people": 2.0, "more": false}
	if list := waiting(); len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(want) {
		t.Errorf("after it %v wait", list)
	}
	p.another().decide("granted").ok(201)
	if list := waiting(); len(list) != 1 || list[0]["people"] != 1.0 {
		t.Errorf("when one has decided %v wait", list)
	}
}

// outcomes writes that many into the log, as checks that ended some time ago.
func (h *house) outcomes(passed, failed int, ago time.Duration) {
	h.t.Helper()
	err := h.nod.Store.Admin(func(db *sql.DB) error {
		for i := range passed + failed {
			kind := "check.passed"
			if i < failed {
				kind = "check.failed"
			}
			_, err := db.ExecContext(h.t.Context(), `INSERT INTO records (enterprise, id, type, at, purpose, route, subject, subject_seq, leaf, line)
				VALUES (?, ?, ?, ?, 'exam', 'photo', '', 0, '', '{}')`, h.id, fmt.Sprint(kind, ago, i), kind, h.now().Add(-ago).UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestD19_AFailRateThatIsAnotherThanBeforeIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	path := "/v1/stats/fail-rates?" + h.span(24*time.Hour, 0)
	if list := items(h.do(t, "GET", path, h.admin, nil).ok(200)); len(list) != 0 {
		t.Errorf("without checks there is %v", list)
	}
	h.outcomes(190, 10, 36*time.Hour)
	h.outcomes(70, 30, 12*time.Hour)
	h.outcomes(0, 90, 72*time.Hour) // of before either time
	list := items(h.do(t, "GET", path, h.admin, nil).ok(200))
	if len(list) != 1 {
		t.Fatalf("there is %v", list)
	}
	v := list[0]
	if v["drift"] != "higher" || at(v, "now", "failed") != 30.0 || at(v, "now", "fail_rate") != 0.3 || at(v, "before", "passed") != 190.0 ||
		at(v, "before", "fail_rate") != 0.05 || at(v, "now", "low").(float64) <= at(v, "before", "high").(float64) {
		t.Errorf("it is %v", v)
	}
	if list := items(h.do(t, "GET", path, w.house(t).admin, nil).ok(200)); len(list) != 0 {
		t.Errorf("another enterprise has %v", list)
	}
	h.do(t, "GET", "/v1/stats/fail-rates?"+h.span(101*24*time.Hour, 0), h.admin, nil, bad).refused(422, "invalid-value")
}
