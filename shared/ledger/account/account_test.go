package account_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/ledger/account"
)

const id = "01920000-0000-7000-8000-00000000e000"

var hash = strings.Repeat("0123456789abcdef", 4)

// busy is an enterprise that checked people on so many days.
func busy(days int) account.Facts {
	r := rand.New(rand.NewPCG(1, uint64(days)))
	begin := time.Date(2026, 2, 26, 23, 2, 3, 456e6, time.UTC)
	f := account.Facts{
		Enterprise: id, Names: map[string]string{"zh-CN": "示例学习有限公司", "en": "Example Learning Ltd"}, Origin: "nod.example.com/" + id,
		Size: 1_204_311, Root: "q1mVvCkXgI2Yh2pGd8WdC0Gz2c0gD3s0mQm1m0F1m2k=", First: 0, Count: 1_204_311, Records: 1_204_311,
		Begin: begin, End: begin.AddDate(0, 0, days-1),
		Purposes: []account.Purpose{{Name: "exam"}, {Name: "realname"}, {Name: "training"}},
		Notices: []account.Notice{
			{ID: id, SHA256: hash, Locale: "zh-CN", Version: 3, Purpose: "exam", Audience: "adult", Since: begin, Checks: 40_213},
			{ID: id, SHA256: hash, Locale: "en", Version: 3, Purpose: "exam", Audience: "guardian", Since: begin, Checks: 12},
		},
		Delegations: []account.Delegation{{ID: id, SHA256: hash, Version: 1, Since: begin, Revoked: begin.AddDate(0, 0, days), Checks: 40_225}},
	}
	for n := range days {
		d := account.Day{Number: account.DayOf(begin) + n}
		for kind := range d.Counts {
			d.Counts[kind] = int64(r.IntN([]int{90, 12, 6, 3, 200, 30, 14, 2, 250, 4, 1, 3, 3}[kind]))
			f.Totals[kind] += d.Counts[kind]
			f.Purposes[n%3].Counts[kind] += d.Counts[kind]
		}
		f.Days = append(f.Days, d)
	}
	f.Checks.Started, f.Checks.Concluded = f.Totals[account.Started], f.Totals[account.Started]-3
	f.Checks.WithoutOutcome = account.Finding{N: 3, Named: []account.Named{{Place: 7, Record: id}, {Place: 9, Record: id}, {Place: 12, Record: id}}}
	return f
}

// wrong is one in which something was done that must not be.
func wrong() account.Facts {
	f := busy(3)
	f.Checks.ConsentOver = account.Finding{N: 52, Named: []account.Named{{Place: 1_204_310, Record: id}, {Place: 1_204_311, Record: id}}}
	f.Filter = account.Filter{From: "2026-02-01T00:00:00.000Z", Purposes: []string{"exam", "training"}, Subject: "7d1e0000000000000000000000000002"}
	f.Count, f.Scripted, f.Filter.Subjects = 1_300_000, f.Records, true
	return f
}

