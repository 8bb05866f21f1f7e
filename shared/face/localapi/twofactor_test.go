package localapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nod/shared/face/localapi/register"
)

func TestTwoFactorsHaveTheVendorsResults(t *testing.T) {
	s, _ := newRealName(t)
	collins, hopper := who(t, register.Collins), who(t, register.Hopper)
	other := register.Number(collins.Birth, 998)
	for name, tt := range map[string]struct {
		number, name string
		want         idCardResult
	}{
		"who they say":               {collins.IDNumber, collins.Name, idMatch},
		"a name of two parts":        {who(t, register.Dotted).IDNumber, register.Dotted, idMatch},
		"without a photo":            {who(t, register.NoPhoto).IDNumber, register.NoPhoto, idMatch},
		"somebody of 12":             {who(t, register.Twelve).IDNumber, register.Twelve, idMatch},
		"somebody else's name":       {collins.IDNumber, hopper.Name, idMismatch},
		"a wrong check character":    {collins.IDNumber[:17] + "0", collins.Name, idNumber},
		"a number that is too short": {collins.IDNumber[:17], collins.Name, idNumber},
		"a name in Latin letters":    {collins.IDNumber, "Collins", idName},
		"a name of one character":    {collins.IDNumber, "林", idName},
		"a name that is too long":    {collins.IDNumber, strings.Repeat("林", 33), idName},
		"a dot at the end":           {collins.IDNumber, "林示·", idName},
		"somebody without a record":  {who(t, register.Unknown).IDNumber, register.Unknown, idNoRecord},
		"a number of nobody":         {other, collins.Name, idNoRecord},
	} {
		r, code := ask[idCardResult](t, s, "IdCardVerification", members{"IdCard": tt.number, "Name": tt.name})
		if r != tt.want {
			t.Errorf("%s: %+v %s, want %+v", name, r, code, tt.want)
		}
	}
}

func TestEscapedNamesAreRead(t *testing.T) {
	s, _ := newRealName(t)
	text := fmt.Sprintf(`{"IdCard":%q,"Name":"\u6797\u793a\u4f8b"}`, who(t, register.Collins).IDNumber)
	if r, code := askText[idCardResult](t, s, "IdCardVerification", text); r != idMatch {
		t.Errorf("%+v %s", r, code)
	}
}

func TestTwoFactorsAreAskedOnlySoOftenADay(t *testing.T) {
	s, c := newRealName(t)
	one := who(t, register.Collins)
	for i := range 500 {
		if r, code := ask[idCardResult](t, s, "IdCardVerification", named(one)); r != idMatch {
			t.Fatalf("after %d: %+v %s", i, r, code)
		}
	}
	if r, _ := ask[idCardResult](t, s, "IdCardVerification", named(one)); r != idLimit {
		t.Errorf("the 501st of a name: %+v", r)
	}
	for i := range 500 { // what was refused did not count
		r, _ := ask[idCardResult](t, s, "IdCardVerification", members{"IdCard": one.IDNumber, "Name": register.Hopper})
		if r != idMismatch {
			t.Fatalf("after %d of the second name: %+v", i, r)
		}
	}
	if r, _ := ask[idCardResult](t, s, "IdCardVerification", members{"IdCard": one.IDNumber, "Name": register.Twelve}); r != idLimit {
		t.Errorf("the 1001st of a number: %+v", r)
	}
	if r, _ := ask[idCardResult](t, s, "IdCardVerification", named(who(t, register.Dotted))); r != idMatch {
		t.Errorf("somebody else: %+v", r)
	}
	c.Time = nextDay(c.Time)
	if r, _ := ask[idCardResult](t, s, "IdCardVerification", named(one)); r != idMatch {
		t.Errorf("the next day: %+v", r)
	}
}

func TestADayIsOneInChina(t *testing.T) {
	lastSecond := time.Date(2031, time.May, 31, 15, 59, 59, 0, time.UTC)
	if got := nextDay(lastSecond); !got.Equal(lastSecond.Add(time.Second)) {
		t.Errorf("%v", got)
	}
	if got := nextDay(lastSecond.Add(time.Second)); !got.Equal(lastSecond.Add(time.Second + 24*time.Hour)) {
		t.Errorf("%v", got)
	}
}

func TestLimitsKeepOnlySoMuchAndNobodysName(t *testing.T) {
	l := newLimits()
	now := time.Unix(noon, 0)
	for i := range maxCounts {
		if !l.take(now, use{photoMinute, fmt.Append(nil, i)}) {
			t.Fatalf("refused after %d", i)
		}
	}
	if l.take(now, use{photoMinute, []byte("one more")}) || len(l.counts) != maxCounts {
		t.Errorf("%d counts are kept", len(l.counts))
	}
	if !l.take(now.Add(time.Minute), use{photoMinute, []byte("one more")}) || len(l.counts) != 1 {
		t.Errorf("a minute later %d counts are kept", len(l.counts))
	}
	if a, b := l.hash(use{nameDay, []byte("x")}), newLimits().hash(use{nameDay, []byte("x")}); a == b {
		t.Error("two processes would write the same about one person")
	}
}
