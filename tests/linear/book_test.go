package linear

import "slices"

// This file is the specification: what Nod knows, as plain values, and what each call
// makes of it. Time stands still in it: nothing here expires, and less than 48 hours pass.

// The bounds of DESIGN.md section 5: three fails, ten uploads, ten grants in a session.
const (
	mostFails   = 3
	mostUploads = 10
	mostGrants  = 10
)

// How many of each a history has room for.
const (
	roomForPeople      = 3
	roomForSessions    = 96
	roomForDelegations = 6
)

// book is everything that decides. It is copied whole by each step and compared whole.
type book struct {
	laid     charter // what the enterprise has laid down
	people   [roomForPeople]person
	sessions [roomForSessions]session
}

// charter is the enterprise's side.
type charter struct {
	purpose, face bool // switched on
	notice        notice
	revoked       [roomForDelegations]bool
}

type notice struct {
	version       int
	materialSince int // the last version that made earlier consents stale
	contact       int // whom to turn to: a fact whose change is material
	delegation    int
}

type person struct {
	consent consent
	records int // how many decisions, withdrawals and steps of checks their chain has
	lapses  int // and how many lapses
}

// consent is the last decision of a person; its place in their chain is its name.
type consent struct {
	place   int
	state   string // "" if there was none
	version int    // of the notice
	session int
}

type session struct {
	person                 int
	state                  string // "" before it is opened
	fails, uploads, grants int
	running                bool // a check is under way
	reliesOn               int  // the consent of that check
}

func (s session) final() bool {
	return s.state == "withdrawn" || s.state == "passed" || s.state == "failed"
}

func (b *book) who(s int) *person { return &b.people[b.sessions[s].person] }

// unavailable lists what of the enterprise's side is missing.
func (c *charter) unavailable() (why []string) {
	for reason, missing := range map[string]bool{
		"face-service-off": !c.face, "purpose-off": !c.purpose,
		"delegation-not-in-force": c.revoked[c.notice.delegation],
	} {
		if missing {
			why = append(why, reason)
		}
	}
	return why
}

// lapse ends a grant that the notice or the delegation has ended.
func (b *book) lapse(p *person) {
	c := &b.laid
	stale := p.consent.version < c.notice.materialSince || c.revoked[c.notice.delegation]
	if p.consent.state == "granted" && stale {
		p.consent.state = "lapsed"
		p.lapses++
	}
}

// meet brings a session up to date for whoever looks at it. A check under way keeps its
// ground until it is over.
func (b *book) meet(i int) {
	s := &b.sessions[i]
	if !s.running {
		b.lapse(b.who(i))
	}
	b.heed(i)
	if s.state == "consented" && b.who(i).consent.state == "lapsed" && !s.running {
		s.state = "open"
	}
}

// heed moves a session after a no that was said elsewhere.
func (b *book) heed(i int) {
	s := &b.sessions[i]
	said := b.who(i).consent.state
	if s.state == "consented" && (said == "refused" || said == "withdrawn") {
		s.state = said
	}
}

// over says why a session takes nothing more.
func (b *book) over(i int) (why []string) {
	switch b.sessions[i].state {
	case "withdrawn":
		return []string{"consent-withdrawn"}
	case "failed":
		return []string{"attempts-used-up"}
	case "passed":
		return []string{"session-ended"}
	}
	return nil
}

// write gives the next place in the person's chain.
func (p *person) write() int {
	p.records++
	return p.records
}

// open is the platform's call. A person who agreed is not asked, and one who said no
// today is not asked either.
func (b *book) open(i, who int) (why []string) {
	if why = b.laid.unavailable(); len(why) > 0 {
		return why
	}
	p := &b.people[who]
	b.lapse(p)
	state := map[string]string{"granted": "consented", "refused": "refused", "withdrawn": "refused"}[p.consent.state]
	if state == "" {
		state = "open"
	}
	b.sessions[i] = session{person: who, state: state}
	return nil
}

// grant answers the notice of a version with a yes, refuse with a no. A no is always
// taken.
func (b *book) grant(i, version int) (why []string) {
	b.meet(i)
	s, p := &b.sessions[i], b.who(i)
	if why = b.over(i); len(why) > 0 {
		return why
	}
	if why = b.laid.unavailable(); version != b.laid.notice.version {
		why = append(why, "notice-changed")
	}
	if s.state == "consented" || p.consent.state == "granted" && p.consent.session == i {
		why = append(why, "already-decided")
	}
	if s.grants == mostGrants {
		why = append(why, "decided-too-often")
	}
	if len(why) > 0 {
		return why
	}
	p.consent = consent{place: p.write(), state: "granted", version: version, session: i}
	s.grants++
	s.state = "consented"
	return nil
}

