package domain

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what a session is for.
type Kind string

const (
	CheckKind   Kind = "check"   // one check for one resource
	ConsentKind Kind = "consent" // ask ahead of exam day
	MeKind      Kind = "me"      // the person's own page
)

// Valid reports whether the kind is known.
func (k Kind) Valid() bool { return k == CheckKind || k == ConsentKind || k == MeKind }

// Limits of a session.
const (
	DefaultTTL  = 15 * time.Minute
	LeastTTL    = time.Minute
	MostTTL     = time.Hour
	MaxFails    = 3  // the third fail ends the session
	MaxUploads  = 10 // images sent in one session, retakes included
	MaxGrants   = 10 // so that nobody fills the log by changing their mind for the fun of it
	AskAgain    = 48 * time.Hour
	MaxSubject  = 128
	MaxResource = 256
)

// Session 核验会话 is the LMS's request concerning one subject.
type Session struct {
	ID       ID
	Kind     Kind
	Purpose  Purpose
	Route    Route
	AgeGroup AgeGroup
	Subject  string // the pseudonym

	Resource, Nonce, ClientRef, ReturnURL string
	Locale                                Locale

	State     State
	CreatedAt time.Time
	ExpiresAt time.Time
	CodeHash  string // of the single-use code; it stays, so that a second use can be told from a guess
	TokenHash string // of the learner's token, once the code was exchanged

	HandoverHash  string    // of the code for another device; it stays when that was used
	HandoverUntil time.Time // when it stops being good; zero once it was used
	FollowerHash  string    // of the token that was out before the hand-over: it only reads

	GuardianCodeHash  string // of the code for the guardian's own device, and
	GuardianTokenHash string // of their token: as CodeHash and TokenHash are for the person

	Secret    []byte // the Reference, sealed under SecretKey
	SecretKey []byte // the session's own key, itself sealed; both empty once the session ended

	NamedBy IdentityFrom // for a route that names the person: who gives name and number

	Fails, Uploads int
	LastResult     Result
	LastReason     Reason // why the last check reached no outcome
	Shown          Shown
	Grants         int // how often the person has agreed in it
	GuardianGrants int // and how often their guardian has
	Evidence       Evidence
}

// Shown is which notice the session has shown last, and in which languages.
type Shown struct {
	Notice   ID       `json:"id,omitempty"`
	Locales  []Locale `json:"locales,omitempty"`
	Guardian []Locale `json:"guardian,omitempty"` // on the guardian's device
}

// Evidence is what the session's check relied on.
type Evidence struct {
	Consent    ID            `json:"consent,omitempty"`
	Notice     NoticeRef     `json:"notice"`
	Delegation DelegationRef `json:"delegation"`
	Outcome    ID            `json:"outcome,omitempty"` // the Record of the outcome
	OutcomeAt  time.Time     `json:"outcome_at,omitzero"`
	Capture    string        `json:"capture,omitempty"`
	Liveness   bool          `json:"liveness,omitempty"`
	Identity   IdentityFrom  `json:"identity_from,omitempty"`

	GuardianConsent ID `json:"guardian_consent,omitempty"` // of a minor, beside their own

	Alternative *AlternativeReport `json:"alternative,omitempty"`
}

// Audience is the audience of the notice that this session shows.
func (s Session) Audience() Audience { return s.AgeGroup.Audience() }

// IdentityFrom is who says which name and number are checked. It decides what a pass is
// worth: whoever types somebody else's passes as them.
type IdentityFrom string

const (
	FromPlatform IdentityFrom = "platform"
	FromPerson   IdentityFrom = "person"
	FromVendor   IdentityFrom = "vendor" // its page asks for them
)

// identityFrom is who gives them for a session; nobody on a route that names nobody.
func identityFrom(r SessionRequest) IdentityFrom {
	switch {
	case r.Reference != nil && r.Reference.Identity != nil:
		return FromPlatform
	case r.Route.TakesIdentity():
		return FromPerson
	case r.Route == Hosted:
		return FromVendor
	}
	return ""
}

