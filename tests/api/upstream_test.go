package api

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nod/shared/domain"
)

// documented is one row of docs/face-api-codes.md: what a code of the vendor's is answered
// with. status is 200 where the answer is a verdict.
type documented struct {
	action, code, answer string
	status               int
}

// codesPage is the rows of the page; the action is empty for the errors of every call.
func codesPage(t *testing.T) (rows []documented) {
	t.Helper()
	page, err := os.ReadFile("../../docs/face-api-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| `([^`]+)` \\| `([^`]+)` \\| (\\d+) \\|")
	action := ""
	for line := range strings.Lines(string(page)) {
		if heading, found := strings.CutPrefix(line, "## "); found {
			action = strings.TrimSpace(heading)
		}
		if m := row.FindStringSubmatch(line); m != nil {
			status, _ := strconv.Atoi(m[3]) // the pattern is of digits
			rows = append(rows, documented{action, strings.Replace(m[1], ".*", ".SomethingNew", 1), m[2], status})
		}
	}
	return rows
}

// The page says what a person meets: every code that the vendor has is sent to a whole
// Nod, by the call that it belongs to.
func TestEveryUpstreamCodeIsAnsweredAsItsPageSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{nobodyWaits: true})
	h := w.registry(t, domain.Live)
	rows := codesPage(t)
	if len(rows) < 100 {
		t.Fatalf("the page has %d codes", len(rows))
	}
	asked := map[string]*person{} // by action: one session is asked a few times before the next
	for n, row := range rows {
		r := h.meets(t, row, asked, strconv.Itoa(n))
		if row.status == http.StatusOK {
			if got := strings.TrimSpace(string(r.body)); r.status != row.status || got != row.answer {
				t.Errorf("%s %s: %d %s, want %s", row.action, row.code, r.status, got, row.answer)
			}
			delete(asked, row.action) // it may be over
			continue
		}
		r.notCounted(row.status, strings.TrimPrefix(row.answer, "/problems/"))
	}
}

// meets has the vendor answer a check with the code.
func (h *house) meets(t *testing.T, row documented, asked map[string]*person, attempt string) reply {
	t.Helper()
	action := row.action
	if action == "" && strings.Contains(row.answer, "hosted") { // an error of the vendor's page
		action = "GetDetectInfoEnhanced"
	}
	p := asked[action]
	if p == nil || p.look()["uploads_left"] == float64(0) {
		p = h.asking(t, action)
		asked[action] = p
	}
	answer, about := resulted(row.code), p.who.number
	switch {
	case row.action == "":
		answer, about = errorCode(row.code), p.photo
		if action != "" {
			about = "visit-of-" + p.who.number
		}
	case row.code == "Success":
		answer = similar(70)
	case action == "GetDetectInfoEnhanced":
		code, err := strconv.Atoi(row.code)
		if err != nil {
			t.Fatal(err)
		}
		answer, about = visited(code), "visit-of-"+p.who.number
	}
	h.vendor.tell(about, answer)
	switch action {
	case "IdCardVerification":
		return p.do(t, "POST", "/v1/verify", p.token, object{"attempt_id": attempt})
	case "GetDetectInfoEnhanced":
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
		return p.do(t, "POST", "/v1/hosted/result", p.token, nil)
	}
	return p.do(t, "POST", "/v1/verify", p.token, picture(attempt))
}

// asking is somebody in a session of the route that makes the call.
func (h *house) asking(t *testing.T, action string) *person {
	t.Helper()
	route := map[string]string{"IdCardVerification": "two_factor", "ImageRecognitionV2": "authority", "GetDetectInfoEnhanced": "hosted"}[action]
	if route != "" {
		who := grownUp()
		p := h.registering(t, route, who.reference())
		p.who = who
		return p
	}
	p := h.person()
	p.t = t
	p.open()
	p.decide("granted").ok(201)
	return p
}
