package bundle

import "fmt"

// Report is what a verification found.
type Report struct {
	Enterprise string
	Origin     string
	Checked    []string // what holds, a sentence each, in the order in which it was found
	Notes      []string // what the bundle cannot prove
	Timestamps []Timestamp
	Reconciled
	WasReconciled bool // the lines were seen to the end, so the sum stands
	Uncompared    bool // the checkpoint held elsewhere is newer than the bundle
}

func (r *Report) checked(format string, args ...any) {
	r.Checked = append(r.Checked, fmt.Sprintf(format, args...))
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *Report) begin(m *manifest) { r.Enterprise, r.Origin = m.Enterprise, m.Origin }

// lines tells what the walk found, and what a part of a log leaves open.
func (r *Report) lines(m *manifest, support int64) {
	r.checked("The %d records are the lines at their places of the log; so are the %d that they rest on.", m.Records, support)
	switch {
	case m.Complete && m.Count == 0:
		r.note("The bundle has no record at all. That the log has none in that time is the exporter's word.")
	case m.Complete:
		r.checked("They are complete: places %d to %d, with none left out.", m.First, m.First+m.Count-1)
	case m.Filter.dossier() && m.Records > 0:
		r.checked("They are a dossier: of one person, from the first record about them on, with none missing before or in between.")
		r.note("%d records that are not about this person were left out; their contents are not in this bundle.", m.Count-m.Records)
		r.note("That none about this person stands behind the last one is what the exporter says; a bundle without a filter proves it.")
	default:
		r.note("%d records outside of the filter are in the range and were left out; their contents are not in this bundle.", m.Count-m.Records)
		r.note("That nothing else was left out is what the exporter says; a bundle without a filter proves it.")
	}
	if len(m.Filter.Purposes) == 0 {
		r.checked("Each person's records name the one before.")
	}
	if (m.Filter.From != "" || m.Filter.To != "") && m.Count < m.Size {
		r.note("That no record of the window stands outside of places %d to %d is what the exporter says; only a bundle of the whole log proves it.", m.First, max(m.First, m.First+m.Count-1))
	}
	if m.First > 0 || len(m.Filter.Purposes) > 0 {
		r.note("A withdrawal that is not among the records in this bundle cannot be seen here.")
	}
}

func (r *Report) tabled(m *manifest) {
	r.checked("The %d tables are what the lines come to.", len(Files))
	if m.Identifiers == "subjects" {
		r.note("The last column of %s and %s, %s, is not proven by the log.", ConsentsFile, ChecksFile, SubjectColumn)
	}
}

// Sum is the reconciliation in lines, the ones that must be zero first.
func (r Reconciliation) Sum() []string {
	return []string{
		fmt.Sprintf("%d checks began", r.Started),
		fmt.Sprintf("%d of them without a valid consent", r.NoConsent),
		fmt.Sprintf("%d after the consent had ended", r.ConsentOver),
		fmt.Sprintf("%d on a stale notice", r.StaleNotice),
		fmt.Sprintf("%d under a revoked delegation", r.DelegationOver),
		fmt.Sprintf("%d outcomes without the beginning of their check", r.NoStart),
		fmt.Sprintf("%d checks without an outcome in this bundle", r.WithoutOutcome),
	}
}