// NOD_TEST_KEEP names a folder in which the pages are kept, to be looked at.
func kept(t *testing.T, name string, f account.Facts) string {
	t.Helper()
	page := account.Page(f)
	if !bytes.Equal(page, account.Page(f)) {
		t.Error("it is another page each time")
	}
	if folder := os.Getenv("NOD_TEST_KEEP"); folder != "" {
		if err := os.WriteFile(folder+"/"+name+".html", page, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return string(page)
}

func TestTheReportIsWholeAndAsksForNothing(t *testing.T) {
	for name, f := range map[string]account.Facts{
		"none": {}, "day": busy(1), "week": busy(7), "days": busy(60), "weeks": busy(200), "months": busy(900), "years": busy(4000), "wrong": wrong(),
	} {
		page := kept(t, name, f)
		for _, never := range []string{"<script", "src=", "href=", "url(", "@import", " style=", "%!", "http:", "https:"} {
			if strings.Contains(page, never) {
				t.Errorf("%s: it has %s", name, never)
			}
		}
		if !strings.Contains(page, `content="default-src 'none'; style-src 'sha256-`) || strings.Count(page, "<article ") != 2 ||
			strings.Index(page, `<article lang="zh-CN">`) > strings.Index(page, `<article lang="en">`) {
			t.Errorf("%s: it has no policy, or not both languages in their order", name)
		}
		wellFormed(t, name, page)
	}
}

// wellFormed reads the page as XML, but for what HTML leaves open.
func wellFormed(t *testing.T, name, page string) {
	t.Helper()
	_, body, _ := strings.Cut(page, "<body>")
	body = strings.TrimSuffix(strings.ReplaceAll(body, "<br>", "<br/>"), "</html>\n")
	d := xml.NewDecoder(strings.NewReader("<body>" + body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestWhateverIsToldIsText(t *testing.T) {
	f := wrong()
	const evil = `"><script>alert(1)</script>&`
	f.Enterprise, f.Origin, f.Root, f.Filter.Subject, f.Names = evil, evil, evil, evil, map[string]string{"zh-CN": evil}
	f.Filter.Purposes, f.Purposes[0].Name = []string{evil}, evil
	f.Notices[0] = account.Notice{ID: evil, SHA256: evil, Locale: evil, Purpose: evil, Audience: evil}
	f.Delegations[0].ID, f.Delegations[0].SHA256, f.Checks.ConsentOver.Named[0].Record = evil, evil, evil
	page := kept(t, "evil", f)
	if wellFormed(t, "evil", page); strings.Contains(page, "<script") || strings.Count(page, "&#34;&gt;&lt;script&gt;") < 20 {
		t.Error("something gets through")
	}
}

// The bars of a chart add up to the totals, however long the time.
func TestTheBarsAreThoseOfTheTime(t *testing.T) {
	said := regexp.MustCompile(`<title>(\S+)([^<]*)</title>`)
	for days, want := range map[int]struct {
		unit, first string
		bars        int
	}{
		1: {"每天", "2026-02-27", 1}, 60: {"每天", "2026-02-27", 60}, 61: {"每周", "2026-02-23", 10}, 420: {"每周", "2026-02-23", 61},
		421: {"每月", "2026-02", 15}, 4000: {"每年", "2026", 12},
	} {
		f := busy(days)
		page, _, _ := strings.Cut(kept(t, "time", f), `<article lang="en">`)
		chart := page[strings.Index(page, "<figcaption><b>同意</b> "):]
		chart = chart[:strings.Index(chart, "</figure>")]
		bars := said.FindAllStringSubmatch(chart, -1)
		if !strings.Contains(chart, "<b>同意</b> "+want.unit) || len(bars) != want.bars || bars[0][1] != want.first {
			t.Errorf("%d days: %d bars from %v", days, len(bars), bars[0])
		}
		sum := int64(0)
		for _, b := range bars {
			for _, n := range regexp.MustCompile(`[\d,]+`).FindAllString(b[2], -1) {
				x := int64(0)
				for _, c := range strings.ReplaceAll(n, ",", "") {
					x = 10*x + int64(c-'0')
				}
				sum += x
			}
		}
		if all := f.Totals[account.Granted] + f.Totals[account.Refused] + f.Totals[account.Withdrawn] + f.Totals[account.Lapsed]; sum != all {
			t.Errorf("%d days: the bars come to %d, all to %d", days, sum, all)
		}
	}
}

// Neither language lacks a text.
func TestBothLanguagesSayTheSame(t *testing.T) {
	f := wrong()
	f.Checks.StartedEarlier = 7
	chinese, english, _ := strings.Cut(kept(t, "both", f), `<article lang="en">`)
	tag, word := regexp.MustCompile(`<[a-z/][^>]*>`), regexp.MustCompile(`(lang|aria-label)="[^"]*"`)
	shape := func(page string) (list []string) {
		_, page, _ = strings.Cut(page, "<header>")
		page, _, _ = strings.Cut(page, "</article>")
		for _, x := range tag.FindAllString(page, -1) {
			list = append(list, word.ReplaceAllString(x, ""))
		}
		return list
	}
	if a, b := shape(chinese), shape(english); !slices.Equal(a, b) || len(a) < 200 {
		t.Errorf("the two have %d and %d tags", len(a), len(b))
	}
	if empty := regexp.MustCompile(`<(p|h1|h2|h3|li|dt|dd|th|figcaption|small|span|b)[^>]*></`).FindString(chinese + english); empty != "" {
		t.Errorf("%s has no text", empty)
	}
	if strings.ContainsAny(english, "，。的") {
		t.Error("the English speaks Chinese")
	}
}

func TestADayIsOneOfChina(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-23T15:59:59.999Z": "2026-11-23", "2026-11-23T16:00:00Z": "2026-11-24", "1969-12-31T15:59:59.999Z": "1969-12-31", "1969-12-31T16:00:00Z": "1970-01-01",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Unix(int64(account.DayOf(when))*86400, 0).UTC().Format(time.DateOnly); got != want {
			t.Errorf("%s is on %s, want %s", at, got, want)
		}
	}
}
