package register

import (
	"fmt"
	"strconv"
	"time"
)

// length of an ID number (公民身份号码, GB 11643): six digits of a county, eight of the
// date of birth, three of a sequence, and a check character.
const length = 18

// nowhere is an administrative code that no county has ever had, so that a number which
// begins with it is nobody's.
const nowhere = 119999

// Number composes a test ID number from a date of birth and a sequence of 0 to 999. It
// is well formed and belongs to nobody.
func Number(birth time.Time, sequence int) string {
	body := fmt.Sprintf("%06d%s%03d", nowhere, birth.Format("20060102"), sequence)
	return body + string(checkCharacter([]byte(body)))
}

// checkCharacter is that of ISO 7064, MOD 11-2, for the 17 digits before it.
func checkCharacter(digits []byte) byte {
	sum := 0
	for _, d := range digits {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return "0123456789X"[(12-sum)%11]
}

// WellFormed tells whether an ID number has the form, a date of birth that is not to
// come, and the right check character. Whether it is anybody's, the form does not say.
func WellFormed(number []byte, today time.Time) bool {
	if len(number) != length {
		return false
	}
	body := number[:length-1]
	for _, c := range body {
		if c < '0' || c > '9' {
			return false
		}
	}
	birth, err := time.ParseInLocation("20060102", string(body[6:14]), china)
	if err != nil || birth.Year() < 1900 || birth.After(today) {
		return false
	}
	return number[length-1] == checkCharacter(body)
}

// Age is how old somebody is who was born on that day, in full years.
func Age(birth, today time.Time) int {
	born, _ := strconv.Atoi(birth.Format("20060102"))
	now, _ := strconv.Atoi(today.In(china).Format("20060102"))
	return (now - born) / 10000
}

// china is where a day begins that ID numbers and limits count by.
var china = time.FixedZone("CST", 8*60*60)