// AttemptsLeft counts the fails that the person has left.
func (s Session) AttemptsLeft() int { return max(0, MaxFails-s.Fails) }

// SessionRequest is what the LMS asks for; field names are those of the interface.
type SessionRequest struct {
	Kind      Kind       `json:"kind"`
	Purpose   Purpose    `json:"purpose"`
	Route     Route      `json:"route"`
	Subject   string     `json:"subject"`
	AgeGroup  AgeGroup   `json:"age_group"`
	Resource  string     `json:"resource"`
	Reference *Reference `json:"reference"`
	Nonce     string     `json:"nonce"`
	ClientRef string     `json:"client_ref"`
	Locale    Locale     `json:"locale"`
	ReturnURL string     `json:"return_url"`
	TTL       int        `json:"ttl_s"`
}

var printable = regexp.MustCompile(`^[\x21-\x7e\p{L}\p{N}]+$`)

// Validate returns an InvalidValue refusal naming every faulty field.
func (r SessionRequest) Validate(p Profile, loopbackToo bool) error {
	var f faults
	f.word("purpose", string(r.Purpose), r.Purpose.Valid() || r.Kind == MeKind && r.Purpose == "")
	switch {
	case r.Subject == "":
		f.add("subject", Missing)
	case utf8.RuneCountInString(r.Subject) > MaxSubject:
		f.add("subject", TooLong)
	case !printable.MatchString(r.Subject):
		f.add("subject", BadFormat)
	}
	f.word("age_group", string(r.AgeGroup), r.AgeGroup == GrownUp || r.AgeGroup == Minor || r.AgeGroup == Child)
	for field, s := range map[string]string{"resource": r.Resource, "nonce": r.Nonce, "client_ref": r.ClientRef} {
		f.label(field, s, MaxResource)
	}
	if r.Locale != "" && !r.Locale.Valid() {
		f.add("locale", NotAllowed)
	}
	switch {
	case r.ReturnURL == "":
	case len(r.ReturnURL) > 2_000:
		f.add("return_url", TooLong)
	case !p.MayReturnTo(r.ReturnURL):
		f.add("return_url", NotOrigin)
	}
	if r.TTL != 0 && (r.TTL < int(LeastTTL/time.Second) || r.TTL > int(MostTTL/time.Second)) {
		f.add("ttl_s", OutOfRange)
	}
	f.word("kind", string(r.Kind), r.Kind.Valid())
	r.checkReference(&f, loopbackToo)
	return f.refusal()
}

func (r SessionRequest) checkReference(f *faults, loopbackToo bool) {
	switch {
	case r.Kind == MeKind && r.Route != "":
		f.add("route", NotAllowed) // nobody is checked there
	case r.Kind == CheckKind || r.Route != "":
		f.word("route", string(r.Route), r.Route.Valid())
	}
	if r.Kind != CheckKind {
		if r.Reference != nil {
			f.add("reference", NotAllowed)
		}
		return
	}
	if strings.TrimSpace(r.Resource) == "" {
		f.add("resource", Missing)
	}
	switch ref := r.Reference; {
	case !r.Route.Valid():
	case r.Route == Photo && (ref == nil || ref.PhotoURL == ""):
		f.add("reference.photo_url", Missing)
	case ref == nil:
	case r.Route != Photo && ref.PhotoURL != "":
		f.add("reference.photo_url", NotAllowed) // nothing on these routes is compared with it
	case r.Route == Photo && !SafeURL(ref.PhotoURL, loopbackToo):
		f.add("reference.photo_url", NotHTTPS)
	case r.Route == Photo && ref.Identity != nil:
		f.add("reference.identity", NotAllowed)
	case r.Route != Photo && ref.Identity == nil:
		f.add("reference.identity", Missing)
	case r.Route != Photo:
		f.checkIdentity("reference.identity", ref.Identity)
	}
}
