package domain

import (
	"strconv"
	"strings"
	"time"
)

// EventType is what an enterprise's platform is told of by webhook.
type EventType string

const (
	TellCompleted  EventType = "session.completed"
	TellWithdrawn  EventType = "consent.withdrawn"
	TellLapsed     EventType = "consent.lapsed"
	TellDelegation EventType = "delegation.expiring"
	TellAssessment EventType = "assessment.expiring"
	TellRequest    EventType = "request.due"
	TellFaces      EventType = "stored_faces.near_limit"
	TellClosing    EventType = "enterprise.closing"
	TellExport     EventType = "export.ready"
)

// EventKey is what makes an event one: nobody is told twice of the same step of the same
// thing at the same place. It is a key of the database.
type EventKey struct {
	Type    EventType
	Purpose Purpose // whose settings say where it goes
	Thing   string  // what it is about: an id, or what has none
	Step    string  // how far that is: a state, a cause, so many days ahead
}

// Event is something that has happened, or is near, and that the platform is told of. It
// is written in the transaction of what it tells, and waits there to be delivered.
type Event struct {
	EventKey
	ID   ID // of the message: the same however often it is sent
	At   time.Time
	Data EventData // as far as it is known when the event is written
}

// EventData is what a message says: ids, states and words. Whoever may know more fetches
// it with a key. Field names are those of the interface.
type EventData struct {
	Enterprise ID         `json:"enterprise"`
	Mode       Mode       `json:"mode"`
	Purpose    Purpose    `json:"purpose,omitempty"`
	Session    ID         `json:"session,omitempty"`
	Consent    ID         `json:"consent,omitempty"`
	Delegation ID         `json:"delegation,omitempty"`
	Request    ID         `json:"request,omitempty"`
	Kind       string     `json:"kind,omitempty"` // of the session, or of the request
	State      string     `json:"state,omitempty"`
	Result     Result     `json:"result,omitempty"`
	Cause      LapseCause `json:"cause,omitempty"`
	ClientRef  string     `json:"client_ref,omitempty"`
	Assertion  string     `json:"assertion,omitempty"`  // made when it is delivered
	Checkpoint string     `json:"checkpoint,omitempty"` // the log's last one, when it is delivered

	Days       int       `json:"days,omitempty"` // that are left, at most
	ValidUntil time.Time `json:"valid_until,omitzero"`
	DueAt      time.Time `json:"due_at,omitzero"`
	Overdue    bool      `json:"overdue,omitempty"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`
	Export     ID        `json:"export,omitempty"`
	SHA256     string    `json:"sha256,omitempty"`
	Bytes      int64     `json:"bytes,omitempty"`
	Records    *int64    `json:"records,omitempty"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	Last       bool      `json:"last,omitempty"`
	Declared   int       `json:"declared,omitempty"`
	Limit      int       `json:"limit,omitempty"`
	FileWithin int       `json:"file_within_working_days,omitempty"`
}

// Hooks are the purposes to whose webhooks goes what concerns no one purpose: each
// address once.
func (s Settings) Hooks() (list []Purpose) {
	seen := map[string]bool{"": true}
	for _, p := range Purposes {
		if url := s.Purposes[p].Webhook; !seen[url] {
			seen[url] = true
			list = append(list, p)
		}
	}
	return list
}

// tell has the platform told, if it has said where.
func (m *Moment) tell(k EventKey, d EventData) {
	if m.Settings.Purposes[k.Purpose].Webhook == "" {
		return
	}
	d.Enterprise, d.Mode, d.Purpose = m.Enterprise.ID, m.Enterprise.Profile.Mode, k.Purpose
	m.Events = append(m.Events, &Event{EventKey: k, ID: m.Mint(), At: m.Now, Data: d})
}

// tellOf tells that a grant has ended.
func (m *Moment) tellOf(t EventType, c *Consent) {
	m.tell(EventKey{t, c.Purpose, string(c.ID), string(c.State)},
		EventData{Consent: c.ID, Session: c.Session, State: string(c.State), Cause: c.Cause})
}

// move takes the session to its next state and has its platform told where it ends. What
// the session has become by the time of the message, whoever sends that looks up.
func (m *Moment) move(next State) {
	s := m.Session
	s.to(next)
	if s.Completed() {
		m.tell(EventKey{TellCompleted, s.Purpose, string(s.ID), m.step(next)}, EventData{})
	}
}

// step is how far a session has come. One that only asks can come to the same answer
// twice; there the place in the person's chain tells the one time from the other.
func (m *Moment) step(next State) string {
	if next.Terminal() {
		return string(next)
	}
	return string(next) + " " + strconv.Itoa(m.Subject.Records+len(m.Records))
}

// StateOf is the state that a step of a session names.
func StateOf(step string) string {
	state, _, _ := strings.Cut(step, " ")
	return state
}

// Completed reports whether the session has come to what it was opened for. One that only
// asks has, with the answer, although that may still change while its time lasts.
func (s Session) Completed() bool {
	return s.Kind != MeKind && (s.State.Terminal() || s.Kind == ConsentKind && s.State != Open)
}

// tellAll tells what concerns no one purpose, at every address that there is.
func (c *Charter) tellAll(t EventType, thing, step string, d EventData) {
	d.Enterprise, d.Mode = c.Enterprise.ID, c.Enterprise.Profile.Mode
	for _, p := range c.Settings.Hooks() {
		c.Events = append(c.Events, &Event{EventKey: EventKey{t, p, thing, step}, ID: c.Mint(), At: c.Now, Data: d})
	}
}
