package ledger_test

import (
	"fmt"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// history is a small enterprise's log, made by the rules themselves, with ids and
// times that never change. It holds every type of Record at least once, and every
// field that a type may have.
type history struct {
	enterprise domain.ID
	minted     int
	charter    *domain.Charter
	moment     *domain.Moment
	group      domain.AgeGroup // of the one subject
	entries    []ledger.Entry
	prev       string // of the same one
}

var begin = time.Date(2026, 11, 23, 1, 2, 3, 456e6, time.UTC)

const (
	enterpriseID domain.ID = "01920000-0000-7000-8000-00000000e000"
	anotherID    domain.ID = "01920000-0000-7000-8000-00000000e001"
	actorID      domain.ID = "01920000-0000-7000-8000-00000000ac00"
)

func (h *history) mint() domain.ID {
	h.minted++
	return domain.ID(fmt.Sprintf("01920000-0000-7000-8000-%012x", h.minted))
}

// write seals what a rule collected, as the store does.
func (h *history) write(records []*domain.Record) {
	for _, r := range records {
		prev := ""
		if r.Subject != "" {
			prev = h.prev
		}
		e, err := ledger.Seal(r, prev)
		if err != nil {
			panic(err)
		}
		if r.Subject != "" {
			h.prev = e.Leaf
		}
		h.entries = append(h.entries, e)
	}
}

func (h *history) instruct(rule func(*domain.Charter) error) {
	c := h.charter
	c.Records = nil
	if err := rule(c); err != nil {
		panic(err)
	}
	if c.NewDelegation != nil {
		c.Delegations, c.NewDelegation = append(c.Delegations, *c.NewDelegation), nil
	}
	if c.NewNotice != nil {
		c.Notices, c.NewNotice = append([]domain.Notice{*c.NewNotice}, c.Notices...), nil
	}
	if c.NewKey != nil {
		c.Keys, c.NewKey = append(c.Keys, *c.NewKey), nil
	}
	h.write(c.Records)
}

// live applies a rule to the one person's Moment, a while later.
func (h *history) live(after time.Duration, rule func(*domain.Moment) error) {
	m := h.moment
	m.Records = nil
	m.Now = m.Now.Add(after)
	m.Enterprise, m.Settings = h.charter.Enterprise, h.charter.Settings
	h.charter.Now = m.Now
	m.Notice = h.charter.NoticeInForce(domain.Exam, h.group.Audience())
	m.Delegation = h.charter.Delegation(m.Notice.Delegation.ID)
	if err := rule(m); err != nil {
		panic(err)
	}
	h.write(m.Records)
}

func newHistory() *history {
	h := &history{enterprise: enterpriseID, group: domain.GrownUp}
	h.charter = &domain.Charter{Now: begin, Mint: h.mint}
	h.moment = &domain.Moment{Now: begin, Mint: h.mint, Subject: domain.Subject{Pseudonym: "7d1e0000000000000000000000000001"}}
	h.setUp()
	h.ask()
	h.checks()
	h.changes()
	h.end()
	h.minors() // lines are only ever added at the end
	h.rights()
	h.lettingGo()
	h.accesses()
	return h
}

func (h *history) setUp() {
	h.charter.Found(h.enterprise, testProfile, ledger.DocumentHash(testProfile), actorID)
	h.write(h.charter.Records)
	h.instruct(func(c *domain.Charter) error {
		return c.AddKey(domain.Key{ID: h.mint(), Role: domain.Integrator, Holder: "LMS"}, "hash", actorID)
	})
	h.instruct(func(c *domain.Charter) error { _, err := c.RevokeKey(c.Keys[0].ID, actorID); return err })
	h.instruct(func(c *domain.Charter) error {
		return c.Reprofile(testProfile, ledger.DocumentHash(testProfile), actorID)
	})
	h.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(h.mint(), testTerms, nil, func(d domain.Delegation) string {
			return ledger.DelegationHash(h.enterprise, d)
		}, actorID)
		return err
	})
	h.publish(testFacts)
	h.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(true, nil, actorID) })
	h.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Exam, testSettings, nil, ledger.DocumentHash(testSettings), actorID)
	})
}

