package domain_test

import (
	"time"

	"nod/shared/domain"
)

// The fixtures are complete and valid; a test breaks the one thing it is about.

var t0 = time.Date(2026, 11, 23, 1, 2, 3, 456e6, time.UTC)

func both(s string) domain.Texts {
	return domain.Texts{domain.Chinese: s + "（中文）", domain.English: s}
}

func aProfile() domain.Profile {
	return domain.Profile{
		Name:          both("Example Learning"),
		Contact:       domain.Contact{Officer: "Privacy officer", Email: "privacy@example.com", Phone: "+86 755 0000 0000", Address: "1 Example Road"},
		TimeZone:      "Asia/Shanghai",
		Mode:          domain.Live,
		FrameOrigins:  []string{"https://lms.example.com"},
		ReturnOrigins: []string{"https://lms.example.com", "http://127.0.0.1:8090"},
	}
}

func recipients(routes ...domain.Route) (list []domain.Subprocessor) {
	for _, r := range routes {
		list = append(list, domain.Subprocessor{Name: "Vendor of " + string(r), Contact: "vendor@example.com", Route: r})
	}
	return list
}

func kinds(routes ...domain.Route) (list []string) {
	have := map[string]bool{}
	for _, r := range routes {
		for _, k := range domain.KindsFor(r) {
			if !have[k] {
				have[k] = true
				list = append(list, k)
			}
		}
	}
	return list
}

func someTerms() domain.Terms {
	return domain.Terms{
		AgreementRef: "DPA-2026-017", AgreementSHA256: hexOf("agreement"), Handler: "enterprise",
		Purposes: []domain.Purpose{domain.Training, domain.Exam}, Routes: []domain.Route{domain.Photo},
		DataKinds:  kinds(domain.Photo),
		Safeguards: "safeguards", Duties: "duties", Supervision: "supervision", ReturnAndDeletion: "return and deletion",
		Subprocessors: recipients(domain.Photo),
		ValidFrom:     t0.AddDate(0, -1, 0), ValidUntil: t0.AddDate(1, 0, 0), InstructedBy: "admin-7",
	}
}

func someFacts() domain.Facts {
	return domain.Facts{
		Routes: []domain.Route{domain.Photo}, Recipients: recipients(domain.Photo), DataKinds: kinds(domain.Photo),
		RetentionDays: domain.LeastRetentionDays, ConsentDays: 365,
		Necessity: both("necessity"), Impact: both("impact"), Rights: both("rights"), Contact: both("contact"),
	}
}

func someContents() map[domain.Locale]domain.Contents {
	c := domain.Contents{Title: "title", Summary: "summary", Body: "body", Agree: "I agree", Alternative: "at the desk"}
	return map[domain.Locale]domain.Contents{domain.Chinese: c, domain.English: c}
}

func aDraft(delegation domain.ID) domain.NoticeDraft {
	return domain.NoticeDraft{
		Purpose: domain.Exam, Audience: domain.Adult, DelegationID: delegation,
		Facts: someFacts(), Contents: someContents(),
	}
}

func someSettings() domain.PurposeSettings {
	return domain.PurposeSettings{
		Enabled: true, FalseAccept: domain.OneIn10000, NoCoercionDeclared: true, StoredFacesDeclared: new(1200),
		ImpactAssessment: domain.Assessment{
			Ref: "PIA-2026-03", Date: "2026-03-01", ValidUntil: "2027-03-01", Outcome: "acceptable", SHA256: hexOf("assessment"),
		},
	}
}

func aRequest() domain.SessionRequest {
	return domain.SessionRequest{
		Kind: domain.CheckKind, Purpose: domain.Exam, Route: domain.Photo, Subject: "emp-1029", AgeGroup: domain.GrownUp,
		Resource: "exam/2026-q4-safety", Reference: &domain.Reference{PhotoURL: "https://lms.example.com/photos/1029.png"},
		Nonce: "c3ab", ClientRef: "attempt-88121", Locale: domain.Chinese, ReturnURL: "https://lms.example.com/back",
	}
}

