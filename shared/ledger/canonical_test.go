package ledger_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

func sha(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// A small notice with everything that canonical JSON has rules for: quotes, angle
// brackets, line ends, a control character, a line separator, characters beyond the
// basic plane.
func smallNotice() domain.Notice {
	return domain.Notice{
		ID: "n1", Version: 12, Purpose: domain.Exam, Audience: domain.Adult,
		Delegation: domain.DelegationRef{ID: "d1", Version: 3, SHA256: "ab"},
		Facts: domain.Facts{
			Routes: []domain.Route{domain.Photo}, Liveness: true,
			Recipients: []domain.Subprocessor{{Name: "腾讯云", Contact: "a@b.c", Route: domain.Photo}},
			DataKinds:  []string{"face_image"}, RetentionDays: 1096, ConsentDays: 365,
			Necessity: domain.Texts{domain.Chinese: "必要", domain.English: "N"}, Impact: domain.Texts{}, Contact: domain.Texts{domain.English: "C"},
			EnterpriseName: domain.Texts{domain.Chinese: "示例"}, HighRisk: false,
		},
		Contents: map[domain.Locale]domain.Contents{
			domain.Chinese: {Title: "标题", Summary: "s", Body: "b", Agree: "a", Alternative: "x"},
			domain.English: {Title: "T <b>&\"\\", Summary: "line\nline\ttab", Body: "\x01 \u2028 😀 é", Agree: "a/b", Alternative: "x"},
		},
	}
}

// Written by hand, after RFC 8785: keys in order, no spaces, nothing escaped that
// need not be.
const (
	smallFacts = `{"consent_days":365,"contact":{"en":"C"},"data_kinds":["face_image"],` +
		`"enterprise_name":{"zh-CN":"示例"},"high_risk":false,"impact":{},"liveness":true,"necessity":{"en":"N","zh-CN":"必要"},` +
		`"recipients":[{"contact":"a@b.c","name":"腾讯云","route":"photo"}],"retention_days":1096,"rights":null,"routes":["photo"]}`
	smallEnglish = `{"audience":"adult",` +
		`"contents":{"agree":"a/b","alternative":"x","body":"\u0001 ` + "\u2028" + ` 😀 é","summary":"line\nline\ttab","title":"T <b>&\"\\"},` +
		`"delegation":{"id":"d1","sha256":"ab","version":3},"enterprise":"e1","facts":` + smallFacts + `,` +
		`"id":"n1","locale":"en","purpose":"exam","version":12}`
	smallChinese = `{"audience":"adult",` +
		`"contents":{"agree":"a","alternative":"x","body":"b","summary":"s","title":"标题"},` +
		`"delegation":{"id":"d1","sha256":"ab","version":3},"enterprise":"e1","facts":` + smallFacts + `,` +
		`"id":"n1","locale":"zh-CN","purpose":"exam","version":12}`
)

func TestTheHashOfANoticeIsOverItsCanonicalDocument(t *testing.T) {
	n := smallNotice()
	for l, want := range map[domain.Locale]string{domain.English: smallEnglish, domain.Chinese: smallChinese} {
		if got := string(ledger.NoticeDocument("e1", n, l)); got != want {
			t.Errorf("%s:\n%s\n%s", l, got, want)
		}
	}
	hashes := ledger.NoticeHashes("e1", n)
	if len(hashes) != 2 || hashes[domain.English] != sha(smallEnglish) || hashes[domain.Chinese] != sha(smallChinese) {
		t.Errorf("%v", hashes)
	}
}

func TestD07TheHashOfANoticeCoversEverythingThatWasShown(t *testing.T) {
	was := ledger.NoticeHashes("e1", smallNotice())[domain.English]
	seen := map[string]string{was: "as it is"}
	for name, by := range map[string]func(*domain.Notice){
		"id": func(n *domain.Notice) { n.ID = "n2" }, "version": func(n *domain.Notice) { n.Version++ },
		"purpose": func(n *domain.Notice) { n.Purpose = domain.Training }, "audience": func(n *domain.Notice) { n.Audience = domain.Guardian },
		"delegation": func(n *domain.Notice) { n.Delegation.SHA256 = "cd" }, "delegation version": func(n *domain.Notice) { n.Delegation.Version++ },
		"routes": func(n *domain.Notice) { n.Facts.Routes = append(n.Facts.Routes, domain.Hosted) }, "liveness": func(n *domain.Notice) { n.Facts.Liveness = false },
		"recipients": func(n *domain.Notice) { n.Facts.Recipients[0].Contact = "z" }, "data kinds": func(n *domain.Notice) { n.Facts.DataKinds = nil },
		"retention": func(n *domain.Notice) { n.Facts.RetentionDays++ }, "term": func(n *domain.Notice) { n.Facts.ConsentDays++ },
		"necessity": func(n *domain.Notice) { n.Facts.Necessity = nil }, "impact": func(n *domain.Notice) { n.Facts.Impact = nil },
		"rights": func(n *domain.Notice) { n.Facts.Rights = domain.Texts{} }, "contact": func(n *domain.Notice) { n.Facts.Contact = nil },
		"name": func(n *domain.Notice) { n.Facts.EnterpriseName = nil }, "risk": func(n *domain.Notice) { n.Facts.HighRisk = true },
		"title": text(func(c *domain.Contents) { c.Title += " " }), "summary": text(func(c *domain.Contents) { c.Summary += " " }),
		"body": text(func(c *domain.Contents) { c.Body += " " }), "agree": text(func(c *domain.Contents) { c.Agree += " " }),
		"alternative": text(func(c *domain.Contents) { c.Alternative += " " }),
	} {
		n := smallNotice()
		by(&n)
		h := ledger.NoticeHashes("e1", n)[domain.English]
		if other, dup := seen[h]; dup {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[h] = name
	}
	if ledger.NoticeHashes("e2", smallNotice())[domain.English] == was {
		t.Error("another enterprise's notice has the same hash")
	}
	// What the other language says is no part of it; what is computed is not either.
	n := smallNotice()
	n.Contents[domain.Chinese], n.Material, n.Changes = domain.Contents{}, true, []domain.Change{{Field: "x"}}
	if ledger.NoticeHashes("e1", n)[domain.English] != was {
		t.Error("the hash covers what was not shown")
	}
}

func text(by func(*domain.Contents)) func(*domain.Notice) {
	return func(n *domain.Notice) {
		c := n.Contents[domain.English]
		by(&c)
		n.Contents[domain.English] = c
	}
}

func TestTheHashOfADelegationIsOverItsCanonicalDocument(t *testing.T) {
	shanghai := time.FixedZone("UTC+8", 8*60*60)
	d := domain.Delegation{
		ID: "d1", Version: 2, RecordedAt: time.Date(2026, 1, 2, 11, 4, 5, 600e6, shanghai),
		Terms: domain.Terms{
			AgreementRef: "DPA", AgreementSHA256: "ab", Handler: "enterprise", Purposes: []domain.Purpose{domain.Exam},
			Routes: []domain.Route{domain.Photo}, DataKinds: []string{"face_image"}, Safeguards: "s", Duties: "d", Supervision: "v",
			ReturnAndDeletion: "r", Subprocessors: []domain.Subprocessor{{Name: "n", Contact: "c", Route: domain.Photo}},
			ValidFrom: time.Date(2026, 1, 1, 8, 0, 0, 0, shanghai), ValidUntil: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), InstructedBy: "admin-7",
		},
	}
	const want = `{"enterprise":"e1","id":"d1","recorded_at":"2026-01-02T03:04:05.600Z","terms":{"agreement_ref":"DPA","agreement_sha256":"ab",` +
		`"data_kinds":["face_image"],"duties":"d","handler":"enterprise","instructed_by":"admin-7","purposes":["exam"],"return_and_deletion":"r",` +
		`"routes":["photo"],"safeguards":"s","subprocessors":[{"contact":"c","name":"n","route":"photo"}],"supervision":"v",` +
		`"valid_from":"2026-01-01T00:00:00Z","valid_until":"2027-01-01T00:00:00Z"},"version":2}`
	if got := string(ledger.DelegationDocument("e1", d)); got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
	if got := ledger.DelegationHash("e1", d); got != sha(want) {
		t.Error(got)
	}
	// The hash hangs on the instant, not on the zone it was written in.
	d.Terms.ValidFrom, d.RecordedAt = d.Terms.ValidFrom.UTC(), d.RecordedAt.UTC()
	if got := ledger.DelegationHash("e1", d); got != sha(want) {
		t.Error("another zone, another hash")
	}
	d.RevokedAt = d.RecordedAt
	if got := ledger.DelegationHash("e1", d); got != sha(want) {
		t.Error("a revocation changes what was recorded")
	}
}

func TestTheHashOfAnyOtherDocument(t *testing.T) {
	if got := ledger.DocumentHash(struct {
		B string `json:"b"`
		A int    `json:"a"`
	}{"<", 1}); got != sha(`{"a":1,"b":"<"}`) {
		t.Error(got)
	}
	defer func() {
		if recover() == nil {
			t.Error("what cannot be marshalled is hashed")
		}
	}()
	ledger.DocumentHash(func() {})
}

func TestACommitmentIsOpenedByItsSaltAndByNothingElse(t *testing.T) {
	salt := []byte("thirty-two bytes of fixed salt 0")
	h := hmac.New(sha256.New, salt)
	h.Write([]byte("e1\nemp-1029"))
	got := ledger.Commitment(salt, "e1", "emp-1029")
	if got != hex.EncodeToString(h.Sum(nil)) {
		t.Error(got)
	}
	for name, other := range map[string]string{
		"another salt":    ledger.Commitment([]byte("thirty-two bytes of fixed salt 1"), "e1", "emp-1029"),
		"another subject": ledger.Commitment(salt, "e1", "emp-1030"), "another enterprise": ledger.Commitment(salt, "e2", "emp-1029"),
	} {
		if other == got {
			t.Errorf("%s opens it", name)
		}
	}
	if strings.Contains(got, "1029") {
		t.Error("it names the subject")
	}
}