func (h *history) publish(f domain.Facts) {
	h.instruct(func(c *domain.Charter) error {
		n, err := c.DraftNotice(h.mint(), domain.NoticeDraft{
			Purpose: domain.Exam, Audience: h.group.Audience(), DelegationID: c.Delegations[0].ID, Facts: f, Contents: testContents,
		}, func(n domain.Notice) map[domain.Locale]string { return ledger.NoticeHashes(h.enterprise, n) })
		if err == nil {
			c.PublishNotice(n, actorID)
		}
		return err
	})
}

func (h *history) open(after time.Duration) {
	h.live(after, func(m *domain.Moment) error {
		m.Attempts = nil
		return m.NewSession(domain.SessionRequest{
			Kind: domain.CheckKind, Purpose: domain.Exam, Route: domain.Photo, AgeGroup: h.group, Resource: "exam/1",
		}, h.mint(), "code")
	})
}

func (h *history) decide(decision domain.ConsentState, l domain.Locale) {
	h.live(time.Second, func(m *domain.Moment) error {
		m.Settle()
		m.Show(l)
		d := domain.Decision{
			Decision: decision, NoticeID: m.Notice.ID, NoticeSHA256: m.Notice.SHA256[l], Locale: l, By: m.Speaker(),
		}
		if d.By == domain.ByGuardian {
			d.Guardian = &domain.GuardianStatement{Relation: "mother", ReachedBy: "sms"}
		}
		return m.Decide(d, h.proof())
	})
}

func (h *history) proof() domain.Proof {
	salt := []byte("thirty-two bytes of fixed salt 0")
	return domain.Proof{Salt: salt, Commitment: ledger.Commitment(salt, h.enterprise, "emp-1029"), WithdrawHash: "hash"}
}

func (h *history) check(attempt string, capture domain.CaptureKind, o domain.Outcome) {
	h.start(attempt, capture)
	h.live(1500*time.Millisecond, func(m *domain.Moment) error { return m.Conclude(attempt, o) })
}

func (h *history) start(attempt string, capture domain.CaptureKind) {
	h.live(time.Second, func(m *domain.Moment) error {
		_, _, err := m.Reserve(domain.Check{
			Attempt: attempt, Capture: capture, Took: 5 * time.Second, Inspect: func() error { return nil },
		})
		return err
	})
}

func (h *history) ask() {
	h.open(time.Second)
	h.decide(domain.Declined, domain.Chinese) // shows the notice first
	h.decide(domain.Granted, domain.English)
}

func (h *history) checks() {
	h.check("a1", domain.FromStream, domain.Inconclusive(domain.NoFace))
	h.check("a2", domain.FromPhoto, domain.Outcome{Result: domain.Fail})
	h.start("a3", domain.FromStream) // and its function dies
	h.live(time.Minute, func(m *domain.Moment) error { m.Settle(); return nil })
	h.check("a4", domain.FromStream, domain.Outcome{Result: domain.Pass, Liveness: true})
	h.live(time.Second, func(m *domain.Moment) error { return m.Withdraw("session") })
}

func (h *history) changes() {
	h.open(49 * time.Hour)
	h.decide(domain.Granted, domain.Chinese)
	f := testFacts
	f.ConsentDays = 30
	h.publish(f) // not material
	h.check("b1", domain.FromStream, domain.Outcome{Result: domain.Fail})
	f.Contact = domain.Texts{domain.Chinese: "新的联系方式", domain.English: "A new contact"}
	h.publish(f) // material
	h.live(time.Second, func(m *domain.Moment) error { m.Settle(); return nil })
	h.decide(domain.Granted, domain.Chinese)
	h.live(time.Second, func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "id_card_at_desk", Result: domain.Pass}, actorID)
	})
	h.live(time.Second, func(m *domain.Moment) error {
		m.Session = nil
		return m.Withdraw("receipt")
	})
}

func (h *history) end() {
	h.instruct(func(c *domain.Charter) error { _, err := c.RevokeDelegation(c.Delegations[0].ID, actorID); return err })
	off := testSettings
	off.Enabled = false
	h.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Exam, off, nil, ledger.DocumentHash(off), actorID)
	})
	h.instruct(func(c *domain.Charter) error { c.Close(actorID); return nil })
}