func (b *book) refuse(i, version int) (why []string) {
	b.meet(i)
	s, p := &b.sessions[i], b.who(i)
	if why = b.over(i); len(why) > 0 {
		return why
	}
	if version != b.laid.notice.version {
		why = append(why, "notice-changed")
	}
	if s.state == "refused" && (p.consent.state == "refused" || p.consent.state == "withdrawn") {
		why = append(why, "already-decided")
	}
	if len(why) > 0 {
		return why
	}
	p.consent = consent{place: p.write(), state: "refused", version: version, session: i}
	s.state = "refused"
	return nil
}

// withdraw works whatever else is off, and ends every session that stood on the consent.
func (b *book) withdraw(i int) (why []string) {
	b.meet(i)
	p := b.who(i)
	if p.consent.state != "granted" {
		return []string{"no-consent-to-withdraw"}
	}
	b.end(b.sessions[i].person)
	return nil
}

// receipt is a withdrawal without a session. It ends the consent that it was given for,
// not a later one.
func (b *book) receipt(who, place int) (why []string) {
	p := &b.people[who]
	if p.consent.place == place {
		b.lapse(p)
	}
	if p.consent.place != place || p.consent.state != "granted" {
		return []string{"no-consent-to-withdraw"}
	}
	b.end(who)
	return nil
}

// end takes a person's consent back, and every session that stood on it ends too.
func (b *book) end(who int) {
	b.people[who].consent.state = "withdrawn"
	b.people[who].write()
	for i := range b.sessions {
		if s := &b.sessions[i]; s.person == who && s.state == "consented" {
			s.state = "withdrawn"
		}
	}
}

// reserve is the gate. It says why not, or begins a check.
func (b *book) reserve(i int) (why []string) {
	b.meet(i)
	s, p := &b.sessions[i], b.who(i)
	if why = b.over(i); len(why) > 0 {
		return why
	}
	why = b.laid.unavailable()
	switch p.consent.state {
	case "":
		why = append(why, "consent-required")
	case "refused":
		why = append(why, "consent-refused")
	case "withdrawn":
		why = append(why, "consent-withdrawn")
	case "lapsed":
		why = append(why, "consent-stale")
	}
	for reason, so := range map[string]bool{
		"consent-required":  p.consent.state == "granted" && s.state != "consented", // agreed elsewhere, not here
		"check-in-progress": s.running,
		"attempts-used-up":  s.fails == mostFails,
		"uploads-used-up":   s.uploads == mostUploads,
	} {
		if so {
			why = append(why, reason)
		}
	}
	if len(why) > 0 {
		return why
	}
	p.write()
	s.uploads++
	s.running, s.reliesOn = true, p.consent.place
	return nil
}

// conclude takes what the face API said. It counts only if the person has not spoken
// since; a lapse meanwhile does not undo what was permitted.
func (b *book) conclude(i int, result string) (why []string) {
	b.heed(i)
	s, p := &b.sessions[i], b.who(i)
	if !s.running {
		return []string{"nothing was under way"}
	}
	s.running = false
	p.write()
	switch {
	case p.consent.state == "withdrawn":
		return []string{"consent-withdrawn"}
	case p.consent.state == "refused":
		return []string{"consent-refused"}
	case s.state == "refused": // and agreed anew elsewhere
		return []string{"consent-refused"}
	case s.state != "consented":
		return b.over(i)
	case p.consent.place != s.reliesOn:
		return []string{"consent-stale"}
	}
	switch result {
	case "pass":
		s.state = "passed"
	case "fail":
		if s.fails++; s.fails == mostFails {
			s.state = "failed"
		}
	default:
		return []string{result}
	}
	return nil
}

// publish makes a notice the one in force, and says whether it is material: the person
// to turn to is another, the administrator says so, or there was a time without a
// delegation.
func (c *charter) publish(contact, delegation int, raised bool) (material bool, why []string) {
	if c.revoked[delegation] {
		return false, []string{"delegation-not-in-force"}
	}
	n := &c.notice
	material = raised || contact != n.contact || c.revoked[n.delegation]
	n.version++
	n.contact, n.delegation = contact, delegation
	if material {
		n.materialSince = n.version
	}
	return material, nil
}

// explains reports whether a reason that was given is among the true ones.
func explains(why []string, given string) bool {
	if given == "" {
		return len(why) == 0
	}
	return slices.Contains(why, given)
}
