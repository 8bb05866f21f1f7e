package bundle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reconciliation is how the checks of a bundle stand to the consents, and to each other.
type Reconciliation struct {
	Started        int64 // checks that began
	NoConsent      int64 // without a consent that carries them
	ConsentOver    int64 // after it was withdrawn, refused, replaced or had lapsed
	StaleNotice    int64 // on a notice that had changed materially
	DelegationOver int64 // under a delegation that was revoked
	Concluded      int64 // outcomes
	NoStart        int64 // outcomes of no check that began, or of another one
	WithoutOutcome int64 // checks whose outcome is not among the Records
	StartedEarlier int64 // outcomes of checks that may have begun before the range
}

// rules are what must hold between Records, in the order of the log. What a person's
// Records say binds that person alone, so they may also be told of one person after the
// other (Reconciler).
type rules struct {
	Reconciliation
	named   breaches
	laid    *laidDown
	begins  bool // the Records from the first on are here
	grants  map[[16]byte]*grant
	current map[lane]*grant
	running map[attempt]started
	words   map[string]string // a few words that come often
	notices map[Reference]*Reference
	first   error
}

// grant is a consent of which checks may be made.
type grant struct {
	subject [16]byte
	lane    string // purpose, giver and the audience of the notice
	routes  string // each between spaces
	notice  *Reference
	until   time.Time
	ended   string // by which type of Record
}

// lane is where a person has one decision at a time: of one purpose, by one giver, on the
// notice for one audience.
type lane struct {
	subject [16]byte
	of      string
}

type attempt struct{ subject, session, id string }

// started is a check under way.
type started struct {
	purpose, route, consent, guardian string
	begun                             Named
}

// is reports whether an outcome is of that check.
func (s started) is(l Line) bool {
	return s.purpose == l.Purpose && s.route == l.Route && s.consent == l.Consent && s.guardian == l.GuardianConsent
}

func newRules(laid *laidDown, begins bool) *rules {
	return &rules{
		named: breaches{}, laid: laid, begins: begins, grants: map[[16]byte]*grant{}, current: map[lane]*grant{},
		running: map[attempt]started{}, words: map[string]string{}, notices: map[Reference]*Reference{},
	}
}

// breach counts one, and keeps the first for its words.
func (r *rules) breach(n *int64, k Kind, l Line, place int64, format string, args ...any) {
	*n++
	r.named.add(k, Named{place, l.ID})
	if r.first == nil {
		of := "check"
		if l.Type != startedType {
			of = "outcome"
		}
		r.first = fault(k, "the %s at place %d (Record %s) %s", of, place, l.ID, fmt.Sprintf(format, args...))
	}
}

func (r *rules) see(l Line, place int64, at time.Time, exported bool) error {
	kind, what, _ := strings.Cut(l.Type, ".")
	switch {
	case kind == "consent":
		return r.decision(l, what)
	case !exported || kind != "check" || what == "alternative":
	case l.Type == startedType:
		r.start(l, place, at)
	case slices.Contains(outcomes, what):
		r.outcome(l, place)
	}
	return nil
}

const startedType = "check.started"

var outcomes = []string{"passed", "failed", "not_performed", "unknown"}

func (r *rules) decision(l Line, what string) error {
	subject, ok := binaryHex(l.Subject)
	if !ok {
		return fault(NotARecord, "the Record %s is a decision of nobody", l.ID)
	}
	if what == "withdrawn" || what == "lapsed" {
		if id, ok := binaryID(l.Consent); ok && r.grants[id] != nil && r.grants[id].subject == subject {
			r.end(r.grants[id], l.Type)
		}
		return nil
	}
	audience := ""
	if l.Notice != nil && r.laid.notices[l.Notice.ID] != nil {
		audience = r.laid.notices[l.Notice.ID].audience
	}
	at := lane{subject, r.word(laneOf(l.Purpose, l.By, audience))}
	if before := r.current[at]; before != nil {
		r.end(before, l.Type)
		delete(r.current, at)
	}
	if what != "granted" {
		return nil
	}
	id, _ := binaryID(l.ID)
	until, err := time.Parse(time.RFC3339, l.Until)
	if err != nil || l.Notice == nil || r.grants[id] != nil {
		return fault(NotARecord, "the Record %s is a grant without notice or term, or is there twice", l.ID)
	}
	g := &grant{subject: subject, lane: at.of, routes: r.word(" " + strings.Join(l.Routes, " ") + " "), notice: r.reference(l.Notice), until: until}
	r.grants[id], r.current[at] = g, g
	return nil
}

func (r *rules) end(g *grant, by string) {
	if g.ended == "" {
		g.ended = r.word(by)
	}
}

func laneOf(purpose, by, audience string) string { return purpose + " " + by + " " + audience }

// word keeps one copy of a word.
func (r *rules) word(s string) string {
	if have, ok := r.words[s]; ok {
		return have
	}
	s = strings.Clone(s)
	r.words[s] = s
	return s
}

