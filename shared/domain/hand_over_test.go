package domain_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
)

// aClosed enterprise, and its exports.
func aClosed(exports ...domain.Export) *domain.Charter {
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	return &domain.Charter{
		Now: now, Enterprise: domain.Enterprise{ID: "e", ClosedAt: now.Add(-30 * 24 * time.Hour)}, LastExports: exports,
		Mint: func() domain.ID { return "minted" },
	}
}

func aLast(id domain.ID, state domain.ExportState, age time.Duration) domain.Export {
	c := aClosed()
	e := domain.Export{ID: id, Last: true, State: state, MadeAt: c.Now.Add(-age)}
	if state == domain.ExportReady || state == domain.ExportExpired {
		e.ReadyAt = e.MadeAt
		e.ExpiresAt = e.MadeAt.Add(domain.ExportKeptFor)
	}
	return e
}

func TestD15_AClosedEnterpriseAlwaysHasALastExportUntilItHasItsRecords(t *testing.T) {
	served, done := aClosed(), aClosed()
	served.Enterprise.ClosedAt = time.Time{}
	done.Enterprise.AcknowledgedAt = done.Now
	for name, tt := range map[string]struct {
		c    *domain.Charter
		want bool
	}{
		"none yet":            {aClosed(), true},
		"while it is served":  {served, false},
		"it has its records":  {done, false},
		"one waits":           {aClosed(aLast("a", domain.ExportWaiting, time.Minute)), false},
		"one is being made":   {aClosed(aLast("a", domain.ExportRunning, 9*time.Hour)), false},
		"one is ready":        {aClosed(aLast("a", domain.ExportReady, time.Hour)), false},
		"its time is over":    {aClosed(aLast("a", domain.ExportReady, 8*24*time.Hour)), true},
		"it has expired":      {aClosed(aLast("a", domain.ExportExpired, 8*24*time.Hour)), true},
		"it has just failed":  {aClosed(aLast("a", domain.ExportFailed, 20*time.Minute)), false},
		"it failed long ago":  {aClosed(aLast("a", domain.ExportFailed, time.Hour)), true},
		"it failed again":     {aClosed(aLast("b", domain.ExportFailed, time.Hour), aLast("a", domain.ExportFailed, 2*time.Hour)), false},
		"and after two hours": {aClosed(aLast("b", domain.ExportFailed, 2*time.Hour), aLast("a", domain.ExportFailed, 4*time.Hour)), true},
		"it fails for days":   {aClosed(slices.Repeat([]domain.Export{aLast("a", domain.ExportFailed, 23*time.Hour)}, 10)...), false},
		"and after a day":     {aClosed(slices.Repeat([]domain.Export{aLast("a", domain.ExportFailed, 24*time.Hour)}, 10)...), true},
		"an older one failed": {aClosed(aLast("b", domain.ExportReady, time.Hour), aLast("a", domain.ExportFailed, 2*time.Hour)), false},
	} {
		if got := tt.c.HandOver(); got != tt.want || (tt.c.NewExport != nil) != tt.want || len(tt.c.Records) != map[bool]int{true: 1}[tt.want] {
			t.Errorf("%s: %v, ordered %+v", name, got, tt.c.NewExport)
		}
	}
	c := aClosed()
	c.OpenExports = domain.ExportsAtOnce // however many others there are
	c.HandOver()
	if e, r := *c.NewExport, c.Records[0]; !e.Last || !e.Asked.Complete() || !e.Asked.AllTime() || e.Asked.Identifiers != domain.SubjectIDs ||
		r.Type != domain.ExportMade || r.Actor != "" || r.Export != e.ID || r.Reason != domain.Reason(domain.ForHandOver) {
		t.Errorf("ordered is %+v, recorded %+v", e, r)
	}
}

func TestD15_ALastExportIsAcknowledged(t *testing.T) {
	ready, expired := aLast("ready", domain.ExportReady, time.Hour), aLast("expired", domain.ExportExpired, 8*24*time.Hour)
	running, failed := aLast("running", domain.ExportRunning, time.Minute), aLast("failed", domain.ExportFailed, time.Minute)
	for name, tt := range map[string]struct {
		have  []domain.Export
		named domain.ID
		taken domain.ID
		want  error
	}{
		"without a name":            {[]domain.Export{running, ready, expired}, "", "ready", nil},
		"by its name":               {[]domain.Export{ready, expired}, "ready", "ready", nil},
		"one whose time is over":    {[]domain.Export{running, expired}, "expired", "", domain.Refuse(domain.LastExportNotReady)},
		"one that failed, by name":  {[]domain.Export{failed, expired}, "failed", "failed", nil},
		"one that failed, without":  {[]domain.Export{failed, expired}, "", "", domain.Refuse(domain.LastExportNotReady)},
		"one failed before another": {[]domain.Export{running, failed}, "failed", "", domain.Refuse(domain.LastExportNotReady)},
		"one failed, one is there":  {[]domain.Export{failed, ready}, "failed", "", domain.Refuse(domain.LastExportNotReady)},
		"none there":                {nil, "", "", domain.Refuse(domain.LastExportNotReady)},
		"none ready":                {[]domain.Export{running, expired}, "", "", domain.Refuse(domain.LastExportNotReady)},
		"not ready, by its name":    {[]domain.Export{running}, "running", "", domain.Refuse(domain.LastExportNotReady)},
		"an export of no closing":   {[]domain.Export{ready}, "other", "", domain.Refuse(domain.InvalidValue)},
	} {
		c := aClosed(tt.have...)
		if err := c.Acknowledge(tt.named, "key"); !errors.Is(err, tt.want) || (err == nil) == c.Enterprise.AcknowledgedAt.IsZero() {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tt.taken != "" && (len(c.Records) != 1 || c.Records[0].Export != tt.taken || c.Records[0].Actor != "key") {
			t.Errorf("%s: recorded is %+v", name, c.Records)
		}
		if tt.taken == "" && c.Dirty() {
			t.Errorf("%s: refused, and something is to be written", name)
		}
	}
}

// Whoever takes the records along needs a key, also if nobody had one before the end.
func TestD15_AClosedEnterpriseGetsAnAuditorsKeyUntilItHasItsRecords(t *testing.T) {
	for role, want := range map[domain.Role]bool{domain.Auditor: true, domain.Admin: false, domain.Integrator: false} {
		c := aClosed()
		if err := c.AddKey(domain.Key{ID: "k", Role: role, Holder: "Zhao Min"}, "hash", "key"); (err == nil) != want {
			t.Errorf("%s: %v", role, err)
		}
		c = aClosed()
		c.Enterprise.AcknowledgedAt = c.Now
		if err := c.AddKey(domain.Key{ID: "k", Role: role, Holder: "Zhao Min"}, "hash", "key"); err == nil {
			t.Errorf("%s: made for an enterprise that has its records", role)
		}
	}
}
