package account

import (
	"fmt"
	"time"
)

// A chart is bars over time, each a pile of what happened in a day, a week, a month or
// years. The bars are stretched to the width that there is; what is written stands outside
// of the picture, so that it keeps its size on a phone and on paper.

// unit is how long the time of one bar is.
type unit int

const (
	day unit = iota
	week
	month
	year
)

// mostBars is about how many are still apart from each other.
const mostBars = 60

// bar is what happened in the time from a day on.
type bar struct {
	from time.Time
	Counts
}

// bars spreads days over time, in the smallest unit in which they are not too many.
func bars(days []Day) (u unit, list []bar) {
	if len(days) == 0 {
		return day, nil
	}
	first, last := midnight(days[0].Number), midnight(days[len(days)-1].Number)
	years := 1
	for u = day; u < year && count(u, first, last) > mostBars; u++ {
	}
	for u == year && (last.Year()-first.Year())/years >= mostBars {
		years++
	}
	for at := u.begin(first); !at.After(last); at = u.next(at, years) {
		list = append(list, bar{from: at})
	}
	i := 0
	for _, d := range days {
		for i+1 < len(list) && !list[i+1].from.After(midnight(d.Number)) {
			i++
		}
		for kind, n := range d.Counts {
			list[i].Counts[kind] += n
		}
	}
	return u, list
}

// midnight is a day, as a date without a zone.
func midnight(number int) time.Time { return time.Unix(int64(number)*24*60*60, 0).UTC() }

func count(u unit, first, last time.Time) int {
	days := int(last.Sub(first) / (24 * time.Hour))
	return days/[]int{1, 7, 28, 365}[u] + 1
}

func (u unit) begin(at time.Time) time.Time {
	switch u {
	case week: // on Monday
		return at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
	case month:
		return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	case year:
		return time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return at
}

func (u unit) next(at time.Time, years int) time.Time {
	switch u {
	case week:
		return at.AddDate(0, 0, 7)
	case month:
		return at.AddDate(0, 1, 0)
	case year:
		return at.AddDate(years, 0, 0)
	}
	return at.AddDate(0, 0, 1)
}

func (u unit) name(at time.Time) string {
	return at.Format([]string{time.DateOnly, time.DateOnly, "2006-01", "2006"}[u])
}

func (s *section) overTime() {
	u, list := bars(s.f.Days)
	if len(list) == 0 {
		return
	}
	s.heading(s.over)
	for i, kinds := range figures[:2] {
		s.chart(s.groups[i], u, list, kinds)
	}
	s.put("<p class=\"note\">%v</p>\n</section>\n", s.clock)
}

func (s *section) chart(title string, u unit, list []bar, kinds []int) {
	most, used := int64(0), [counted]bool{}
	for _, b := range list {
		sum := int64(0)
		for _, kind := range kinds {
			sum += b.Counts[kind]
			used[kind] = used[kind] || b.Counts[kind] > 0
		}
		most = max(most, sum)
	}
	top := round(most)
	s.put("<figure>\n<figcaption><b>%v</b> %v", title, s.units[u])
	for i, kind := range kinds {
		if used[kind] {
			s.put(" <span class=\"key k%v\">%v</span>", i, s.kinds[kind])
		}
	}
	s.put("</figcaption>\n<div class=\"plot\"><div class=\"scale\"><span>%v</span><span>%v</span><span>0</span></div>\n", top, top/2)
	const pitch, broad = 10, 7
	width := pitch * len(list)
	class, size := sized(len(list))
	s.put("<div class=\"%v\"><svg viewBox=\"0 0 %v 100\"%v preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%v\">\n", class, width, size, title)
	s.put("<path class=\"grid\" d=\"M0 0H%vM0 50H%vM0 100H%v\"/>\n", width, width, width)
	for i, b := range list {
		s.pile(b, u, kinds, pitch*i+(pitch-broad)/2, broad, top)
	}
	s.put("</svg>\n<div class=\"dates\"><span>%v</span>", u.name(list[0].from))
	if n := len(list); n > 8 {
		s.put("<span>%v</span>", u.name(list[n/2].from))
	}
	if n := len(list); n > 1 {
		s.put("<span>%v</span>", u.name(list[n-1].from))
	}
	s.put("</div></div></div>\n</figure>\n")
}

// sized keeps a few bars from being broad.
func sized(bars int) (class string, width markup) {
	if bars > 12 {
		return "field", ""
	}
	return "field few", markup(fmt.Sprintf(` width="%d"`, max(min(90*bars, 180), 44*bars)))
}

// pile draws one bar, in hundredths of the height.
func (s *section) pile(b bar, u unit, kinds []int, x, broad int, top int64) {
	said, below := u.name(b.from), int64(0)
	for _, kind := range kinds {
		if b.Counts[kind] > 0 {
			said += " · " + s.kinds[kind] + " " + number(b.Counts[kind])
			below += b.Counts[kind]
		}
	}
	if below == 0 {
		return
	}
	s.put("<g><title>%v</title>", said)
	below = 0
	for i, kind := range kinds {
		n := b.Counts[kind]
		if n == 0 {
			continue
		}
		from := share(below, top)
		below += n
		to := share(below, top)
		s.put("<rect class=\"k%v\" x=\"%v\" y=\"%v\" width=\"%v\" height=\"%v\"/>", i, x, hundredths(10_000-to), broad, hundredths(to-from))
	}
	s.put("</g>\n")
}

// share is a part of the height in hundredths of a percent: in whole numbers, so that every
// machine draws the same.
func share(n, top int64) int64 {
	if n > 1<<40 { // more than anybody counts, and would not fit
		n, top = n>>20, top>>20
	}
	return n * 10_000 / top
}

func hundredths(n int64) markup { return markup(fmt.Sprintf("%d.%02d", n/100, n%100)) }

// round is the least even number of two digits or less, with zeros, that is not less.
func round(n int64) int64 {
	for unit := int64(2); ; unit *= 10 {
		for _, m := range []int64{1, 2, 3, 4, 5, 6, 8, 10} {
			if m*unit >= n {
				return m * unit
			}
		}
	}
}
