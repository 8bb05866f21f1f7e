package deploy

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"nod/tests/wire"
)

// What a call of a person may take of round trips to PostgreSQL, see docs/decisions.md.
const (
	mostOfACheck    = 6
	mostOfADecision = 5
)

// BenchmarkRoundTrips counts them on the way between the built functions and PostgreSQL: all
// that a call takes, from who asks to what is answered.
func BenchmarkRoundTrips(b *testing.B) {
	c := newCloud(b, "lambda")
	tenant := c.enterprise()
	p := wire.To(b, c.values["NOD_DB"])
	for _, function := range []string{"consent", "verify"} {
		cmd := c.command(function)
		cmd.Env = slices.DeleteFunc(cmd.Env, func(s string) bool { return strings.HasPrefix(s, "NOD_DB=") })
		cmd.Env = append(cmd.Env, "NOD_DB="+p.DSN)
		c.start(function, cmd)
	}
	var decision, check int64
	for n := 0; n == 0 || b.Loop(); n++ {
		if n == 1 { // by now all statements are prepared, which is once for a connection
			decision, check = 0, 0
		}
		v := c.visit(tenant, "emp-"+strconv.Itoa(n)+"-pass")
		notice := v.call("GET", "/v1/session", v.token, nil)["notice"].(object)
		decision = max(decision, p.Count(func() {
			v.call("POST", "/v1/consent", v.token, object{"decision": "granted", "notice_id": notice["id"],
				"notice_sha256": notice["sha256"].(object)["en"], "locale": "en", "by": "self"})
		}))
		check = max(check, p.Count(func() { v.checked("a1", "pass") }))
	}
	b.ReportMetric(float64(decision), "trips-of-a-decision")
	b.ReportMetric(float64(check), "trips-of-a-check")
	if decision == 0 || decision > mostOfADecision || check == 0 || check > mostOfACheck {
		b.Errorf("a decision takes %d round trips and a check %d; %d and %d are allowed", decision, check, mostOfADecision, mostOfACheck)
	}
}
