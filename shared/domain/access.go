package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// This file puts on record that somebody of the enterprise, or an operator, reads what is
// about people (duty D17). A key names its holder; who that is stands in the list of keys.

// AccessReason is why an administrator has pseudonyms turned back into the ids by which
// the platform knows people (duty D16), in a word that a Record can hold.
type AccessReason string

const (
	TellPeople    AccessReason = "breach_notification" // those affected are told (PIPL art. 57)
	TellAuthority AccessReason = "authority_inquiry"   // an authority asks
	LookInto      AccessReason = "investigation"       // the enterprise looks into an incident
)

// Valid reports whether the reason is known.
func (r AccessReason) Valid() bool {
	return slices.Contains([]AccessReason{TellPeople, TellAuthority, LookInto}, r)
}

// Listed says which people a list of the breach's scope holds.
type Listed string

const (
	ActivePeople Listed = "active" // whose data was in use between the two instants
	HeldPeople   Listed = "held"   // of whom anything was held by the second one
)

// Valid reports whether the word is known.
func (l Listed) Valid() bool { return l == ActivePeople || l == HeldPeople }

// ReadAccesses puts on record that the log of accesses was read, which names people by
// their pseudonyms.
func (c *Charter) ReadAccesses(from, to time.Time, actor ID) {
	c.record(AccessesRead, actor, func(r *Record) { r.From, r.To = from, to })
}

// ReadScope puts on record which people were listed as affected. The hash is over their
// pseudonyms, one a line, so that it can be shown later who was on the list.
func (c *Charter) ReadScope(from, to time.Time, listed Listed, people []string, actor ID) {
	n, sum := len(people), sha256.New()
	for _, p := range people {
		sum.Write([]byte(p + "\n"))
	}
	c.record(ScopeRead, actor, func(r *Record) {
		r.From, r.To, r.Listed, r.People = from, to, listed, &n
		r.SHA256 = hex.EncodeToString(sum.Sum(nil))
	})
}

// ReadSubject puts on record, in the person's own chain, that the id by which the
// platform knows them was shown to somebody, and why.
func (m *Moment) ReadSubject(reason AccessReason, actor ID) {
	m.record(SubjectRead, func(r *Record) { r.Reason, r.Actor = Reason(reason), actor })
}
