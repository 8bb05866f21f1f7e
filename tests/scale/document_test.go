package scale

import (
	"fmt"
	"math"
	"strings"
)

const beginning = `# Growth

For whoever has to say whether Nod is enough for next year. What follows is a model: arithmetic over figures that were measured here, and over assumptions that are named. It is written by ` + "`go test ./tests/scale -update`" + ` from tests/scale/measured.json; put your own figures there, and it is about you.

`

const busiest = `
"At work" is in the busiest hour. An instance takes one call at a time and has one connection, so instances are connections. What stays in the database counts a session, its decision and its check as if each person came for the first time; the log's lines stay for good, the rest goes (see [retention.md](retention.md)).

## What gives way first
Each of these is what there is before anybody asks for more; 100 % is all of it.

`

const changes = `
**The face API's allowance** is the first to be short on any day, whatever is bought; only the disk, after years, comes before it. At 50 comparisons a second the busiest hour can hold %s checks, retakes counted, and so the day %s. People are not failed by it: what would go beyond waits in a queue, in which every enterprise has its share; no attempt is used, the page keeps the image, and the session lasts as long as it waits. What to do, in this order: ask the vendor for more; spread the beginnings of exams over the hour; ask for consent days ahead (a session of kind ` + "`consent`" + `), so that only checks come in the morning.

**An exam morning** is not a busiest hour. If a company of 100,000 begins at nine, the checks take %s at 50 a second, whatever Nod is given. ` + "`nod load`" + ` plays that morning ([load.md](load.md)).

**Instances** follow the face API's time: at %.1f s an answer, each check a second needs %.1f of verify. They are bounded by the allowance as well: with 50 a second no more than %.0f of verify are at work, and 25 more while people wait, because it holds whoever is called for half a second until the vendor has room; who is told to wait, or asks again, takes one for as long as the gate takes. The cloud's default is enough until the vendor gives ten times as much. Give verify a reserved share, so that a flood of opened pages cannot take it.

**Connections**: put PgBouncer, in transaction mode, in front before the instances exceed what the database serves well, here %.0f. A transaction holds its connection for milliseconds, and the call to the face API is outside of any, so %.0f of verify at work need a handful.

**The database's processors**: a check with its session and decision takes %.1f ms of one where statements are prepared, and about twice that behind a pooler that does not prepare. Writing cannot be shared out over replicas. Up to about %.0f checks a second a machine of 32 will do; beyond, put enterprises into databases of their own: every key begins with the enterprise, no statement touches two, and a second Nod with a domain of its own shares nothing with the first. Nothing has to be cut through the middle of an enterprise.

**The log**: one maintenance run places %s Records a second, all enterprises together; that is %s checks a second. What comes faster waits and nothing is lost: the promise of ten minutes is what suffers, and ` + "`unheeded`" + ` says so. Beyond, the runs have to be shared out by enterprise, each with a lease of its own; the compare-and-swap on the tree's size already keeps two runs from forking a log.

**The disk** is what grows as long as Nod is used. At a hundred thousand checks a day it is a matter of buying it. At ten million, %s a day, an enterprise's old Records belong into its tiles alone, which the object storage has anyway; that the lines can be read from there instead of from the table is the first thing to be built before Nod is that large. So are partitions by time for the tables that retention empties.

**An export** of a month reads what its enterprise has, in steps, beside everything else: at %s Records a second a month of ten million checks a day, if it were all one enterprise, would take %s to make and %s to verify. Ask for days, then.

## What it costs
Prices are in no document of ours, they change; [operate.md](operate.md#what-100000-checks-cost) has the formula. These are its quantities, for a day:

`

