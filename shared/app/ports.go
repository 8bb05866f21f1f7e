package app

import (
	"context"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// By says which Moment is meant: that of a session, of a consent (whose receipt
// carries a code), or of a subject for whom a session is being opened.
type By struct {
	Session domain.ID
	Consent domain.ID
	Opening *Opening
	// Subject is the pseudonym of a person about whom nothing else is asked.
	Subject string
	// Request is one that is answered or read, with the person's latest words on every
	// purpose, which the answer may end; with Text its file is loaded too.
	Request domain.ID
	// Purpose looks at another purpose's consent than the session's.
	Purpose domain.Purpose
	// Log loads the last checkpoint of the enterprise's log.
	Log bool
	// Check loads what a check about to start needs beyond the session: how often the
	// authority was asked about the person, and where the session stands in the queue.
	Check bool
	// Requests loads what opening another request needs: how many wait.
	Requests bool
	// Text loads the notice's contents and history too, which a page shows and a
	// check does not need.
	Text bool
	// Agreed loads the notices that the person's grants were given on, which a receipt of
	// a withdrawal tells of even if they are not in force any more.
	Agreed bool
}

// Opening names the subject of a session that does not exist yet. The subject gets
// a row if it has none.
type Opening struct {
	Lookup    string
	Pseudonym string // for a new row
	SealedID  []byte // for a new row
	Purpose   domain.Purpose
	AgeGroup  domain.AgeGroup
}

// Moments reads and changes what concerns one person, for one enterprise.
//
// Update reads the Moment in a transaction that orders it against everything else
// about the same subject, applies a rule and writes all that the rule collected;
// when it returns, that is durable. The rule may be called several times (see
// package store). A Refusal of the rule is returned after what was settled before
// it is written. domain.NoSuchThing if the session or consent is not there.
type Moments interface {
	Moment(ctx context.Context, by By) (*domain.Moment, error)
	Update(ctx context.Context, by By, once *Once, apply func(*domain.Moment) error) ([]ledger.Entry, error)
}

// People is Moments and what an enterprise holds about one person.
type People interface {
	Moments
	// Held is about the person of a session, domain.NoSuchThing if there is none.
	Held(ctx context.Context, session domain.ID) (domain.Holdings, error)
	// Chain is the lines of the log about one subject that are not restricted, in order,
	// after a place in it; next is the place of the last of them if others follow, or 0.
	Chain(ctx context.Context, subject string, after, limit int) (lines []ChainLine, next int, err error)
}

// Desk is Moments and the list of an enterprise's requests, oldest first.
type Desk interface {
	Moments
	Requests(ctx context.Context, f RequestFilter) (RequestsFound, error)
}

// RequestFilter narrows a list of requests.
type RequestFilter struct {
	Open  bool // only those that wait for their answer
	After domain.ID
	Limit int
}

// RequestsFound is a part of the list, at a moment of the database's clock.
type RequestsFound struct {
	Now  time.Time
	List []domain.Request
}

// Archive lets go of what need not be kept about somebody.
type Archive interface {
	// Keep reads all that is held about a person in a transaction that orders it against
	// everything else about them, applies a rule, and takes away what the rule let go of;
	// when it returns, that is durable. The rule may be called several times.
	// domain.NoSuchThing if there is nobody.
	Keep(ctx context.Context, subject string, apply func(*domain.Keeping) error) error
}

// Overseen is an enterprise as those see it who answer for it. What names people, be it by
// their pseudonyms, is handed to onRecord in the transaction in which it is read, to put
// that on record.
type Overseen interface {
	Moments
	// Counted counts what the log says about [from,to).
	Counted(ctx context.Context, from, to time.Time) (domain.Counts, error)
	// Outcomes counts how checks ended in [from,to), and in the time before, as long.
	Outcomes(ctx context.Context, from, to time.Time) ([]domain.OutcomesOf, error)
	// Waiting counts whom a change, or time, has left without a consent; of each kind at
	// most that many consents are looked at.
	Waiting(ctx context.Context, most int) ([]domain.Waiting, error)
	Enterprise(ctx context.Context) (domain.Enterprise, error)
	// Accesses lists lines of the log about accesses, oldest first, and all keys.
	Accesses(ctx context.Context, f AccessFilter, onRecord func(*domain.Charter)) (lines []string, keys []domain.Key, err error)
	// Scope puts on record only a list of people.
	Scope(ctx context.Context, f ScopeFilter, onRecord func(*domain.Charter, domain.Scope)) (domain.Scope, error)
	// Agreement reads a delegation and its agreement's file, empty if there is none.
	Agreement(ctx context.Context, delegation domain.ID) (domain.Delegation, []byte, error)
}

// AccessFilter is which accesses are listed: those in [From,To) behind a cursor.
type AccessFilter struct {
	From, To time.Time
	After    domain.ID
	Limit    int
}

// ScopeFilter is which breach is asked about, and which people are listed; none if Listed
// is empty. After is a pseudonym.
type ScopeFilter struct {
	From, To time.Time
	Listed   domain.Listed
	After    string
	Limit    int
}

// Charters reads and changes what one enterprise laid down, under the same terms;
// a Refusal writes nothing.
type Charters interface {
	Charter(ctx context.Context) (*domain.Charter, error)
	Instruct(ctx context.Context, once *Once, apply func(*domain.Charter) error) error
	// PurposeVersion is a version of a purpose's settings and when it came, also of one that
	// others have followed: each is kept. domain.NoSuchThing if there is none.
	PurposeVersion(ctx context.Context, p domain.Purpose, version int) (s domain.PurposeSettings, since time.Time, err error)
	// Notices are newest first, all before a cursor if it is not empty.
	Notices(ctx context.Context, before domain.ID, limit int) ([]domain.Notice, error)
}

// Sessions is Moments and the list of an enterprise's sessions, oldest first.
type Sessions interface {
	Moments
	Sessions(ctx context.Context, f SessionFilter) ([]domain.ID, error)
}

// SessionFilter narrows a list of sessions; empty fields narrow nothing.
type SessionFilter struct {
	Lookup   string // of the subject
	Resource string
	After    domain.ID
	Limit    int
}

// Founding enters a new enterprise.
type Founding interface {
	Charters
	Found(ctx context.Context, once *Once, apply func(*domain.Charter) error) error
}

// Register is what the operator keeps about all enterprises.
type Register interface {
	Enterprises(ctx context.Context, after domain.ID, limit int) ([]domain.Enterprise, error)
	Operators(ctx context.Context) ([]domain.Key, error)
	// done is called with the key as it is then, before the answer is kept.
	AddOperator(ctx context.Context, k domain.Key, hash string, once *Once, done func(domain.Key)) error
	RevokeOperator(ctx context.Context, id domain.ID, once *Once, done func(domain.Key)) error
	KeyOwner(ctx context.Context, id domain.ID) (domain.Key, error)
}

// Keys finds a live key by the hash of its secret, domain.NoSuchThing if there is
// none. enterprise is empty for an operator's.
type Keys interface {
	KeyBySecret(ctx context.Context, enterprise domain.ID, hash string) (domain.Key, error)
}

// Turns finds out when a session may call the face API for its route, of which rate calls are made in a
// second at most; turnedBack says that the vendor refused it just now. See store.Tenant.
type Turns interface {
	Turn(ctx context.Context, session domain.ID, route domain.Route, rate int, turnedBack bool) (Wait, error)
}

// Wait is how long somebody has to wait in a queue, as far as can be told. Called says that
// the call may be made when that time is over, by this function, and that it counts on it.
type Wait struct {
	For    time.Duration
	Called bool
}

// FaceAPI compares one capture, or one name, with one reference, and sends people to the
// vendor's page; see face.API.
type FaceAPI interface {
	Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome
	Visit(ctx context.Context, p *domain.Permit, c domain.Comparison, back string) (domain.Visit, domain.Outcome)
	Collect(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome
}

// Vault encrypts what may be kept only unreadable; see vault.Vault.
type Vault interface {
	Lookup(enterprise domain.ID, subject string) string
	SealSubject(enterprise domain.ID, subject string) ([]byte, error)
	OpenSubject(enterprise domain.ID, sealed []byte) (string, error)
	SealSalt(pseudonym string, salt []byte) ([]byte, error)
	OpenSalt(pseudonym string, sealed []byte) ([]byte, error)
	SealReference(session domain.ID, r domain.Reference) (secret, key []byte, err error)
	SealAgain(p *domain.Permit, s *domain.Session, r domain.Reference) (secret []byte, err error)
	OpenReference(p *domain.Permit, s *domain.Session) (domain.Reference, error)
	Answers
	Words
}

// Words encrypts what a person or an administrator wrote or handed in, bound to where it
// belongs. What is empty stays so.
type Words interface {
	SealWords(place string, words []byte) ([]byte, error)
	OpenWords(place string, sealed []byte) ([]byte, error)
}

// Answers encrypts answers that are kept to be given again.
type Answers interface {
	SealAnswer(place string, answer []byte) ([]byte, error)
	// Fingerprint tells requests apart, and nobody what was in them.
	Fingerprint(request string) string
	OpenAnswer(place string, sealed []byte) ([]byte, error)
}
