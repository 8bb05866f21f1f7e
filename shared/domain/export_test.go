package domain_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
)

func TestAnExportOfWhatDoesNotGoTogetherIsRefused(t *testing.T) {
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	good := domain.ExportRequest{From: from, To: from.AddDate(0, 1, 0), Identifiers: domain.Pseudonyms}
	if err := good.Validate(); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, tt := range map[string]struct {
		edit func(*domain.ExportRequest)
		want []string
	}{
		"nothing at all":         {func(r *domain.ExportRequest) { *r = domain.ExportRequest{} }, []string{"from missing", "to missing", "identifiers missing"}},
		"backwards":              {func(r *domain.ExportRequest) { r.From, r.To = r.To, r.From }, []string{"to out_of_range"}},
		"long ago":               {func(r *domain.ExportRequest) { r.From = r.From.AddDate(-100, 0, 0) }, []string{"from out_of_range"}},
		"ids for nothing":        {func(r *domain.ExportRequest) { r.Identifiers = domain.SubjectIDs }, []string{"reason missing"}},
		"a dossier, for nothing": {func(r *domain.ExportRequest) { r.Subject, r.From, r.To = "p", time.Time{}, time.Time{} }, []string{"reason missing"}},
		"one, backwards": {func(r *domain.ExportRequest) { r.Subject, r.Reason, r.From, r.To = "p", domain.ForCourt, r.To, r.From },
			[]string{"to out_of_range"}},
		"a reason of ours": {func(r *domain.ExportRequest) { r.Reason = "curiosity" }, []string{"reason not_allowed"}},
		"love, twice": {func(r *domain.ExportRequest) { r.Purposes = []domain.Purpose{"love", domain.Exam, domain.Exam} },
			[]string{"purposes not_allowed", "purposes not_allowed"}},
	} {
		r := good
		tt.edit(&r)
		var refusal *domain.Refusal
		if !errors.As(r.Validate(), &refusal) || refusal.Reason != domain.InvalidValue {
			t.Errorf("%s: %v", name, r.Validate())
			continue
		}
		var got []string
		for _, f := range refusal.Fields {
			got = append(got, f.Field+" "+f.Code)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestOfOnePersonTheTimeMayBeLeftOut(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	one := domain.ExportRequest{Subject: "p", Identifiers: domain.SubjectIDs, Reason: domain.ForCourt}
	for name, tt := range map[string]struct {
		edit    func(*domain.ExportRequest)
		dossier bool
	}{
		"all of it":     {func(*domain.ExportRequest) {}, true},
		"from a time":   {func(r *domain.ExportRequest) { r.From = at }, false},
		"until a time":  {func(r *domain.ExportRequest) { r.To = at }, false},
		"for a purpose": {func(r *domain.ExportRequest) { r.Purposes = []domain.Purpose{domain.Exam} }, false},
	} {
		r := one
		tt.edit(&r)
		if err := r.Validate(); err != nil || r.Dossier() != tt.dossier {
			t.Errorf("%s: %v, a dossier: %v", name, err, r.Dossier())
		}
	}
	if (domain.ExportRequest{}).Dossier() {
		t.Error("everything is a dossier of nobody")
	}
}

func TestAnExportHoldsWhatWasAskedFor(t *testing.T) {
	all := domain.ExportRequest{}
	one := domain.ExportRequest{Purposes: []domain.Purpose{domain.Exam}, Subject: "p"}
	if !all.Complete() || one.Complete() {
		t.Error("what is complete is not")
	}
	for _, tt := range []struct {
		purpose  domain.Purpose
		subject  string
		all, one bool
	}{
		{domain.Exam, "p", true, true}, {domain.Exam, "q", true, false}, {domain.Training, "p", true, false}, {"", "p", true, false}, {domain.Exam, "", true, false},
	} {
		if all.Holds(tt.purpose, tt.subject) != tt.all || one.Holds(tt.purpose, tt.subject) != tt.one {
			t.Errorf("%q of %q", tt.purpose, tt.subject)
		}
	}
}

func TestAnExportCanBeFetchedForSevenDays(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	ready := domain.Export{State: domain.ExportReady, ExpiresAt: now.Add(domain.ExportKeptFor)}
	for name, tt := range map[string]struct {
		e    domain.Export
		at   time.Time
		want error
	}{
		"waiting":  {domain.Export{State: domain.ExportWaiting}, now, domain.Refuse(domain.ExportNotReady)},
		"running":  {domain.Export{State: domain.ExportRunning}, now, domain.Refuse(domain.ExportNotReady)},
		"ready":    {ready, now, nil},
		"its last": {ready, ready.ExpiresAt.Add(-1), nil},
		"too late": {ready, ready.ExpiresAt, domain.Refuse(domain.ExportGone)},
		"expired":  {domain.Export{State: domain.ExportExpired}, now, domain.Refuse(domain.ExportGone)},
		"failed":   {domain.Export{State: domain.ExportFailed}, now, domain.Refuse(domain.ExportGone)},
	} {
		if err := tt.e.Fetch(tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHowLongAnExportTakesIsEstimated(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	e := domain.Export{State: domain.ExportRunning, StartedAt: now, Done: 25, Of: 100}
	if left, known := e.Left(now.Add(10 * time.Second)); !known || left != 30*time.Second {
		t.Errorf("%v, %v", left, known)
	}
	e.Done = 0
	if _, known := e.Left(now.Add(time.Minute)); known {
		t.Error("nothing is done, and it is known how long the rest takes")
	}
}
