package bundle

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"nod/shared/ledger/account"
)

// Tally is what a bundle's own lines come to for its report. It is JSON, so that whoever
// makes a bundle in steps writes down how far it is; it grows with days, purposes and
// versions, not with Records.
type Tally struct {
	First       string                     `json:"first"` // the earliest time of a Record
	Last        string                     `json:"last"`
	Scripted    int64                      `json:"scripted"` // Records of a test enterprise
	Days        map[int]*account.Counts    `json:"days"`
	Purposes    map[string]*account.Counts `json:"purposes"`
	Notices     map[string]int64           `json:"notices"` // checks by what they relied on
	Delegations map[string]int64           `json:"delegations"`
	Consents    map[string]int64           `json:"consents"` // decisions by the notice that they name
}

// counted is where a type of Record is counted.
var counted = map[string]int{
	"consent.granted": account.Granted, "consent.refused": account.Refused, "consent.withdrawn": account.Withdrawn, "consent.lapsed": account.Lapsed,
	"check.passed": account.Passed, "check.failed": account.Failed, "check.not_performed": account.NotPerformed, "check.unknown": account.Unknown,
	startedType: account.Started, "check.alternative": account.InsteadPassed,
	"request.opened": account.Opened, "request.resolved": account.Resolved,
}

// Add takes the next line.
func (t *Tally) Add(l Line) {
	if t.First == "" || l.At < t.First {
		t.First = l.At
	}
	t.Last = max(t.Last, l.At)
	if l.Mode == "test" {
		t.Scripted++
	}
	kind, is := counted[l.Type]
	if !is {
		return
	}
	if kind == account.InsteadPassed && l.Result != "pass" {
		kind = account.InsteadFailed
	}
	if t.Days == nil {
		t.Days, t.Purposes = map[int]*account.Counts{}, map[string]*account.Counts{}
		t.Notices, t.Delegations, t.Consents = map[string]int64{}, map[string]int64{}, map[string]int64{}
	}
	at, _ := time.Parse(instantForm, l.At)
	count(t.Days, account.DayOf(at), kind)
	if kind != account.Opened && kind != account.Resolved {
		count(t.Purposes, l.Purpose, kind)
	}
	if kind == account.Granted || kind == account.Refused {
		t.Consents[spelled(l.Notice)]++
	}
	if kind == account.Started {
		t.Notices[spelled(l.Notice)]++
		t.Delegations[spelled(l.Delegation)]++
	}
}

func count[K comparable](in map[K]*account.Counts, key K, kind int) {
	if in[key] == nil {
		in[key] = &account.Counts{}
	}
	in[key][kind]++
}

// Account is everything that a bundle's report is made of.
type Account struct {
	Manifest   Claims
	Checkpoint string // as it is signed
	Tally      Tally
	Laid       *LaidDown
	Reconciled Reconciled
	// Names are the enterprise's, by language, as the notice of Laid.LatestNotice tells them.
	Names map[string]string
}

// Claims is what the report repeats of the manifest.
type Claims struct {
	Enterprise, Origin         string
	From, To                   string
	Purposes                   []string
	Subject                    string
	Subjects                   bool // the platform's ids are in the tables
	Size, First, Count, Record int64
}

// Report writes the bundle's report.html.
func (a Account) Report() []byte {
	m, t := a.Manifest, a.Tally
	f := account.Facts{
		Enterprise: m.Enterprise, Origin: m.Origin, Size: m.Size, First: m.First, Count: m.Count, Records: m.Record,
		Filter: account.Filter{From: m.From, To: m.To, Purposes: m.Purposes, Subject: m.Subject, Subjects: m.Subjects},
		Names:  a.Names, Checks: a.Reconciled.account(), Scripted: t.Scripted,
	}
	if text := strings.SplitN(a.Checkpoint, "\n", 4); len(text) == 4 {
		f.Root = text[2]
	}
	f.Begin, _ = time.Parse(instantForm, t.First)
	f.End, _ = time.Parse(instantForm, t.Last)
	for _, n := range slices.Sorted(maps.Keys(t.Days)) {
		f.Days = append(f.Days, account.Day{Number: n, Counts: *t.Days[n]})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Purposes)) {
		f.Purposes = append(f.Purposes, account.Purpose{Name: name, Counts: *t.Purposes[name]})
	}
	for _, d := range f.Days {
		for kind, n := range d.Counts {
			f.Totals[kind] += n
		}
	}
	f.Notices, f.Delegations = a.notices(), a.delegations()
	return account.Page(f)
}

// NamesIn are the enterprise's names that a notice's document tells.
func NamesIn(document []byte) map[string]string {
	var notice struct {
		Facts struct {
			Names map[string]string `json:"enterprise_name"`
		} `json:"facts"`
	}
	_ = json.Unmarshal(document, &notice) // or else it tells none
	return notice.Facts.Names
}

// relied reads what checks relied on.
func relied(in map[string]int64) (list []Reference) {
	for text := range in {
		var r Reference
		if text != "" && json.Unmarshal([]byte(text), &r) == nil {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b Reference) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.locale(), b.locale()), strings.Compare(spelled(&a), spelled(&b)))
	})
	return list
}

// notices are in the order of purposes, audiences and versions.
func (a Account) notices() (list []account.Notice) {
	for _, r := range relied(a.Tally.Notices) {
		n := account.Notice{ID: r.ID, SHA256: r.SHA256, Locale: r.locale(), Version: r.Version, Checks: a.Tally.Notices[spelled(&r)]}
		if p := a.Laid.notices[r.ID]; p != nil {
			n.Purpose, n.Audience, n.Since = p.purpose, p.audience, p.from
		}
		list = append(list, n)
	}
	slices.SortStableFunc(list, func(a, b account.Notice) int {
		return cmp.Or(strings.Compare(a.Purpose, b.Purpose), strings.Compare(a.Audience, b.Audience), cmp.Compare(a.Version, b.Version))
	})
	return list
}

func (a Account) delegations() (list []account.Delegation) {
	for _, r := range relied(a.Tally.Delegations) {
		list = append(list, account.Delegation{
			ID: r.ID, SHA256: r.SHA256, Version: r.Version, Checks: a.Tally.Delegations[spelled(&r)],
			Since: a.Laid.recorded[r.ID], Revoked: a.Laid.revoked[r.ID],
		})
	}
	slices.SortStableFunc(list, func(a, b account.Delegation) int { return cmp.Compare(a.Version, b.Version) })
	return list
}

func (r Reconciled) account() account.Checks {
	find := func(k Kind, n int64) (f account.Finding) {
		f.N = n
		for _, x := range r.Named[k] {
			f.Named = append(f.Named, account.Named(x))
		}
		return f
	}
	return account.Checks{
		Started: r.Started, Concluded: r.Concluded, StartedEarlier: r.StartedEarlier,
		NoConsent: find(NoConsent, r.NoConsent), ConsentOver: find(ConsentOver, r.ConsentOver),
		StaleNotice: find(StaleNotice, r.StaleNotice), DelegationOver: find(DelegationOver, r.DelegationOver),
		NoStart: find(NoStart, r.NoStart), WithoutOutcome: find(withoutOutcome, r.WithoutOutcome),
	}
}
