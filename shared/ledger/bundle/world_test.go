package bundle_test

import (
	"fmt"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// world is a small enterprise whose Records the rules themselves make, with ids and times
// that never change. They are sealed last, so that a test can make a log that lies
// consistently.
type world struct {
	charter   *domain.Charter
	minted    int
	now       time.Time
	group     domain.AgeGroup
	records   []*domain.Record
	documents map[string][]byte
	named     map[int]string // what Records name as the one before them, if not the truth
}

const (
	enterpriseID domain.ID = "01920000-0000-7000-8000-00000000e000"
	actorID      domain.ID = "01920000-0000-7000-8000-00000000ac00"
)

var begin = time.Date(2026, 11, 23, 1, 2, 3, 456e6, time.UTC)

func (w *world) mint() domain.ID {
	w.minted++
	return domain.ID(fmt.Sprintf("01920000-0000-7000-8000-%012x", w.minted))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (w *world) instruct(rule func(*domain.Charter) error) {
	c := w.charter
	w.now = w.now.Add(time.Minute)
	c.Now, c.Records = w.now, nil
	must(rule(c))
	if d := c.NewDelegation; d != nil {
		c.Delegations, c.NewDelegation = append(c.Delegations, *d), nil
		w.documents["delegations/"+string(d.ID)+".json"] = ledger.DelegationDocument(enterpriseID, *d)
		w.documents["delegations/"+string(d.ID)+".agreement"] = []byte(agreement)
	}
	if n := c.NewNotice; n != nil {
		c.Notices, c.NewNotice = append([]domain.Notice{*n}, c.Notices...), nil
		for l := range n.Contents {
			w.documents["notices/"+string(n.ID)+"."+string(l)+".json"] = ledger.NoticeDocument(enterpriseID, *n, l)
		}
	}
	if c.NewKey != nil {
		c.Keys, c.NewKey = append(c.Keys, *c.NewKey), nil
	}
	w.records = append(w.records, c.Records...)
}

// person is somebody of it, in a session.
type person struct {
	*world
	*domain.Moment
	purpose domain.Purpose
}

func (w *world) person(n int) *person {
	return &person{w, &domain.Moment{Mint: w.mint, Subject: domain.Subject{Pseudonym: fmt.Sprintf("7d1e%028x", n)}}, domain.Exam}
}

func (p *person) live(after time.Duration, rule func() error) {
	m := p.Moment
	p.now = p.now.Add(after)
	m.Records, m.Now = nil, p.now
	m.Enterprise, m.Settings = p.charter.Enterprise, p.charter.Settings
	p.charter.Now = m.Now
	m.Notice = p.charter.NoticeInForce(p.purpose, p.group.Audience())
	m.Delegation = p.charter.Delegation(m.Notice.Delegation.ID)
	must(rule())
	p.records = append(p.records, m.Records...)
}

func (p *person) open(after time.Duration) {
	p.live(after, func() error {
		p.Attempts = nil
		return p.NewSession(domain.SessionRequest{
			Kind: domain.CheckKind, Purpose: p.purpose, Route: domain.Photo, AgeGroup: p.group, Resource: "exam/1",
		}, p.mint(), "code")
	})
}

func (p *person) decide(as domain.Giver, decision domain.ConsentState, l domain.Locale) {
	p.As = as
	p.live(time.Second, func() error {
		p.Settle()
		p.Show(l)
		d := domain.Decision{Decision: decision, NoticeID: p.Notice.ID, NoticeSHA256: p.Notice.SHA256[l], Locale: l, By: p.Speaker()}
		if d.By == domain.ByGuardian {
			d.Guardian = &domain.GuardianStatement{Relation: "mother", ReachedBy: "sms"}
		}
		salt := []byte("thirty-two bytes of fixed salt 0")
		return p.Decide(d, domain.Proof{Salt: salt, Commitment: ledger.Commitment(salt, enterpriseID, "emp"), WithdrawHash: "hash"})
	})
	p.As = ""
}

func (p *person) start(attempt string) {
	p.live(time.Second, func() error {
		_, _, err := p.Reserve(domain.Check{
			Attempt: attempt, Capture: domain.FromStream, Took: 5 * time.Second, Inspect: func() error { return nil },
		})
		return err
	})
}

func (p *person) check(attempt string, o domain.Outcome) {
	p.start(attempt)
	p.live(1500*time.Millisecond, func() error { return p.Conclude(attempt, o) })
}

func (p *person) withdraw() {
	p.live(time.Second, func() error { return p.Withdraw("session") })
}

// newWorld has an adult who says no and yes, is checked, takes it back and is asked again
// after a material change; a minor with a guardian; somebody who asks for a deletion; and
// a check whose outcome nobody knows.
func newWorld() *world {
	w := &world{now: begin, group: domain.GrownUp, documents: map[string][]byte{}}
	w.charter = &domain.Charter{Now: begin, Mint: w.mint}
	w.setUp()
	a, b := w.person(1), w.person(2)
	a.open(time.Second)
	a.decide("", domain.Declined, domain.Chinese)
	a.decide("", domain.Granted, domain.English)
	a.check("a1", domain.Inconclusive(domain.NoFace))
	a.check("a2", domain.Outcome{Result: domain.Fail})
	b.open(time.Second)
	b.decide("", domain.Granted, domain.Chinese)
	f := testFacts
	f.ConsentDays = 30
	w.publish(domain.Exam, f) // not material
	b.check("b1", domain.Outcome{Result: domain.Pass, Liveness: true})
	a.withdraw()
	w.changed(a, b)
	w.minor()
	w.training()
	return w
}

func (w *world) changed(a, b *person) {
	f := testFacts
	f.Contact = domain.Texts{domain.Chinese: "新的联系方式", domain.English: "A new contact"}
	w.publish(domain.Exam, f)
	b.open(time.Second)
	b.decide("", domain.Granted, domain.Chinese)
	b.start("b2") // and its function dies
	b.live(time.Minute, func() error { b.Settle(); return nil })
	b.check("b3", domain.Outcome{Result: domain.Pass})
	a.open(49 * time.Hour)
	a.live(time.Second, func() error {
		return a.TakeAlternative(domain.AlternativeReport{Method: "id_card_at_desk", Result: domain.Pass}, actorID)
	})
	asked := domain.Request{Kind: domain.AskDelete, ID: w.mint()}
	b.live(time.Minute, func() error { r, err := b.Ask(asked); b.Request = r; return err })
	b.live(time.Hour, func() error {
		b.ReadRequest(actorID)
		return nil
	})
	b.live(time.Hour, func() error {
		return b.Answer(domain.Resolution{Outcome: domain.RequestRefused, Reason: domain.KeptByLaw}, []byte("sealed"), actorID)
	})
}

func (w *world) minor() {
	w.group = domain.Minor
	w.publish(domain.Exam, testFacts)
	c := w.person(3)
	c.open(time.Second)
	c.decide(domain.ByGuardian, domain.Granted, domain.Chinese)
	c.decide(domain.Self, domain.Granted, domain.Chinese)
	c.check("c1", domain.Outcome{Result: domain.Pass})
	w.group = domain.GrownUp
}

// training is another purpose, to filter by.
func (w *world) training() {
	d := w.person(4)
	d.purpose = domain.Training
	d.open(time.Second)
	d.decide("", domain.Granted, domain.Chinese)
	d.check("d1", domain.Outcome{Result: domain.Pass})
	d.check2(w)
}

// check2 is one that is still under way when the log is exported.
func (p *person) check2(*world) {
	p.open(time.Minute)
	p.start("d2")
}

func (w *world) setUp() {
	w.charter.Found(enterpriseID, testProfile, ledger.DocumentHash(testProfile), actorID)
	w.records = append(w.records, w.charter.Records...)
	w.instruct(func(c *domain.Charter) error {
		return c.AddKey(domain.Key{ID: w.mint(), Role: domain.Integrator, Holder: "LMS"}, "hash", actorID)
	})
	w.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(w.mint(), testTerms, nil, func(d domain.Delegation) string {
			return ledger.DelegationHash(enterpriseID, d)
		}, actorID)
		return err
	})
	w.publish(domain.Exam, testFacts)
	w.publish(domain.Training, testFacts)
	w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(true, nil, actorID) })
	for _, p := range []domain.Purpose{domain.Exam, domain.Training} {
		w.instruct(func(c *domain.Charter) error {
			return c.SetPurpose(p, testSettings, nil, ledger.DocumentHash(testSettings), actorID)
		})
	}
}

