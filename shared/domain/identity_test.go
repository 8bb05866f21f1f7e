package domain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nod/shared/domain"
)

func naming(name, number string) *domain.Reference {
	return &domain.Reference{Identity: anIdentity(name, number)}
}

func anIdentity(name, number string) *domain.Identity {
	return &domain.Identity{Name: domain.Private(name), IDNumber: domain.Private(number)}
}

// idNumber is a number of nobody's: its place is none (119999). The check digit is worked
// out as the standard's own text does it, by weights.
func idNumber(birth time.Time, sequence int) string {
	number := fmt.Sprintf("119999%s%03d", birth.Format("20060102"), sequence)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(number[i]-'0') * w
	}
	return number + string("10X98765432"[sum%11])
}

// ageOf is an age in each group, in years.
var ageOf = map[domain.AgeGroup]int{domain.GrownUp: 36, domain.Minor: 16, domain.Child: 12}

var noon = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

func TestD23AgeGroupsFollowTheBirthDateInTheIDNumber(t *testing.T) {
	for _, c := range []struct {
		birth string
		want  domain.AgeGroup
	}{
		{"19900101", domain.GrownUp}, {"20081125", domain.GrownUp}, {"20081126", domain.Minor},
		{"20111125", domain.Minor}, {"20111126", domain.Child}, {"20260101", domain.Child},
	} {
		birth, err := time.Parse("20060102", c.birth)
		if err != nil {
			t.Fatal(err)
		}
		for _, stated := range []domain.AgeGroup{domain.GrownUp, domain.Minor, domain.Child} {
			err := anIdentity("王小云", idNumber(birth, 3)).Check(noon, stated)
			if stated == c.want && err != nil || stated != c.want && reason(t, err) != domain.AgeGroupMismatch {
				t.Errorf("born %s, stated %s: %v", c.birth, stated, err)
			}
		}
	}
	// The day begins in China before it does in London.
	eve := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	if err := anIdentity("王小云", idNumber(time.Date(2008, 11, 25, 0, 0, 0, 0, time.UTC), 3)).Check(eve, domain.GrownUp); err != nil {
		t.Error(err)
	}
}

func TestIDNumbersAreCheckedBeforeAnybodyIsAsked(t *testing.T) {
	good := idNumber(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), 3)
	for _, number := range []string{
		"", good[:17], good + "1", "0" + good[1:], strings.Replace(good, "1990", "1890", 1), "１１９９９９", " " + good[1:],
		idNumber(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), 3), // not born yet
		strings.Replace(good, "0101", "0230", 1), "11999919900101" + "００３", good[:16] + "A" + good[17:],
	} {
		if got := reason(t, anIdentity("王小云", number).Check(noon, domain.GrownUp)); got != domain.IDNumberInvalid {
			t.Errorf("%q: %s", number, got)
		}
	}
	// Any one digit that is wrong is found.
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 28_000).Draw(t, "day"))
		number := []byte(idNumber(day, rapid.IntRange(0, 999).Draw(t, "sequence")))
		if err := anIdentity("王小云", string(number)).Check(noon, domain.GrownUp); err != nil {
			t.Fatalf("%s: %v", number, err)
		}
		at := rapid.IntRange(0, 16).Draw(t, "at")
		if digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit")); digit != number[at] {
			wrong := bytes.Clone(number)
			wrong[at] = digit
			if err := anIdentity("王小云", string(wrong)).Check(noon, domain.GrownUp); !errors.Is(err, domain.Refuse(domain.IDNumberInvalid)) {
				t.Fatalf("%s passes for %s", wrong, number)
			}
		}
	})
}

func TestNamesAreCheckedBeforeAnybodyIsAsked(t *testing.T) {
	number := idNumber(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), 3)
	for name, good := range map[string]bool{
		"王小云": true, "迪丽热巴·迪力木拉提": true, "Anna-Maria O'Neil": true, "J. R. Smith": true, "高〇一": true, "Li Jr.": true,
		"··张三": false, "张三·": false, "--aa": false, "a--b": false, "王\ufe00云": false, "王": false, "": false, " 王小云": false, "王小云\n": false,
		"王\"云": false, `王\云`: false, "王1云": false, "王<云": false, "\xff王云": false, "王\u202e云": false, "··": false,
		strings.Repeat("王", 50): true, strings.Repeat("王", 51): false,
	} {
		err := anIdentity(name, number).Check(noon, domain.GrownUp)
		if good != (err == nil) || !good && reason(t, err) != domain.NameInvalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestALowerCaseCheckDigitIsTakenForWhatIsMeant(t *testing.T) {
	i := anIdentity("王小云", "11999919900101008x")
	if err := i.Check(noon, domain.GrownUp); err == nil {
		t.Error("it passes as it is")
	}
	i.Normalise()
	if err := i.Check(noon, domain.GrownUp); err != nil || string(i.IDNumber) != "11999919900101008X" {
		t.Errorf("%v, %q", err, []byte(i.IDNumber))
	}
}

func TestD02WhatIsPrivateIsWipedAndCannotBeWritten(t *testing.T) {
	i := anIdentity("王小云", "11999919900101008X")
	name := i.Name
	var shown bytes.Buffer
	fmt.Fprintf(&shown, "%v %+v %#v %s %q %x %d", i, *i, i, i.Name, i.Name, i.IDNumber, i.IDNumber)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "i", i, "name", i.Name)
	if _, err := json.Marshal(i); err == nil {
		t.Error("it can be marshalled")
	}
	for _, secret := range []string{"王小云", "11999919900101008X", fmt.Sprintf("%x", "王小云")} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%s is shown: %s", secret, &shown)
		}
	}
	i.Wipe()
	if !bytes.Equal(name, make([]byte, len(name))) || i.Name != nil || i.IDNumber != nil {
		t.Error("something is left")
	}
	i.Wipe()
	(*domain.Identity)(nil).Wipe()
	(*domain.Reference)(nil).Wipe()
}

func FuzzAnIdentityIsSoundOrRefused(f *testing.F) {
	f.Add("王小云", "11999919900101008X")
	f.Add("a", "x")
	f.Fuzz(func(t *testing.T, name, number string) {
		i := anIdentity(name, number)
		if i.Check(noon, domain.GrownUp) != nil {
			return
		}
		// What is sound is written into JSON as it stands.
		var back struct{ A, B string }
		text := `{"A":"` + string(i.Name) + `","B":"` + string(i.IDNumber) + `"}`
		if err := json.Unmarshal([]byte(text), &back); err != nil || back.A != name || !strings.EqualFold(back.B, number) {
			t.Errorf("%q %q: %v", name, number, err)
		}
	})
}
