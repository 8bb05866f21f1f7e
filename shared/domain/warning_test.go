package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

const day = 24 * time.Hour

// anOutlook is that of an enterprise of which nothing is near.
func anOutlook(now time.Time) domain.Outlook {
	s := someSettings()
	s.Webhook = hook
	n := 0
	return domain.Outlook{
		Now: now, Enterprise: domain.Enterprise{ID: "e", Profile: aProfile()},
		Settings: domain.Settings{Purposes: map[domain.Purpose]domain.PurposeSettings{domain.Exam: s}},
		Told:     map[domain.EventKey]bool{},
		Mint:     func() domain.ID { n++; return domain.ID(fmt.Sprint(n)) },
	}
}

// told tells the warnings, and keeps in mind that they were given.
func told(o domain.Outlook) string {
	var list []string
	for _, e := range o.Warnings() {
		list = append(list, fmt.Sprintf("%s %s %s", e.Type, e.Thing, e.Step))
		o.Told[e.EventKey] = true
	}
	return strings.Join(list, ", ")
}

// isTold holds that nothing is told twice.
func isTold(t *testing.T, what string, o domain.Outlook, want string) {
	t.Helper()
	if got := told(o); got != want {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
	if got := told(o); got != "" {
		t.Errorf("%s: told again %q", what, got)
	}
}

func TestAnEndOfADelegationIsWarnedOf(t *testing.T) {
	end := t0.Add(50 * day)
	for left, step := range map[time.Duration]string{
		30*day + time.Millisecond: "", 30 * day: "30", 8 * day: "30", 7*day + time.Millisecond: "30", 7 * day: "7", day + time.Millisecond: "7",
		day: "1", time.Minute: "1", 0: "", -day: "",
	} {
		o := anOutlook(end.Add(-left))
		o.Delegations = []domain.Delegation{{ID: "d", Terms: domain.Terms{ValidUntil: end}}}
		want := ""
		if step != "" {
			want = "delegation.expiring d " + step
		}
		isTold(t, left.String(), o, want)
		o.Told, o.Delegations[0].RevokedAt = map[domain.EventKey]bool{}, t0
		isTold(t, "revoked, "+left.String(), o, "")
		o.Delegations[0].RevokedAt, o.Enterprise.ClosedAt = time.Time{}, t0
		isTold(t, "closed, "+left.String(), o, "")
	}
}

func TestD25_AnEndOfAnAssessmentIsWarnedOf(t *testing.T) {
	o := anOutlook(t0)
	end := o.Settings.Purposes[domain.Exam].ImpactAssessment.Ends()
	if want := time.Date(2027, 3, 1, 16, 0, 0, 0, time.UTC); !end.Equal(want) {
		t.Fatalf("it ends at %v, want %v: its last day counts whole", end, want)
	}
	for _, tt := range []struct {
		left time.Duration
		want string
	}{
		{31 * day, ""}, {30 * day, "assessment.expiring 2027-03-01 30"}, {20 * day, ""},
		{7 * day, "assessment.expiring 2027-03-01 7"}, {day, "assessment.expiring 2027-03-01 1"}, {time.Hour, ""}, {-time.Hour, ""},
	} {
		o.Now = end.Add(-tt.left)
		isTold(t, tt.left.String(), o, tt.want)
	}
	renewed := o.Settings.Purposes[domain.Exam]
	renewed.ImpactAssessment.ValidUntil = "2028-03-01"
	o.Settings.Purposes[domain.Exam] = renewed
	o.Now = renewed.ImpactAssessment.Ends().Add(-7 * day)
	isTold(t, "renewed", o, "assessment.expiring 2028-03-01 7")
	renewed.Enabled = false
	o.Settings.Purposes[domain.Exam], o.Told = renewed, map[domain.EventKey]bool{}
	isTold(t, "off", o, "")
}

func TestD24_ARequestThatComesDueIsWarnedOf(t *testing.T) {
	due := t0.Add(domain.AnswerWithin)
	o := anOutlook(t0)
	o.Requests = []domain.Request{{ID: "r", Kind: domain.AskCopy, DueAt: due}}
	for _, tt := range []struct {
		left time.Duration
		want string
	}{
		{4 * day, ""}, {3 * day, "request.due r 3"}, {2 * day, ""}, {day, "request.due r 1"}, {0, ""},
		{-time.Millisecond, "request.due r overdue"}, {-30 * day, ""},
	} {
		o.Now = due.Add(-tt.left)
		isTold(t, tt.left.String(), o, tt.want)
	}
	o.Told, o.Enterprise.ClosedAt = map[domain.EventKey]bool{}, t0
	isTold(t, "a closed enterprise answers too", o, "request.due r overdue")
	o.Told, o.Requests[0].Outcome = map[domain.EventKey]bool{}, domain.RequestDone
	isTold(t, "answered", o, "")
}

func TestD26_ALibraryNearTheLimitIsWarnedOf(t *testing.T) {
	o := anOutlook(t0)
	declare := func(n int) {
		s := o.Settings.Purposes[domain.Exam]
		s.StoredFacesDeclared = &n
		o.Settings.Purposes[domain.Exam] = s
	}
	for _, tt := range []struct {
		declared int
		want     string
	}{
		{89_999, ""}, {90_000, "stored_faces.near_limit declared 90000"}, {99_999, ""},
		{100_000, "stored_faces.near_limit declared 100000"}, {2_000_000, ""},
	} {
		declare(tt.declared)
		isTold(t, fmt.Sprint(tt.declared), o, tt.want)
	}
	o.Told = map[domain.EventKey]bool{}
	declare(90_000)
	if d := o.Warnings()[0].Data; d.Declared != 90_000 || d.Limit != 100_000 || d.FileWithin != 30 {
		t.Errorf("told %+v: the duty to file within 30 working days is part of it", d)
	}
}

func TestAWarningGoesToEachAddress(t *testing.T) {
	o := anOutlook(t0)
	o.Settings.Purposes[domain.Training] = domain.PurposeSettings{Webhook: hook + "/training"}
	o.Requests = []domain.Request{{ID: "r", DueAt: t0}}
	var purposes []domain.Purpose
	for _, e := range o.Warnings() {
		purposes = append(purposes, e.Purpose)
		if e.Data.Enterprise != "e" || e.Data.Mode != domain.Live || e.Data.Purpose != "" {
			t.Errorf("told %+v", e.Data)
		}
	}
	if !slices.Equal(purposes, []domain.Purpose{domain.Training, domain.Exam}) {
		t.Errorf("told at %v", purposes)
	}
}

func TestRetriesLastADayAndSpreadOut(t *testing.T) {
	for _, luck := range []float64{0, 0.5, 0.999} {
		var sum time.Duration
		var tries int
		for tries = 1; sum <= domain.DeliverWithin; tries++ {
			wait := domain.WaitAfter(tries, luck)
			if wait < 45*time.Second || wait > 5*time.Hour || tries > 1 && tries < 9 && wait <= domain.WaitAfter(tries-1, luck) {
				t.Errorf("after %d tries it waits %v", tries, wait)
			}
			sum += wait
		}
		if tries < 11 || tries > 18 {
			t.Errorf("%d tries in a day", tries)
		}
	}
	if domain.WaitAfter(3, 0) != 3*time.Minute || domain.WaitAfter(3, 1) != 5*time.Minute || domain.WaitAfter(1000, 0.5) != 4*time.Hour {
		t.Error("a wait is not what it should be")
	}
}

func TestTheSecretBeforeSignsForADay(t *testing.T) {
	c := &domain.Charter{Now: t0}
	signs := func(at time.Time) string {
		var list []string
		for _, s := range c.WebhookSecret.Signing(at) {
			list = append(list, string(s))
		}
		return strings.Join(list, " ")
	}
	c.NewWebhookSecret([]byte("one"))
	if got := signs(t0); got != "one" {
		t.Errorf("%s signs", got)
	}
	c.NewWebhookSecret([]byte("two"))
	if got := signs(t0.Add(day - 1)); got != "two one" {
		t.Errorf("within a day %s signs", got)
	}
	if got := signs(t0.Add(day)); got != "two" || !c.Dirty() {
		t.Errorf("after it %s signs", got)
	}
	c.NewWebhookSecret([]byte("three"))
	if got := signs(t0); got != "three two" {
		t.Errorf("after another change %s signs", got)
	}
}
