package domain_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"nod/shared/domain"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instantOf(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestD19_DaysAreThoseOfTheEnterprise(t *testing.T) {
	for _, c := range []struct {
		zone        string
		unit        domain.Unit
		at          string
		start, next string
	}{
		{"Asia/Shanghai", domain.Day, "2026-11-23T15:59:59Z", "2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"},
		{"Asia/Shanghai", domain.Day, "2026-11-23T16:00:00Z", "2026-11-23T16:00:00Z", "2026-11-24T16:00:00Z"},
		{"UTC", domain.Day, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"},
		// A day of 25 hours, and one of 23.
		{"Europe/Berlin", domain.Day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"Europe/Berlin", domain.Day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		// An hour that comes twice is two.
		{"Europe/Berlin", domain.Hour, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"Europe/Berlin", domain.Hour, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
		// Hours that begin at half past.
		{"Asia/Kolkata", domain.Hour, "2026-11-23T10:29:59Z", "2026-11-23T09:30:00Z", "2026-11-23T10:30:00Z"},
		{"America/St_Johns", domain.Hour, "2026-11-23T10:31:00Z", "2026-11-23T10:30:00Z", "2026-11-23T11:30:00Z"},
	} {
		calendar := domain.Calendar{Unit: c.unit, Zone: zone(t, c.zone)}
		start := calendar.Start(instantOf(t, c.at))
		if next := calendar.Next(start); !start.Equal(instantOf(t, c.start)) || !next.Equal(instantOf(t, c.next)) {
			t.Errorf("%s in %s: from %v to %v, want %s to %s", c.at, c.zone, start, next, c.start, c.next)
		}
		if !calendar.Start(start).Equal(start) {
			t.Errorf("%s in %s: its beginning is not in it", c.at, c.zone)
		}
	}
}

// The numbers that a database gives stretches are equal where the stretch is the same.
func TestD19_OffsetsNumberStretches(t *testing.T) {
	for _, name := range []string{"Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "UTC"} {
		for _, unit := range []domain.Unit{domain.Day, domain.Hour} {
			calendar := domain.Calendar{Unit: unit, Zone: zone(t, name)}
			numbers := map[int64]time.Time{}
			for at := instantOf(t, "2026-10-01T00:10:00Z"); at.Before(instantOf(t, "2026-11-20T00:00:00Z")); at = at.Add(20 * time.Minute) {
				add, _ := calendar.Offset(at)
				number := (at.UnixMilli() + add.Milliseconds()) / unit.Length().Milliseconds()
				start := calendar.Start(at)
				if was, seen := numbers[number]; seen && !was.Equal(start) {
					t.Fatalf("%s %s: %d is %v and %v", name, unit, number, was, start)
				}
				numbers[number] = start
			}
			if starts := slices.Compact(slices.SortedFunc(maps.Values(numbers), time.Time.Compare)); len(starts) != len(numbers) {
				t.Errorf("%s %s: %d numbers for %d stretches", name, unit, len(numbers), len(starts))
			}
		}
	}
}

func TestD19_ShortRangesComeByTheHour(t *testing.T) {
	for _, c := range []struct {
		long time.Duration
		want domain.Unit
	}{{time.Hour, domain.Hour}, {48 * time.Hour, domain.Hour}, {48*time.Hour + time.Millisecond, domain.Day}} {
		if got := domain.CalendarFor(t0, t0.Add(c.long), time.UTC).Unit; got != c.want {
			t.Errorf("%v: %s", c.long, got)
		}
	}
}

// The notices of a scope are those that people were shown then, and no others.
func TestD18_NoticesThatWereInForceBetween(t *testing.T) {
	at := func(hours int) time.Time { return t0.Add(time.Duration(hours) * time.Hour) }
	list := []domain.Notice{
		{ID: "1", Version: 1, EffectiveFrom: at(0)},
		{ID: "2", Version: 2, EffectiveFrom: at(50)}, // dated ahead, and overtaken
		{ID: "3", Version: 3, EffectiveFrom: at(10)},
		{ID: "4", Version: 4, EffectiveFrom: at(20)},
		{ID: "g", Version: 1, EffectiveFrom: at(12), Audience: domain.Guardian},
	}
	for _, c := range []struct {
		from, to int
		want     []domain.ID
	}{
		{-5, 0, nil}, {-5, 1, []domain.ID{"1"}}, {5, 10, []domain.ID{"1"}}, {5, 11, []domain.ID{"1", "3"}}, {10, 12, []domain.ID{"3"}},
		{15, 16, []domain.ID{"3", "g"}}, {0, 100, []domain.ID{"1", "3", "4", "g"}}, {60, 70, []domain.ID{"4", "g"}},
	} {
		var got []domain.ID
		for _, n := range domain.InForceBetween(list, at(c.from), at(c.to)) {
			got = append(got, n.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("from %d to %d: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

func TestD17_AListOfPeopleIsOnRecordByItsHash(t *testing.T) {
	w, _ := aScene()
	var r *domain.Record
	err := w.instruct(func(c *domain.Charter) error {
		c.ReadScope(t0, t0.Add(time.Hour), domain.HeldPeople, []string{"aa", "bb"}, "key")
		r = c.Records[0]
		return nil
	})
	sum := sha256.Sum256([]byte("aa\nbb\n"))
	if err != nil || r.Type != domain.ScopeRead || *r.People != 2 || r.Listed != domain.HeldPeople || r.SHA256 != hex.EncodeToString(sum[:]) ||
		r.Actor != "key" || r.Subject != "" || !r.From.Equal(t0) {
		t.Errorf("%v %+v", err, r)
	}
}

// What a notice names for no route in particular is told with each.
func TestD09_KindsOfDataOnARoute(t *testing.T) {
	f := domain.Facts{Routes: []domain.Route{domain.Photo, domain.TwoFactor},
		DataKinds: []string{"face_image", "reference_photo", "subject_id", "name", "id_number", "liveness_video"}}
	for route, want := range map[domain.Route][]string{
		domain.Photo:     {"face_image", "reference_photo", "subject_id", "liveness_video"},
		domain.TwoFactor: {"subject_id", "name", "id_number", "liveness_video"},
	} {
		if got := f.KindsOn(route); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", route, got, want)
		}
	}
}
