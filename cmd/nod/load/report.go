package load

import (
	_ "embed"
	"html/template"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

//go:embed report.html
var page string

var report = template.Must(template.New("report").Parse(page))

type row struct {
	Name                 string
	People               int
	P50, P90, P99, Worst time.Duration
}

type outcome struct {
	Name         string
	Large, Small int
}

// Report writes the result as one HTML file that needs nothing else.
func (r *Result) Report(w io.Writer, command string, now time.Time) error {
	var outcomes []outcome
	for _, name := range names(r.Outcomes()) {
		outcomes = append(outcomes, outcome{name, r.Large.Outcomes[name], r.Small.Outcomes[name]})
	}
	return report.Execute(w, map[string]any{
		"Command": command, "Date": now.UTC().Format(time.RFC3339), "Options": r.Options, "Took": r.Took.Round(time.Second),
		"Promises": r.Promises(), "Outcomes": outcomes, "Ideal": r.ideal().Round(time.Second),
		"Rows":   []row{r.Large.row("the one with the exam"), r.Small.row("the smaller one")},
		"Charts": r.charts(),
	})
}

func (g group) row(name string) row {
	at := func(q float64) time.Duration { return ms(g.wait.ValueAtQuantile(q)) }
	return row{Name: name, People: g.total(), P50: at(50), P90: at(90), P99: at(99), Worst: ms(g.wait.Max())}
}

func (r *Result) charts() []chart {
	var slices []time.Duration
	for n := range r.Slices {
		slices = append(slices, time.Duration(n)*slice)
	}
	quantile := func(name string, q float64) line {
		l := line{Name: name}
		for _, h := range r.Slices {
			l.Values = append(l.Values, ms(value(h, q)).Seconds())
		}
		return l
	}
	var at []time.Duration
	for _, s := range r.Samples {
		at = append(at, s.At)
	}
	level := func(name string, of func(Sample) float64) line {
		l := line{Name: name}
		for _, s := range r.Samples {
			l.Values = append(l.Values, of(s))
		}
		return l
	}
	rate := func(name string, of func(Sample) int64) line {
		l := line{Name: name}
		var before Sample
		for _, s := range r.Samples {
			v := 0.0
			if before.At > 0 {
				v = max(0, float64(of(s)-of(before))/(s.At-before.At).Seconds())
			}
			l.Values, before = append(l.Values, v), s
		}
		return l
	}
	return []chart{
		{"From the intended arrival to the result, by when it came", "s", slices, []line{quantile("median", 50), quantile("p90", 90), quantile("p99", 99), quantile("longest", 100)}},
		{"People", "", at, []line{level("arrived", func(s Sample) float64 { return float64(s.Arrived) }), level("waiting for a check", func(s Sample) float64 { return float64(s.Waiting) }), level("done", func(s Sample) float64 { return float64(s.Done) })}},
		{"Calls to the vendor", "a second", at, []line{rate("let in", func(s Sample) int64 { return s.Accepted }), rate("turned back", func(s Sample) int64 { return s.Refused })}},
		{"Instances", "", at, []line{level("pages: there", func(s Sample) float64 { return float64(s.Pages.Instances) }), level("pages: at work", func(s Sample) float64 { return float64(s.Pages.Busy) }), level("verify: there", func(s Sample) float64 { return float64(s.Verify.Instances) }), level("verify: at work", func(s Sample) float64 { return float64(s.Verify.Busy) })}},
		{"Calls turned back by the platform for want of an instance", "a second", at, []line{rate("pages", func(s Sample) int64 { return s.Pages.TurnedBack }), rate("verify", func(s Sample) int64 { return s.Verify.TurnedBack })}},
		{"The database: connections", "", at, []line{level("connections", func(s Sample) float64 { return float64(s.DBConnections) })}},
		{"The database: transactions", "a second", at, []line{rate("commits", func(s Sample) int64 { return s.DBCommits })}},
	}
}

func value(h *hdrhistogram.Histogram, q float64) int64 {
	if h.TotalCount() == 0 {
		return 0
	}
	return h.ValueAtQuantile(q)
}
