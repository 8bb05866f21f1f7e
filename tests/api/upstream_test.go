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
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	rows := codesPage(t)
	if len(rows) < 100 {
		t.Fatalf("the page has %d codes", len(rows))
	}
	for _, row := range rows {
		r := h.meets(t, row)
		if row.status == http.StatusOK {
			if got := strings.TrimSpace(string(r.body)); r.status != row.status || got != row.answer {
				t.Errorf("%s %s: %d %s, want %s", row.action, row.code, r.status, got, row.answer)
			}
			continue
		}
		r.notCounted(row.status, strings.TrimPrefix(row.answer, "/problems/"))
	}
}

// meets has the vendor answer a check with the code.
func (h *house) meets(t *testing.T, row documented) reply {
	t.Helper()
	who := grownUp()
	switch row.action {
	case "IdCardVerification":
		h.vendor.tell(who.number, resulted(row.code))
		p := h.registering(t, "two_factor", who.reference())
		return p.do(t, "POST", "/v1/verify", p.token, object{"attempt_id": "a1"})
	case "ImageRecognitionV2":
		answer := resulted(row.code)
		if row.code == "Success" {
			answer = similar(70)
		}
		h.vendor.tell(who.number, answer)
		p := h.registering(t, "authority", who.reference())
		return p.do(t, "POST", "/v1/verify", p.token, picture("a1"))
	case "GetDetectInfoEnhanced":
		code, err := strconv.Atoi(row.code)
		if err != nil {
			t.Fatal(err)
		}
		h.vendor.tell("visit-of-"+who.number, visited(code))
		p := h.registering(t, "hosted", who.reference())
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
		return p.do(t, "POST", "/v1/hosted/result", p.token, nil)
	}
	p := h.person()
	p.t = t
	p.open()
	p.decide("granted").ok(201)
	h.vendor.tell(p.photo, errorCode(row.code))
	if strings.Contains(row.answer, "hosted") { // an error of the vendor's page
		p = h.registering(t, "hosted", who.reference())
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
		h.vendor.tell("visit-of-"+who.number, errorCode(row.code))
		return p.do(t, "POST", "/v1/hosted/result", p.token, nil)
	}
	return p.verify("a1")
}
