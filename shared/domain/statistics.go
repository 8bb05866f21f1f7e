package domain

import "time"

// Tally is what happened for one purpose (duty D19), counted in Records: a minor's check
// rests on two grants, and counts as two.
type Tally struct {
	Consents     ConsentTally `json:"consents"`
	Checks       CheckTally   `json:"checks"`
	Alternatives int          `json:"alternatives"`
	// PeopleChecked is how many different people a check was started for. It is a
	// statistic and nothing else (duty D26): Nod stores nobody's face.
	PeopleChecked int `json:"people_checked"`
}

// ConsentTally counts decisions, and consents that ended.
type ConsentTally struct {
	Granted   int `json:"granted"`
	Refused   int `json:"refused"`
	Withdrawn int `json:"withdrawn"`
	Lapsed    int `json:"lapsed"`
}

// CheckTally counts checks. Each that started becomes one of the other four.
type CheckTally struct {
	Started      int `json:"started"`
	Passed       int `json:"passed"`
	Failed       int `json:"failed"`
	NotPerformed int `json:"not_performed"`
	Unknown      int `json:"unknown"`
}

// RequestTally counts what people asked for. Overdue are those whose fifteen days ended
// in the time without an answer, by the time of asking.
type RequestTally struct {
	Opened   int `json:"opened"`
	Resolved int `json:"resolved"`
	Overdue  int `json:"overdue"`
}

// CountedForPurposes are the types of Record that statistics count by purpose; CountedForAll
// those that have none.
var (
	CountedForPurposes = []RecordType{
		ConsentGrantedType, ConsentRefusedType, ConsentWithdrawnType, ConsentLapsedType,
		CheckStarted, CheckPassed, CheckFailed, CheckNotPerformed, CheckUnknown, CheckAlternative,
	}
	CountedForAll = []RecordType{RequestOpened, RequestResolved}
)

// Count is how many Records of a type there were for a purpose in a stretch of time, and,
// of checks that started, how many people they are about.
type Count struct {
	Start   time.Time
	Purpose Purpose
	Type    RecordType
	Records int
	People  int
}

// Counts is what the log says about a range, for statistics.
type Counts struct {
	Now           time.Time
	Enterprise    Enterprise
	Settings      Settings
	Calendar      Calendar
	List          []Count
	Checked       map[Purpose]int // different people in the whole range; under "" those of all purposes
	BecameOverdue []time.Time     // requests that had no answer by then
}

// Add counts what the Records of one Count are.
func (t *Tally) Add(c Count) {
	at := map[RecordType]*int{
		ConsentGrantedType: &t.Consents.Granted, ConsentRefusedType: &t.Consents.Refused,
		ConsentWithdrawnType: &t.Consents.Withdrawn, ConsentLapsedType: &t.Consents.Lapsed,
		CheckStarted: &t.Checks.Started, CheckPassed: &t.Checks.Passed, CheckFailed: &t.Checks.Failed,
		CheckNotPerformed: &t.Checks.NotPerformed, CheckUnknown: &t.Checks.Unknown, CheckAlternative: &t.Alternatives,
	}[c.Type]
	if at != nil {
		*at += c.Records
	}
	if c.Type == CheckStarted {
		t.PeopleChecked += c.People
	}
}

// Add counts likewise.
func (t *RequestTally) Add(c Count) {
	switch c.Type {
	case RequestOpened:
		t.Opened += c.Records
	case RequestResolved:
		t.Resolved += c.Records
	}
}

// Unit is how long the stretches are that statistics come in.
type Unit string

const (
	Hour Unit = "hour"
	Day  Unit = "day"
)

// Bounds of statistics.
const (
	HourlyUpTo       = 48 * time.Hour
	LongestStatistic = 400 * 24 * time.Hour // a year, and some days to compare it with
)

// Calendar cuts time into stretches: days as they are where the enterprise is, or hours.
type Calendar struct {
	Unit Unit
	Zone *time.Location
}

// CalendarFor chooses the stretches for a range.
func CalendarFor(from, to time.Time, zone *time.Location) Calendar {
	if to.Sub(from) <= HourlyUpTo {
		return Calendar{Hour, zone}
	}
	return Calendar{Day, zone}
}

// Start is when the stretch began that an instant is in.
func (c Calendar) Start(at time.Time) time.Time {
	local := at.In(c.Zone)
	if c.Unit == Day {
		return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, c.Zone).UTC()
	}
	return at.Add(c.minutes(at)).Truncate(time.Hour).Add(-c.minutes(at)).UTC()
}

// Next is when the stretch ends that began at an instant.
func (c Calendar) Next(start time.Time) time.Time {
	if c.Unit == Hour {
		return start.Add(time.Hour)
	}
	local := start.In(c.Zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, c.Zone).UTC()
}

// minutes is by how much the zone's hours begin earlier than those of UTC: half an hour in
// some. An hour that comes twice when summer time ends is two hours.
func (c Calendar) minutes(at time.Time) time.Duration {
	_, offset := at.In(c.Zone).Zone()
	return time.Duration(offset) * time.Second % time.Hour
}

// Offset is what has to be added to an instant so that its stretch is a whole number of
// units, and until when it is so; zero for ever.
func (c Calendar) Offset(at time.Time) (add time.Duration, until time.Time) {
	_, end := at.In(c.Zone).ZoneBounds()
	if c.Unit == Hour {
		return c.minutes(at), end
	}
	_, offset := at.In(c.Zone).Zone()
	return time.Duration(offset) * time.Second, end
}

// Length of a stretch, where nothing is shifted.
func (u Unit) Length() time.Duration {
	if u == Hour {
		return time.Hour
	}
	return 24 * time.Hour
}