// aScene is a world in which everything is in place: a delegation and a notice for
// the exam in force, the face service and the purpose on, and one person.
func aScene() (*world, *person) {
	w := newWorld(t0, 1)
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	d := w.mint()
	must(w.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(d, someTerms(), nil, func(d domain.Delegation) string { return hexOf(string(d.ID)) }, "key")
		return err
	}))
	must(w.publish(aDraft(d)))
	must(w.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Exam, someSettings(), nil, hexOf("settings"), "key")
	}))
	must(w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(true, nil, "key") }))
	return w, w.people[0]
}

// publish drafts and publishes a notice.
func (w *world) publish(d domain.NoticeDraft) error {
	return w.instruct(func(c *domain.Charter) error {
		n, err := c.DraftNotice(w.mint(), d, hashesOf)
		if err == nil {
			c.PublishNotice(n, "key")
		}
		return err
	})
}

// open opens a session and returns its id.
func (w *world) open(p *person, r domain.SessionRequest) (domain.ID, error) {
	id := w.mint()
	m := w.at(p, "", r.Purpose, r.AgeGroup)
	err := m.NewSession(r, id, "code-"+string(id))
	w.keep(p, m)
	return id, err
}

// toGuardians makes a notice's draft the one for guardians.
func toGuardians(d domain.NoticeDraft) domain.NoticeDraft {
	d.Audience = domain.Guardian
	return d
}

// answerTo makes the decision that a page would post for the notice in force.
func answerTo(n *domain.Notice, decision domain.ConsentState) domain.Decision {
	return domain.Decision{
		Decision: decision, NoticeID: n.ID, NoticeSHA256: n.SHA256[domain.Chinese], Locale: domain.Chinese, By: "self",
	}
}

var aGuardian = &domain.GuardianStatement{Relation: "mother", ReachedBy: "sms"}

var aProof = domain.Proof{Salt: []byte("salt"), Commitment: hexOf("commitment"), WithdrawHash: hexOf("withdraw")}

// decide shows the notice and posts a decision, as a page does.
func (w *world) decide(p *person, session domain.ID, decision domain.ConsentState) error {
	return w.update(p, session, "", func(m *domain.Moment) error {
		m.Settle()
		m.Show(domain.Chinese)
		return m.Decide(answerTo(m.Notice, decision), aProof)
	})
}

const callTime = 5 * time.Second

func aCheck(attempt string) domain.Check {
	return domain.Check{Attempt: attempt, Capture: domain.FromStream, Took: callTime, Since: time.Now(), Inspect: func() error { return nil }}
}

// reserve asks the gate when nobody waits.
func (w *world) reserve(p *person, session domain.ID, c domain.Check) (*domain.Permit, *domain.Attempt, error) {
	return w.inQueue(p, session, c, domain.Queue{})
}

// inQueue asks the gate.
func (w *world) inQueue(p *person, session domain.ID, c domain.Check, q domain.Queue) (permit *domain.Permit, earlier *domain.Attempt, err error) {
	err = w.update(p, session, "", func(m *domain.Moment) (err error) {
		m.Queue = q
		permit, earlier, err = m.Reserve(c)
		return err
	})
	return permit, earlier, err
}

// conclude writes an outcome down.
func (w *world) conclude(p *person, session domain.ID, attempt string, o domain.Outcome) error {
	return w.update(p, session, "", func(m *domain.Moment) error { return m.Conclude(attempt, o) })
}

// check is a whole check with a given outcome.
func (w *world) check(p *person, session domain.ID, attempt string, o domain.Outcome) error {
	permit, _, err := w.reserve(p, session, aCheck(attempt))
	if err != nil || permit == nil {
		return err
	}
	return w.conclude(p, session, attempt, o)
}

var (
	passed = domain.Outcome{Result: domain.Pass}
	failed = domain.Outcome{Result: domain.Fail}
	noFace = domain.Inconclusive(domain.NoFace)
)