// reference keeps one copy of a reference.
func (r *rules) reference(to *Reference) *Reference {
	if have := r.notices[*to]; have != nil {
		return have
	}
	r.notices[*to] = to
	return to
}

// start is the beginning of a check: everything that the gate asks of a consent must be in
// the bundle.
func (r *rules) start(l Line, place int64, at time.Time) {
	r.Started++
	key := attempt{l.Subject, l.Session, l.Attempt}
	if _, twice := r.running[key]; twice {
		r.breach(&r.NoStart, NoStart, l, place, "began twice")
	}
	r.running[key] = started{l.Purpose, l.Route, l.Consent, l.GuardianConsent, Named{place, l.ID}}
	g := r.carries(l, l.Consent, place, at)
	if g == nil {
		return
	}
	giver := strings.Split(g.lane, " ")[1]
	minor := giver == "self" && strings.HasSuffix(g.lane, " guardian")
	switch {
	case l.Notice == nil || *l.Notice != *g.notice:
		r.breach(&r.NoConsent, NoConsent, l, place, "names another notice than its consent")
		return
	case minor && l.GuardianConsent == "":
		r.breach(&r.NoConsent, NoConsent, l, place, "is of a minor and rests on no guardian's consent")
		return
	}
	if l.GuardianConsent != "" {
		other := r.carries(l, l.GuardianConsent, place, at)
		if other != nil && other.lane != laneOf(l.Purpose, "guardian", "guardian") {
			r.breach(&r.NoConsent, NoConsent, l, place, "names a guardian's consent that is none")
		}
		if other != nil && !r.upToDate(l, other, place, at) {
			return
		}
	}
	if r.upToDate(l, g, place, at) && l.Delegation != nil {
		if revoked, is := r.laid.revoked[l.Delegation.ID]; is && revoked.Add(grace).Before(at) {
			r.breach(&r.DelegationOver, DelegationOver, l, place, "began under the delegation %s, which was revoked", l.Delegation.ID)
		}
	}
}

// carries finds the consent that a check names, if the check may rest on it.
func (r *rules) carries(l Line, consent string, place int64, at time.Time) *grant {
	g := r.granted(l, consent)
	switch {
	case g == nil:
		r.breach(&r.NoConsent, NoConsent, l, place, "rests on no consent of that person to that purpose")
	case g.ended != "":
		r.breach(&r.ConsentOver, ConsentOver, l, place, "began after its consent had ended (%s)", g.ended)
		return nil
	case !at.Before(g.until.Add(time.Second)): // it is written in whole seconds
		r.breach(&r.NoConsent, NoConsent, l, place, "began after the term of its consent")
		return nil
	case !strings.Contains(g.routes, " "+l.Route+" "):
		r.breach(&r.NoConsent, NoConsent, l, place, "is made in a way that its consent does not cover")
		return nil
	}
	return g
}

// granted is the grant by its id, if it is of the same person and purpose and stands before.
func (r *rules) granted(l Line, consent string) *grant {
	id, _ := binaryID(consent)
	subject, _ := binaryHex(l.Subject)
	g := r.grants[id]
	if g == nil || g.subject != subject || !strings.HasPrefix(g.lane, l.Purpose+" ") {
		return nil
	}
	return g
}

// upToDate compares the notice that was agreed to with those that had come since.
func (r *rules) upToDate(l Line, g *grant, place int64, at time.Time) bool {
	agreed := r.laid.notices[g.notice.ID]
	var inForce *published
	if l.NoticeInForce != nil {
		inForce = r.laid.notices[l.NoticeInForce.ID]
	}
	if agreed == nil || inForce == nil || agreed.series != inForce.series || r.laid.stale(agreed, inForce, at) {
		r.breach(&r.StaleNotice, StaleNotice, l, place, "rests on a notice that had changed materially")
		return false
	}
	return true
}

func (r *rules) outcome(l Line, place int64) {
	r.Concluded++
	key := attempt{l.Subject, l.Session, l.Attempt}
	began, here := r.running[key]
	delete(r.running, key)
	switch {
	case here && !began.is(l):
		r.breach(&r.NoStart, NoStart, l, place, "is of another check than the one that began")
	case here:
	case r.begins:
		r.breach(&r.NoStart, NoStart, l, place, "is of no check that began")
	case r.granted(l, l.Consent) == nil:
		r.breach(&r.NoConsent, NoConsent, l, place, "rests on no consent of that person to that purpose")
	default:
		r.StartedEarlier++
	}
}

// leave counts the checks that are still under way, behind the last Record, or behind a
// person's last.
func (r *rules) leave() {
	for _, s := range r.running {
		r.WithoutOutcome++
		r.named.add(withoutOutcome, s.begun)
	}
	clear(r.running)
}

// forget makes room for the next person.
func (r *rules) forget() {
	r.leave()
	clear(r.grants)
	clear(r.current)
}