func (w *world) publish(purpose domain.Purpose, f domain.Facts) {
	w.instruct(func(c *domain.Charter) error {
		n, err := c.DraftNotice(w.mint(), domain.NoticeDraft{
			Purpose: purpose, Audience: w.group.Audience(), DelegationID: c.Delegations[0].ID, Facts: f, Contents: testContents,
		}, func(n domain.Notice) map[domain.Locale]string { return ledger.NoticeHashes(enterpriseID, n) })
		if err == nil {
			c.PublishNotice(n, actorID)
		}
		return err
	})
}

const agreement = "the agreement, as a file"

var testProfile = domain.Profile{
	Name:     domain.Texts{domain.Chinese: "示例学习有限公司", domain.English: "Example Learning Ltd"},
	Contact:  domain.Contact{Officer: "个人信息保护负责人", Email: "privacy@example.com", Phone: "+86 755 0000 0000", Address: "深圳"},
	TimeZone: "Asia/Shanghai", Mode: domain.Live,
	FrameOrigins: []string{"https://lms.example.com"}, ReturnOrigins: []string{"https://lms.example.com"},
}

var vendor = []domain.Subprocessor{{Name: "腾讯云计算（北京）有限责任公司", Contact: "cloud.tencent.com", Route: domain.Photo}}

var testTerms = domain.Terms{
	AgreementRef: "DPA-2026-017", AgreementSHA256: hexSum([]byte(agreement)), Handler: "enterprise",
	Purposes: []domain.Purpose{domain.Exam, domain.Training}, Routes: []domain.Route{domain.Photo}, DataKinds: domain.KindsFor(domain.Photo),
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
	domain.English: {Title: "Face check", Summary: "Summary", Body: "Body", Agree: "I agree: ...", Alternative: "At the desk"},
}

var testSettings = domain.PurposeSettings{
	Enabled: true, FalseAccept: domain.OneIn10000, PhotoInput: true, NoCoercionDeclared: true, StoredFacesDeclared: new(1200),
	ImpactAssessment: domain.Assessment{
		Ref: "PIA-2026-03", Date: "2026-03-01", ValidUntil: "2027-03-01", Outcome: "acceptable", SHA256: hexSum([]byte("assessment")),
	},
}
