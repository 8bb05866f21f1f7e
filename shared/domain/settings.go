package domain

import (
	"slices"
	"time"
)

// Settings is what an enterprise's administrator switched on. FaceService is the
// switch for the third party as a whole (duty D20).
type Settings struct {
	FaceService bool
	Version     int // counts changes of the face service switch
	Purposes    map[Purpose]PurposeSettings
}

// Faces that an enterprise stores (duty D26): at the limit it has to file with the
// authority within 30 working days (FR art. 15), and is warned before.
const (
	FacesWarnFrom = 90_000
	FacesLimit    = 100_000
	FileWithin    = 30 // working days after it was reached
)

// StoredFaces is how many faces the enterprise declares to store, for all purposes. Nod
// cannot know whether the same face serves two, so none is taken off.
func (s Settings) StoredFaces() (sum int) {
	for _, p := range s.Purposes {
		sum += p.FacesDeclared()
	}
	return sum
}

// FacesDeclared is how many faces the enterprise declares to store for the purpose.
func (s PurposeSettings) FacesDeclared() int {
	if s.StoredFacesDeclared == nil {
		return 0
	}
	return *s.StoredFacesDeclared
}

// PurposeSettings are the settings of one purpose; field names are those of the interface.
type PurposeSettings struct {
	Enabled             bool        `json:"enabled"`
	FalseAccept         FalseAccept `json:"false_accept"`
	PhotoInput          bool        `json:"photo_input"`
	Webhook             string      `json:"webhook,omitempty"`
	ImpactAssessment    Assessment  `json:"impact_assessment"`
	NoCoercionDeclared  bool        `json:"no_coercion_declared"`
	StoredFacesDeclared *int        `json:"stored_faces_declared"` // nil: nothing was declared
	Version             int         `json:"-"`
}

// FalseAccept is how often a stranger may be taken for the person, at most: the
// vendor's scale of FaceModelVersion 3.0.
type FalseAccept string

const (
	OneIn1000   FalseAccept = "1e-3"
	OneIn10000  FalseAccept = "1e-4" // the default
	OneIn100000 FalseAccept = "1e-5"
)

// Assessment is the personal-information impact assessment (duty D25; PIPL art. 55).
type Assessment struct {
	Ref        string `json:"ref"`
	Date       string `json:"date"`
	ValidUntil string `json:"valid_until"`
	Outcome    string `json:"outcome"` // acceptable or rejected
	HighRisk   bool   `json:"high_risk"`
	SHA256     string `json:"sha256"`
}

// Acceptable reports whether processing may rest on the assessment at the
// instant. Its last day counts whole, in the enterprise's mainland time.
func (a Assessment) Acceptable(at time.Time) bool {
	return a.Outcome == "acceptable" && at.Before(a.Ends())
}

// Ends is the instant after its last day; zero if it names none.
func (a Assessment) Ends() time.Time {
	until, err := time.ParseInLocation(time.DateOnly, a.ValidUntil, mainland)
	if err != nil {
		return time.Time{}
	}
	return until.AddDate(0, 0, 1)
}

// assessmentDays checks that the assessment was made by now, and ends after it was made.
func (f *faults) assessmentDays(a Assessment, now time.Time) {
	made, err := time.ParseInLocation(time.DateOnly, a.Date, mainland)
	f.form("impact_assessment.date", a.Date, err == nil)
	if made.After(now) {
		f.add("impact_assessment.date", OutOfRange)
	}
	until, err := time.ParseInLocation(time.DateOnly, a.ValidUntil, mainland)
	f.form("impact_assessment.valid_until", a.ValidUntil, err == nil)
	if err == nil && until.Before(made) {
		f.add("impact_assessment.valid_until", OutOfRange)
	}
}

var mainland = time.FixedZone("UTC+8", 8*3600)

// Validate returns an InvalidValue refusal naming every faulty field.
func (s PurposeSettings) Validate(now time.Time, loopbackToo bool) error {
	return s.faults(now, loopbackToo).refusal()
}

func (s PurposeSettings) faults(now time.Time, loopbackToo bool) (f faults) {
	f.word("false_accept", string(s.FalseAccept), slices.Contains([]FalseAccept{OneIn1000, OneIn10000, OneIn100000}, s.FalseAccept))
	if n := s.FacesDeclared(); n < 0 || n > 10_000_000_000 { // more than there are people
		f.add("stored_faces_declared", OutOfRange)
	}
	if s.Webhook != "" && !SafeURL(s.Webhook, loopbackToo) {
		f.add("webhook", NotHTTPS)
	}
	a := s.ImpactAssessment
	if !s.Enabled && a == (Assessment{}) {
		return f
	}
	f.line("impact_assessment.ref", a.Ref, 200)
	f.assessmentDays(a, now)
	f.word("impact_assessment.outcome", a.Outcome, a.Outcome == "acceptable" || a.Outcome == "rejected")
	f.form("impact_assessment.sha256", a.SHA256, sha256Hex.MatchString(a.SHA256))
	f.declarations(s)
	return f
}

// declarations checks what the enterprise has to declare before a purpose is on: that
// nobody is coerced (duty D28), and how many faces it stores (duty D26).
func (f *faults) declarations(s PurposeSettings) {
	if s.Enabled && !s.NoCoercionDeclared {
		f.add("no_coercion_declared", Missing)
	}
	if s.Enabled && s.StoredFacesDeclared == nil {
		f.add("stored_faces_declared", Missing)
	}
}
