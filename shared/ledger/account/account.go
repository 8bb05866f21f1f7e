// Package account writes a bundle's report for people: what an enterprise's checks and
// consents came to, for a compliance officer, an authority or a court. It is one page of
// HTML that asks for nothing outside of itself, in Chinese and in English, and prints.
//
// It is told everything, and knows no clock: the same facts come to the same bytes. So
// whoever verifies a bundle derives the page again and compares.
package account

import "time"

// Facts are what the lines of a bundle come to.
type Facts struct {
	Enterprise  string
	Names       map[string]string // of the enterprise, by language, as its latest notice tells it
	Origin      string            // names the log
	Size        int64             // of the log under the checkpoint
	Root        string            // that the checkpoint signs, as it spells it
	Filter      Filter
	First       int64 // place of the range
	Count       int64 // of the range
	Records     int64 // of it that the bundle holds
	Scripted    int64 // of these that are a test enterprise's, whose outcomes are chosen beforehand
	Begin, End  time.Time
	Totals      Counts
	Days        []Day     // in their order, those on which something was counted
	Purposes    []Purpose // in the order of their names
	Notices     []Notice
	Delegations []Delegation
	Checks      Checks
}

// Filter is what the bundle was asked to hold.
type Filter struct {
	From, To string // as the manifest spells them
	Purposes []string
	Subject  string // pseudonym
	Subjects bool   // the platform's ids are in its tables
}

func (f Filter) whole() bool { return len(f.Purposes) == 0 && f.Subject == "" }

// Counts are how often each thing happened.
type Counts [counted]int64

// What is counted.
const (
	Granted = iota
	Refused
	Withdrawn
	Lapsed
	Passed
	Failed
	NotPerformed
	Unknown
	Started
	InsteadPassed // another way of recognising the person, that came to a pass
	InsteadFailed
	Opened // requests
	Resolved
	counted
)

// Day is what happened on one: its number since 1970, by the clock in China.
type Day struct {
	Number int
	Counts
}

// China is where people are asked and checked, and whose days are meant; it has one time,
// all year round.
var China = time.FixedZone("UTC+8", 8*60*60)

// DayOf is the number of an instant's day.
func DayOf(at time.Time) int {
	s := at.Unix() + 8*60*60
	if s < 0 {
		s -= 24*60*60 - 1
	}
	return int(s / (24 * 60 * 60))
}

// Purpose is what happened for one; without a name, for none.
type Purpose struct {
	Name string
	Counts
}

// Notice is a version in one language that checks relied on.
type Notice struct {
	ID, SHA256, Locale string
	Version            int
	Purpose, Audience  string
	Since              time.Time // when it was in force; the zero time if that is not in the bundle
	Checks             int64
}

// Delegation is one that checks relied on.
type Delegation struct {
	ID, SHA256     string
	Version        int
	Since, Revoked time.Time // zero if not, or not in the bundle
	Checks         int64
}

// Checks is the reconciliation.
type Checks struct {
	Started, Concluded, StartedEarlier int64
	NoConsent, ConsentOver             Finding
	StaleNotice, DelegationOver        Finding
	NoStart, WithoutOutcome            Finding
}

// Finding is how many Records are of a kind, and the first of them.
type Finding struct {
	N     int64
	Named []Named
}

// Named is a Record.
type Named struct {
	Place  int64
	Record string
}

// Page writes the report.
func Page(f Facts) []byte {
	w := &writer{}
	w.head()
	for _, t := range languages {
		(&section{w, t, f}).write()
	}
	w.put("</main>\n</body>\n</html>\n")
	return w.Bytes()
}
