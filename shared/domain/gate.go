package domain

import "time"

// Check is what a learner asks the gate for.
type Check struct {
	Attempt  string
	Capture  CaptureKind
	Image    int           // length of the image as base64; 0 if there is none
	Identity *Identity     // what the person typed; nil if nothing
	Took     time.Duration // how long the call may take at most
	Since    time.Time     // from when that counts, on this process's clock: before the gate was asked
	// Inspect looks at the image. It is called last but for the queue, so that nobody learns
	// about their image what they may not have checked, and before anything is reserved,
	// so that a bad image uses nothing.
	Inspect func() error
}

// Reserve is the gate (invariant 1). It gives a Permit only if, at this moment,
// everything that the person was told and agreed to holds: otherwise it refuses
// and says why. With the Permit it reserves the attempt and records
// check.started.
//
// The same attempt again gets no second Permit but the answer it had: then the
// returned Attempt is not nil.
func (m *Moment) Reserve(c Check) (*Permit, *Attempt, error) {
	m.Settle()
	if err := m.wayIn(false); err != nil {
		return nil, nil, err
	}
	if again := m.Attempt(c.Attempt); again != nil {
		if again.Result == "" {
			return nil, nil, RefuseIn(CheckInProgress, m.Session.State)
		}
		return nil, again, nil
	}
	if err := m.admit(c); err != nil {
		return nil, nil, err
	}
	if err := m.inspect(c); err != nil {
		return nil, nil, err
	}
	if err := m.takeTurn(); err != nil {
		return nil, nil, err
	}
	return m.reserved(c), nil, nil
}

// wayIn refuses a guardian, who checks nobody, and a call that is for another route: to
// the vendor's page, or not.
func (m *Moment) wayIn(hosted bool) error {
	switch s := m.Session; {
	case m.Speaker() != Self:
		return RefuseIn(GuardianCannotCheck, s.State)
	case (s.Route == Hosted) != hosted:
		return RefuseIn(OtherRoute, s.State)
	}
	return nil
}

// inspect looks at what was sent: what the route takes must be there and sound, and
// nothing else may be.
func (m *Moment) inspect(c Check) error {
	s := m.Session
	var f faults
	if c.Image > 0 && !s.Route.TakesFace() {
		f.add("image", NotAllowed)
	}
	wanted := s.NamedBy == FromPerson
	var who Identity
	if c.Identity != nil {
		who = *c.Identity
	}
	for field, value := range map[string]Private{"name": who.Name, "id_number": who.IDNumber} {
		switch {
		case wanted && len(value) == 0:
			f.add(field, Missing)
		case !wanted && len(value) > 0:
			f.add(field, NotAllowed)
		}
	}
	if err := f.refusal(); err != nil {
		return err
	}
	if wanted {
		if err := c.Identity.Check(m.Now, s.AgeGroup); err != nil {
			return err
		}
	}
	switch {
	case !s.Route.TakesFace():
		return nil
	case s.Route == Authority && c.Image > MaxAuthorityImage:
		return Refuse(ImageTooLarge)
	}
	return c.Inspect()
}

// MaxAuthorityImage is how long an image may be, as base64, that the authority's photo is
// compared with (Tencent Cloud, product 1007, ImageRecognitionV2).
const MaxAuthorityImage = 3 << 20

// admit lets a check begin.
func (m *Moment) admit(c Check) error {
	s := m.Session
	if err := m.mayGoOn(c); err != nil {
		return err
	}
	if s.Uploads >= MaxUploads {
		return RefuseIn(UploadsUsedUp, s.State)
	}
	return m.withinLimit()
}

// mayGoOn is all that must hold at any time of a check.
func (m *Moment) mayGoOn(c Check) error {
	s := m.Session
	if s.Kind != CheckKind {
		return RefuseIn(NotACheck, s.State)
	}
	if s.State.Terminal() {
		return m.ended()
	}
	if err := m.available(); err != nil {
		return err
	}
	if err := m.noConsent(); err != nil {
		return err
	}
	switch {
	case s.State != Consented:
		return RefuseIn(ConsentRequired, s.State)
	case m.Notice.Audience != s.Audience():
		return RefuseIn(WrongAudience, s.State)
	case m.running() != nil:
		return &Refusal{Reason: CheckInProgress, State: s.State, RetryAfter: LookAgain}
	case s.AttemptsLeft() == 0:
		return RefuseIn(AttemptsUsedUp, s.State)
	case s.Route.TakesFace() && c.Capture == FromPhoto && !m.Settings.Purposes[s.Purpose].PhotoInput:
		return RefuseIn(PhotoInputOff, s.State)
	}
	return nil
}

// available says what of the enterprise's side is missing for the session, or nil.
func (m *Moment) available() *Refusal {
	s := m.Session
	purpose := m.Settings.Purposes[s.Purpose]
	switch {
	case !m.Enterprise.Open():
		return RefuseIn(EnterpriseClosed, s.State)
	case !m.Settings.FaceService:
		return RefuseIn(FaceServiceOff, s.State)
	case !purpose.Enabled:
		return RefuseIn(PurposeOff, s.State)
	case !purpose.ImpactAssessment.Acceptable(m.Now):
		return RefuseIn(AssessmentMissing, s.State)
	case m.Notice == nil:
		return RefuseIn(NoNotice, s.State)
	case m.Delegation == nil || !m.Delegation.InForce(m.Now):
		return RefuseIn(DelegationEnded, s.State)
	case s.Route != "" && len(m.Delegation.Covers(s.Purpose, Facts{Routes: []Route{s.Route}})) > 0,
		s.Route != "" && !contains(m.Notice.Facts.Routes, s.Route):
		return RefuseIn(RouteNotCovered, s.State)
	}
	return nil
}

func (m *Moment) reserved(c Check) *Permit {
	s, grants := m.Session, m.needed()
	if !s.Route.TakesFace() {
		c.Capture = ""
	}
	a := Attempt{
		ID: c.Attempt, Capture: c.Capture, StartedAt: m.Now, DeadlineAt: m.Now.Add(c.Took),
		Consent: grants[0].ID, Notice: grants[0].Notice,
		NoticeInForce: m.Notice.RefAny(), Delegation: m.Notice.Delegation,
	}
	if len(grants) > 1 {
		a.GuardianConsent = grants[1].ID
	}
	a.Started = m.record(CheckStarted, func(r *Record) { m.describe(r, &a) })
	m.Attempts = append(m.Attempts, a)
	m.AttemptChanged = &m.Attempts[len(m.Attempts)-1]
	s.Uploads++
	m.touchSession()
	return m.permit(c)
}

func (m *Moment) permit(c Check) *Permit {
	s := m.Session
	return &Permit{
		enterprise: m.Enterprise.ID, session: s.ID, attempt: c.Attempt, route: s.Route,
		mode:        m.Enterprise.Profile.Mode,
		falseAccept: m.Settings.Purposes[s.Purpose].FalseAccept,
		liveness:    m.Notice.Facts.Liveness, until: within(c.Took, c.Since),
	}
}

func contains[T comparable](list []T, v T) bool {
	for _, have := range list {
		if have == v {
			return true
		}
	}
	return false
}