// minors is another enterprise, with somebody who needs a guardian's grant beside their
// own, and turns out to be a child.
func (h *history) minors() {
	now := h.charter.Now
	h.enterprise, h.group, h.prev = anotherID, domain.Minor, ""
	h.charter = &domain.Charter{Now: now, Mint: h.mint}
	h.moment = &domain.Moment{Now: now, Mint: h.mint, Subject: domain.Subject{Pseudonym: "7d1e0000000000000000000000000002"}}
	h.setUp()
	h.open(time.Second)
	h.decideAs(domain.ByGuardian, domain.Declined)
	h.decideAs(domain.ByGuardian, domain.Granted)
	h.decideAs(domain.Self, domain.Granted)
	h.check("c1", domain.FromStream, domain.Inconclusive(domain.NoFace))
	h.check("c2", domain.FromStream, domain.Outcome{Result: domain.Fail})
	h.start("c3", domain.FromStream)
	h.live(time.Minute, func(m *domain.Moment) error { m.Settle(); return nil })
	h.check("c4", domain.FromStream, domain.Outcome{Result: domain.Pass})
	h.group = domain.Child
	h.live(time.Second, func(m *domain.Moment) error { // read anew, as for a child
		m.Consent, m.Guardian, m.NewConsent = m.Guardian, nil, nil
		return nil
	})
	h.open(time.Second)
	h.live(time.Second, func(m *domain.Moment) error { m.As = domain.Self; return m.Withdraw("session") })
}

// rights is what somebody asks for from their own page, and what a relative does.
func (h *history) rights() {
	answer := func(r domain.Request, a domain.Resolution) {
		h.live(time.Minute, func(m *domain.Moment) error {
			r.ID = h.mint()
			asked, err := m.Ask(r)
			m.Request = asked
			return err
		})
		h.live(time.Hour, func(m *domain.Moment) error { m.ReadRequest(actorID); return nil })
		h.live(time.Hour, func(m *domain.Moment) error { return m.Answer(a, []byte("sealed"), actorID) })
	}
	answer(domain.Request{Kind: domain.AskDelete}, domain.Resolution{Outcome: domain.RequestRefused, Reason: domain.KeptByLaw})
	answer(domain.Request{Kind: domain.AskRelative, Relation: "spouse"}, domain.Resolution{Outcome: domain.RequestDone})
}

// lettingGo is the end of what is kept: of one person by their wish, and of all of a
// closed enterprise.
func (h *history) lettingGo() {
	h.group = domain.GrownUp
	h.publish(testFacts)
	h.moment.Consent, h.moment.Guardian, h.moment.NewConsent = nil, nil, nil
	h.open(49 * time.Hour)
	h.decide(domain.Granted, domain.Chinese)
	asked := domain.Request{ID: h.mint(), Kind: domain.AskDelete, DueAt: h.moment.Now.Add(domain.AnswerWithin)}
	h.live(time.Hour, func(m *domain.Moment) error {
		m.Request, m.Grants = &asked, []*domain.Consent{m.Consent}
		return m.Answer(domain.Resolution{Outcome: domain.RequestDone}, []byte("sealed"), actorID)
	})
	h.instruct(func(c *domain.Charter) error { c.Close(actorID); return nil })
	h.live(1200*24*time.Hour, func(m *domain.Moment) error {
		asked.ResolvedAt = m.Now.Add(-1199 * 24 * time.Hour)
		k := &domain.Keeping{Mint: h.mint, Holdings: domain.Holdings{
			Charter: h.charter, Subject: m.Subject, Consents: []domain.Consent{*m.Consent}, Requests: []domain.Request{asked},
		}}
		k.Release()
		m.Records = k.Records
		return nil
	})
	const last = "01920000-0000-7000-8000-00000000e0ff"
	h.instruct(func(c *domain.Charter) error {
		c.LastExports = []domain.Export{{ID: last, State: domain.ExportReady, ReadyAt: c.Now, ExpiresAt: c.Now.Add(domain.ExportKeptFor), Last: true}}
		return c.Acknowledge(last, actorID)
	})
	h.instruct(func(c *domain.Charter) error { c.Erase(); return nil })
}

