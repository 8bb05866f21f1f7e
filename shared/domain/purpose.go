package domain

import "slices"

// Purpose 目的 is what a check is for.
type Purpose string

const (
	Training Purpose = "training"
	Exam     Purpose = "exam"
	RealName Purpose = "realname"
)

// Purposes lists them all.
var Purposes = []Purpose{Training, Exam, RealName}

// Valid reports whether the purpose is known.
func (p Purpose) Valid() bool { return slices.Contains(Purposes, p) }

// Route 途径 is how a check is made.
type Route string

const (
	Photo     Route = "photo"      // the face against the enterprise's photo
	Authority Route = "authority"  // name, ID number and face against the authority's photo
	Hosted    Route = "hosted"     // the vendor's own liveness page
	TwoFactor Route = "two_factor" // name and ID number, no face
)

// Valid reports whether the route is known.
func (r Route) Valid() bool {
	return r == Photo || r == Authority || r == Hosted || r == TwoFactor
}

// TakesFace reports whether Nod gets an image of the face on this route.
func (r Route) TakesFace() bool { return r == Photo || r == Authority }

// TakesIdentity reports whether a check on this route cannot do without a name and an
// ID number.
func (r Route) TakesIdentity() bool { return r == Authority || r == TwoFactor }

// Audience is whom a notice speaks to.
type Audience string

const (
	Adult    Audience = "adult"
	Guardian Audience = "guardian"
)

// Valid reports whether the audience is known.
func (a Audience) Valid() bool { return a == Adult || a == Guardian }

// AgeGroup is stated by the LMS when it opens a session (duty D23).
type AgeGroup string

const (
	GrownUp AgeGroup = "adult"
	Minor   AgeGroup = "minor" // 15 to 17
	Child   AgeGroup = "child" // 14 or under
)

// Audience is the notice that a person of the age group is shown.
func (a AgeGroup) Audience() Audience {
	if a == GrownUp {
		return Adult
	}
	return Guardian
}

// DataKinds lists what Nod may process, by the words used in delegations and notices.
var DataKinds = []string{"face_image", "reference_photo", "subject_id", "name", "id_number", "liveness_video"}

// KindsFor lists the kinds of data a route cannot do without: a notice that
// allows the route must name them.
func KindsFor(r Route) []string {
	switch r {
	case Photo:
		return []string{"face_image", "reference_photo", "subject_id"}
	case Authority:
		return []string{"face_image", "name", "id_number", "subject_id"}
	case Hosted:
		return []string{"face_image", "liveness_video", "subject_id"}
	default:
		return []string{"name", "id_number", "subject_id"}
	}
}