// document is docs/scale.md.
func (f *figures) document() string {
	days := []day{f.reckon(1e3), f.reckon(1e5), f.reckon(1e7)}
	var b strings.Builder
	b.WriteString(beginning + "| checks a day | 1,000 | 100,000 | 10,000,000 |\n|---|---:|---:|---:|\n")
	row := func(name string, of func(day) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, d := range days {
			fmt.Fprintf(&b, " %s |", of(d))
		}
		b.WriteByte('\n')
	}
	row("checks a second, in the busiest hour", func(d day) string { return number(d.rate) })
	row("images a second, retakes counted", func(d day) string { return number(d.uploads) })
	row("instances of verify at work", func(d day) string { return number(d.verifying) })
	row("instances of all functions at work", func(d day) string { return number(d.instances) })
	row("processors of the database at work", func(d day) string { return number(d.cores) })
	row("Records a day", func(d day) string { return number(d.records) })
	row("the database grows by, a day", func(d day) string { return bytes(d.stored) })
	row(fmt.Sprintf("it holds after %.0f years", f.of("kept_years")), func(d day) string { return bytes(d.kept) })
	row("write-ahead log a day, for replicas and backups", func(d day) string { return bytes(d.ahead) })
	b.WriteString(busiest)
	f.writeLimits(&b, days)
	largest := days[len(days)-1]
	perCheck := largest.cores / largest.rate * 1e3
	allowance := f.of("face_per_s")
	fmt.Fprintf(&b, changes, number(allowance/(1+f.of("retakes"))*hour), number(allowance/(1+f.of("retakes"))*hour/f.of("busiest_hour")),
		span(1e5*(1+f.of("retakes"))/allowance), f.of("face_s"), largest.verifying/largest.uploads, allowance*largest.verifying/largest.uploads,
		f.of("connections"), allowance*largest.verifying/largest.uploads, perCheck, 0.7*32/perCheck*1e3,
		number(f.of("sequenced_per_s")), number(f.of("sequenced_per_s")/f.of("records")), bytes(largest.stored),
		number(f.of("exported_per_s")), span(largest.lines/f.of("exported_per_s")), span(largest.lines/f.of("verified_per_s")))
	b.WriteString("| checks a day | 1,000 | 100,000 | 10,000,000 |\n|---|---:|---:|---:|\n")
	row("comparisons at the face API", func(d day) string { return number(d.checks * (1 + f.of("retakes"))) })
	row("calls of functions", func(d day) string { return number(d.calls) })
	row("GB-seconds of functions", func(d day) string { return number(d.seconds) })
	row("images received", func(d day) string { return bytes(d.received) })
	row("lines of the functions' logs", func(d day) string { return bytes(d.logged) })
	b.WriteString("\n## The figures\n\n| | | reproduced by |\n|---|---:|---|\n")
	list(&b, f.Measured, "`", "`")
	b.WriteString("\nMeasured on two cores that others were using too: processor time and bytes hardly change by that, rates are rather too low.\n\n| assumed | | because |\n|---|---:|---|\n")
	list(&b, f.Assumed, "", "")
	return b.String()
}

func list(b *strings.Builder, figures []figure, before, after string) {
	for _, one := range figures {
		fmt.Fprintf(b, "| %s | %s %s | %s%s%s |\n", one.What, number(one.Value), one.Unit, before, one.From, after)
	}
}

func (f *figures) writeLimits(b *strings.Builder, days []day) {
	b.WriteString("| | 1,000 | 100,000 | 10,000,000 |\n|---|---:|---:|---:|\n")
	for _, first := range f.limits(days[len(days)-1]) {
		fmt.Fprintf(b, "| %s |", first.name)
		for _, d := range days {
			for _, l := range f.limits(d) {
				if l.name == first.name {
					fmt.Fprintf(b, " %s %% |", number(l.share*100))
				}
			}
		}
		b.WriteByte('\n')
	}
}

// number is one with two significant digits, and commas.
func number(n float64) string {
	if n == 0 {
		return "0"
	}
	step := math.Pow(10, math.Floor(math.Log10(math.Abs(n)))-1)
	if n = math.Round(n/step) * step; n < 10 {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.*f", max(0, int(math.Round(-math.Log10(step)))), n), "0"), ".")
	}
	digits := fmt.Sprintf("%.0f", n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// bytes is an amount in decimal units.
func bytes(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}} {
		if n >= u.size {
			return number(n/u.size) + " " + u.name
		}
	}
	return number(n/1e3) + " kB"
}

// span is a time.
func span(seconds float64) string {
	switch {
	case seconds >= 2*hour:
		return number(seconds/hour) + " hours"
	case seconds >= 120:
		return number(seconds/60) + " minutes"
	}
	return number(seconds) + " seconds"
}
