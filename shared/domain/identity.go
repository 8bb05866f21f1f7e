package domain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Identity 实名信息 is a name and an ID number: used for one check and not kept (duty
// D02). Whoever receives one wipes it before answering.
type Identity struct {
	Name     Private `json:"name"`
	IDNumber Private `json:"id_number"`
}

// Private is a short text about a person. It is held as bytes, so that it can be wiped,
// and no print and no log shows it.
type Private []byte

const privateWord = "[private]"

// Format answers every verb of package fmt with a fixed word; LogValue does so for logs.
func (Private) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, privateWord) }
func (Private) LogValue() slog.Value       { return slog.StringValue(privateWord) }

// MarshalText refuses: package vault writes it where it is sealed, and nobody else does.
func (Private) MarshalText() ([]byte, error) { return nil, ErrPrivate }

// UnmarshalText takes a copy.
func (p *Private) UnmarshalText(text []byte) error {
	*p = bytes.Clone(text)
	return nil
}

// ErrPrivate is what every attempt to write a Private somewhere returns.
var ErrPrivate = errors.New("domain: what is private cannot be written")

// Wipe overwrites both. It may be called more than once, and on nil.
func (i *Identity) Wipe() {
	if i == nil {
		return
	}
	clear(i.Name)
	clear(i.IDNumber)
	i.Name, i.IDNumber = nil, nil
}

// The parts of an ID number (GB 11643-1999): six digits of a place, eight of the birth
// date, three of a sequence, and a check digit that may be X.
const (
	idNumberLength = 18
	birthFrom      = 6
	birthTo        = 14
)

// MaxName is how many characters a name may have.
const MaxName = 50

// Normalise writes a check digit x as X, which is how the authority has it. It works on
// nil too.
func (i *Identity) Normalise() {
	if i != nil && len(i.IDNumber) == idNumberLength && i.IDNumber[idNumberLength-1] == 'x' {
		i.IDNumber[idNumberLength-1] = 'X'
	}
}

// Check says what is wrong with an identity before anybody is asked about it, which
// would be paid for: NameInvalid, IDNumberInvalid, or AgeGroupMismatch where the birth
// date does not fit the age group that the LMS stated (duty D23).
func (i *Identity) Check(now time.Time, stated AgeGroup) error {
	if !soundName(i.Name) {
		return Refuse(NameInvalid)
	}
	birth, ok := birthDate(i.IDNumber)
	if !ok || birth.After(now) {
		return Refuse(IDNumberInvalid)
	}
	if AgeGroupAt(birth, now) != stated {
		return Refuse(AgeGroupMismatch)
	}
	return nil
}

// checkIdentity adds what is wrong with the form of an identity.
func (f *faults) checkIdentity(field string, i *Identity) {
	f.private(field+".name", i.Name, soundName(i.Name))
	_, ok := birthDate(i.IDNumber)
	f.private(field+".id_number", i.IDNumber, ok)
}

// private is form for what must not become a string.
func (f *faults) private(field string, value Private, ok bool) {
	there := ""
	if len(value) > 0 {
		there = privateWord
	}
	f.form(field, there, ok)
}

// soundName accepts letters of any script, and what stands between the parts of a name.
// None of them has to be escaped in JSON.
func soundName(name []byte) bool {
	if !utf8.Valid(name) || len(bytes.TrimSpace(name)) != len(name) {
		return false
	}
	letters, between := 0, true // a name begins with a letter
	for rest := name; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		rest = rest[n:]
		switch {
		case r == '〇' || unicode.In(r, unicode.L, unicode.M) && !unicode.Is(unicode.Variation_Selector, r):
			letters++
			between = false
		case !strings.ContainsRune("·•.-' ", r), between && r != ' ':
			return false
		default:
			between = r != '.' // an initial may end a name, or stand before a space
		}
	}
	return letters >= 2 && !between && utf8.RuneCount(name) <= MaxName
}

// birthDate reads the birth date out of an ID number whose form and check digit are
// right. The digits are compared where they lie: no copy of them is made.
func birthDate(number []byte) (time.Time, bool) {
	if len(number) != idNumberLength || number[0] == '0' {
		return time.Time{}, false
	}
	for _, b := range number[:idNumberLength-1] {
		if b < '0' || b > '9' {
			return time.Time{}, false
		}
	}
	if number[idNumberLength-1] != checkDigit(number[:idNumberLength-1]) {
		return time.Time{}, false
	}
	year, month, day := digits(number[birthFrom:birthFrom+4]), digits(number[birthFrom+4:birthFrom+6]), digits(number[birthFrom+6:birthTo])
	birth := time.Date(year, time.Month(month), day, 0, 0, 0, 0, china)
	return birth, year >= 1900 && int(birth.Month()) == month && birth.Day() == day
}

// checkDigit is that of ISO 7064 MOD 11-2, as GB 11643-1999 uses it.
func checkDigit(digits []byte) byte {
	sum := 0
	for _, b := range digits {
		sum = (sum + int(b-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

func digits(text []byte) (n int) {
	for _, b := range text {
		n = n*10 + int(b-'0')
	}
	return n
}

// china is the time that birth dates are meant in.
var china = time.FixedZone("CST", 8*60*60)

// The ages at which a person leaves an age group, in years: a child is 14 or under, a
// minor 15 to 17 (duty D23).
const (
	firstMinorAge = 15
	adultAge      = 18
)

// AgeGroupAt is the age group of somebody born on a day.
func AgeGroupAt(birth, now time.Time) AgeGroup {
	now = now.In(china)
	age := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		age--
	}
	switch {
	case age >= adultAge:
		return GrownUp
	case age >= firstMinorAge:
		return Minor
	}
	return Child
}