// accesses is what those read who answer for the enterprise.
func (h *history) accesses() {
	from, to := begin, begin.Add(24*time.Hour)
	h.instruct(func(c *domain.Charter) error { c.ReadAccesses(from, to, actorID); return nil })
	h.instruct(func(c *domain.Charter) error {
		c.ReadScope(from, to, domain.ActivePeople, []string{h.moment.Subject.Pseudonym}, actorID)
		return nil
	})
	h.live(time.Minute, func(m *domain.Moment) error { m.ReadSubject(domain.TellPeople, actorID); return nil })
	h.instruct(func(c *domain.Charter) error {
		c.LogSize = int64(len(h.entries))
		_, err := c.Export(h.mint(), domain.ExportRequest{
			From: from, To: to, Purposes: []domain.Purpose{domain.Exam}, Subject: h.moment.Subject.Pseudonym,
			Identifiers: domain.SubjectIDs, Reason: domain.ForAuthority,
		}, actorID)
		return err
	})
	h.instruct(func(c *domain.Charter) error { c.ReadExport(*c.NewExport, actorID); return nil })
}

func (h *history) decideAs(who domain.Giver, decision domain.ConsentState) {
	h.moment.As = who
	h.decide(decision, domain.Chinese)
	h.moment.As = ""
}

var testProfile = domain.Profile{
	Name:     domain.Texts{domain.Chinese: "示例学习有限公司", domain.English: "Example Learning Ltd"},
	Contact:  domain.Contact{Officer: "个人信息保护负责人", Email: "privacy@example.com", Phone: "+86 755 0000 0000", Address: "深圳"},
	TimeZone: "Asia/Shanghai", Mode: domain.Live,
	FrameOrigins: []string{"https://lms.example.com"}, ReturnOrigins: []string{"https://lms.example.com"},
}

var vendor = []domain.Subprocessor{{Name: "腾讯云计算（北京）有限责任公司", Contact: "cloud.tencent.com", Route: domain.Photo}}

var testTerms = domain.Terms{
	AgreementRef: "DPA-2026-017", AgreementSHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Handler: "enterprise",
	Purposes: []domain.Purpose{domain.Exam}, Routes: []domain.Route{domain.Photo}, DataKinds: domain.KindsFor(domain.Photo),
	Safeguards: "safeguards", Duties: "duties", Supervision: "supervision", ReturnAndDeletion: "return and deletion", Subprocessors: vendor,
	ValidFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ValidUntil: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), InstructedBy: "admin-7",
}

var testFacts = domain.Facts{
	Routes: []domain.Route{domain.Photo}, Recipients: vendor, DataKinds: domain.KindsFor(domain.Photo), RetentionDays: 1096, ConsentDays: 365,
	Necessity: domain.Texts{domain.Chinese: "必要性", domain.English: "Necessity"}, Impact: domain.Texts{domain.Chinese: "影响", domain.English: "Impact"},
	Rights: domain.Texts{domain.Chinese: "权利", domain.English: "Rights"}, Contact: domain.Texts{domain.Chinese: "联系方式", domain.English: "Contact"},
}

var testContents = map[domain.Locale]domain.Contents{
	domain.Chinese: {Title: "人脸核验", Summary: "摘要", Body: "正文 <b> & \"引号\"", Agree: "我同意：……", Alternative: "柜台"},
	domain.English: {Title: "Face check", Summary: "Summary", Body: "Body <b> & \"quotes\"", Agree: "I agree: ...", Alternative: "At the desk"},
}

var testSettings = domain.PurposeSettings{
	Enabled: true, FalseAccept: domain.OneIn10000, PhotoInput: true, NoCoercionDeclared: true, StoredFacesDeclared: new(1200),
	ImpactAssessment: domain.Assessment{
		Ref: "PIA-2026-03", Date: "2026-03-01", ValidUntil: "2027-03-01", Outcome: "acceptable",
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	},
}
