package register

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNobodyInTheRegisterCanBeAnybody(t *testing.T) {
	for year := 2024; year < 2060; year++ {
		for _, today := range []time.Time{day(year, time.January, 1), day(year, time.December, 31)} {
			seen := map[string]bool{}
			for _, e := range At(today) {
				if !strings.HasPrefix(e.IDNumber, "119999") || !WellFormed([]byte(e.IDNumber), today) {
					t.Errorf("%s: %s", e.Name, e.IDNumber)
				}
				if got := e.IDNumber[6:14]; got != e.Birth.Format("20060102") {
					t.Errorf("%s: born on %v, the number says %s", e.Name, e.Birth, got)
				}
				if n := utf8.RuneCountInString(e.Name); n < 2 || n > 6 || seen[e.Name] || seen[e.IDNumber] {
					t.Errorf("%s: %s", e.Name, e.IDNumber)
				}
				seen[e.Name], seen[e.IDNumber] = true, true
			}
		}
	}
}

func TestMinorsKeepTheirAge(t *testing.T) {
	lastMoment := time.Date(2031, time.December, 31, 15, 59, 59, 0, time.UTC) // before midnight in China
	for _, today := range []time.Time{day(2031, time.January, 1), day(2031, time.July, 1), lastMoment, lastMoment.Add(time.Second)} {
		for name, age := range map[string]int{Sixteen: 16, Twelve: 12} {
			if e, found := Find(At(today), name); !found || Age(e.Birth, today) != age {
				t.Errorf("on %v %s, born on %v, is %d", today, name, e.Birth, Age(e.Birth, today))
			}
		}
		for _, name := range []string{Collins, Hopper, NoPhoto, Poor, Unknown, Dotted} {
			if e, found := Find(At(today), name); !found || Age(e.Birth, today) < 18 {
				t.Errorf("on %v %s is %d", today, name, Age(e.Birth, today))
			}
		}
	}
	if _, found := Find(At(lastMoment), "nobody"); found {
		t.Error("found nobody")
	}
}

func TestThePoorPhotoIsAPicture(t *testing.T) {
	e, _ := Find(At(day(2031, time.January, 1)), Poor)
	m, err := jpeg.DecodeConfig(bytes.NewReader(e.Photo))
	if err != nil || min(m.Width, m.Height) < 64 {
		t.Errorf("%+v, %v", m, err)
	}
}

// The number of GB 11643's own example of the check character.
func TestCheckCharacterIsThatOfTheStandard(t *testing.T) {
	today := day(2031, time.January, 1)
	for number, want := range map[string]bool{
		"11010519491231002X":             true,
		"11010519491231002x":             false,
		"110105194912310021":             false,
		"11010519491231002":              false,
		"11010519491231002XX":            false,
		"1101051949123100２":              false,
		"":                               false,
		"11010A19491231002X":             false,
		numberOf("119999", "2031010200"): false, // tomorrow
		numberOf("119999", "2030022900"): false, // no such day
		numberOf("119999", "2028022900"): true,
		numberOf("119999", "1899010100"): false,
	} {
		if got := WellFormed([]byte(number), today); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}

func numberOf(county, rest string) string {
	body := county + rest + "1"
	return fmt.Sprintf("%s%c", body, checkCharacter([]byte(body)))
}

func FuzzWellFormed(f *testing.F) {
	f.Add([]byte("11010519491231002X"))
	f.Add([]byte("119999200002300010"))
	f.Fuzz(func(t *testing.T, number []byte) {
		today := day(2031, time.January, 1)
		if !WellFormed(number, today) {
			return
		}
		for i := range 6 { // the county, of which any will do but for the check character
			altered := bytes.Clone(number)
			altered[i] = '0' + (altered[i]-'0'+1)%10
			if WellFormed(altered, today) {
				t.Errorf("%s and %s", number, altered)
			}
		}
	})
}
