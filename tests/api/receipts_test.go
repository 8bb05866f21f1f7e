package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// lines are the log as it is stored, oldest first.
func (h *house) lines() []string {
	h.t.Helper()
	lines, err := h.nod.Store.Tenant(domain.ID(h.id)).Records(h.t.Context(), "", "", 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	return lines
}

// leaf is docs/records.md's leaf hash, worked out here by hand.
func leaf(line string) string {
	sum := sha256.Sum256([]byte("\x00" + line))
	return hex.EncodeToString(sum[:])
}

// commitment is docs/records.md's commitment, worked out here by hand.
func commitment(t *testing.T, opening, enterprise, subject string) string {
	t.Helper()
	salt, err := hex.DecodeString(opening)
	if err != nil || len(salt) != 32 {
		t.Fatalf("the opening is %q", opening)
	}
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(enterprise + "\n" + subject))
	return hex.EncodeToString(mac.Sum(nil))
}

// proves checks that a receipt proves, by itself, what the log has, and returns the
// Record in it.
func (p *person) proves(receipt object, event string) (record object) {
	p.t.Helper()
	line := text(receipt, "record")
	if !slices.Contains(p.lines(), line) {
		p.t.Fatalf("the log does not have the line %s", line)
	}
	if receipt["leaf_hash"] != leaf(line) {
		p.t.Errorf("the leaf hash is %v, want %s", receipt["leaf_hash"], leaf(line))
	}
	if err := json.Unmarshal([]byte(line), &record); err != nil {
		p.t.Fatal(err)
	}
	opened := commitment(p.t, text(receipt, "opening"), p.house.id, p.subject)
	stranger := commitment(p.t, text(receipt, "opening"), p.house.id, p.subject+"1")
	if record["subject_commitment"] != opened || record["subject_commitment"] == stranger {
		p.t.Errorf("the commitment is %v, opened it is %s", record["subject_commitment"], opened)
	}
	for field, want := range map[string]any{"type": event, "enterprise": p.house.id, "at": receipt["at"], "purpose": receipt["purpose"]} {
		if record[field] != want {
			p.t.Errorf("the Record's %s is %v, want %v", field, record[field], want)
		}
	}
	for _, field := range []string{"notice", "delegation"} {
		for name, value := range record[field].(object) {
			if at(receipt, field, name) != value {
				p.t.Errorf("the receipt's %s.%s is %v, the Record's %v", field, name, at(receipt, field, name), value)
			}
		}
	}
	if receipt["event"] != event || text(receipt, "enterprise", "id") != p.house.id || len(receipt["routes"].([]any)) != 1 {
		p.t.Errorf("the receipt is %v", receipt)
	}
	if kinds, want := events(p.documents(receipt)), eventsOf[event]; !slices.Equal(kinds, want) {
		p.t.Errorf("the document tells of %v, want %v", kinds, want)
	}
	return record
}

var eventsOf = map[string][]string{
	"consent.granted":   {"dpv:ConsentGiven"},
	"consent.withdrawn": {"dpv:ConsentGiven", "dpv:ConsentWithdrawn"},
}

// code is what a receipt's link withdraws with.
func code(receipt object) string {
	_, code, _ := strings.Cut(text(receipt, "withdraw_url"), "#w=")
	return code
}

func TestAReceiptProvesTheGrant(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	shown := p.look()
	made := p.decide("granted").ok(201)
	receipt := made["receipt"].(object)
	record := p.proves(receipt, "consent.granted")
	if record["id"] != made["consent"] || made["leaf_hash"] != receipt["leaf_hash"] || made["withdraw_url"] != receipt["withdraw_url"] {
		t.Errorf("the answer and the receipt differ: %v", made)
	}
	if receipt["title"] != text(shown, "notice", "contents", "zh-CN", "title") || receipt["agreed"] != text(shown, "notice", "contents", "zh-CN", "agree") {
		t.Errorf("the receipt says %v, %v", receipt["title"], receipt["agreed"])
	}
	if until := instant(t, receipt, "until"); record["until"] != receipt["until"] ||
		!until.Equal(instant(t, record, "at").Add(365*24*time.Hour).Truncate(time.Second)) {
		t.Errorf("the consent ends at %v, in the Record at %v", until, record["until"])
	}
	if record["by"] != "self" || record["session"] != p.session || record["mode"] != "live" {
		t.Errorf("the Record is %v", record)
	}
}

// Every grant has a salt of its own: two of one person cannot be told to be theirs
// by their commitments.
func TestOpeningsAreOfOneConsent(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	first := p.decide("granted").ok(201)["receipt"].(object)
	p.decide("refused").ok(201)
	second := p.decide("granted").ok(201)["receipt"].(object)
	if first["opening"] == second["opening"] || first["withdraw_url"] == second["withdraw_url"] {
		t.Error("two grants share a secret")
	}
	seen := map[any]bool{}
	for _, r := range h.recordsOf("consent.") {
		if seen[r["subject_commitment"]] {
			t.Errorf("a commitment stands twice in the log: %v", r)
		}
		seen[r["subject_commitment"]] = true
	}
}

func TestAReceiptProvesTheWithdrawal(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for via, withdraw := range map[string]func(p *person, receipt object) object{
		"session": func(p *person, _ object) object {
			return p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
		},
		"receipt": func(p *person, receipt object) object {
			return p.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipt)}).ok(200)
		},
	} {
		t.Run(via, func(t *testing.T) {
			p := h.visitor()
			made := p.decide("granted").ok(201)
			grant := made["receipt"].(object)
			answer := withdraw(p, grant)
			receipt := answer["receipt"].(object)
			record := p.proves(receipt, "consent.withdrawn")
			if answer["state"] != "withdrawn" || record["consent"] != made["consent"] || record["via"] != via || receipt["opening"] != grant["opening"] {
				t.Errorf("the withdrawal is %v, its Record %v", answer, record)
			}
			if receipt["withdraw_url"] != nil || receipt["agreed"] != nil || receipt["until"] != nil {
				t.Errorf("the receipt of a withdrawal reads like a grant's: %v", receipt)
			}
			if (record["session"] != nil) != (via == "session") {
				t.Errorf("the Record names the session %v", record["session"])
			}
			if p.is("withdrawn")["result"] != "not_performed" {
				t.Errorf("the LMS learns %v", p.seen()["result"])
			}
		})
	}
}

// Each Record of a person names the one before it.
func TestTheChain(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p, other := h.visitor(), h.visitor()
	p.decide("granted").ok(201)
	other.decide("refused").ok(201)
	p.vendor.tell(p.photo, score(0))
	p.verify("a1").verdict("fail")
	p.decide("refused").ok(201)
	p.decide("granted").ok(201)
	p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	p.end("alternative", atTheDesk()).ok(200)
	last, length := map[string]string{}, map[string]int{}
	for _, line := range h.lines() {
		var r object
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		subject := text(r, "subject")
		if text(r, "prev") != last[subject] {
			t.Errorf("prev is %v, want %q: %s", r["prev"], last[subject], line)
		}
		if subject != "" {
			last[subject] = leaf(line)
			length[subject]++
		}
	}
	if len(length) != 2 {
		t.Errorf("the log knows %d people, want 2", len(length))
	}
}
