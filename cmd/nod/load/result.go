package load

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what came of a morning.
type Result struct {
	Options           Options
	Took              time.Duration
	Accepted, Refused int64 // by the vendor
	Large, Small      group
	Samples           []Sample
	Slices            []*hdrhistogram.Histogram // latency of those who ended in each tenth of a minute
	arrivals          []arrival
}

// group is one enterprise's people.
type group struct {
	wait     *hdrhistogram.Histogram // milliseconds from the intended arrival to the result
	queued   *hdrhistogram.Histogram // and from the consent on
	Outcomes map[string]int
}

// Sample is one second's look at the whole.
type Sample struct {
	At                       time.Duration
	Arrived, Done, Waiting   int
	Accepted, Refused        int64
	Pages, Verify            counts
	DBConnections, DBCommits int64
}

const slice = 6 * time.Second

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, 24*time.Hour.Milliseconds(), 3)
}

func newResult(o Options, all []arrival) *Result {
	return &Result{
		Options: o, arrivals: all,
		Large: group{newHistogram(), newHistogram(), map[string]int{}}, Small: group{newHistogram(), newHistogram(), map[string]int{}},
	}
}

func (r *Result) add(a arrival, outcome string, ended, took, queued time.Duration) {
	g := &r.Large
	if a.small {
		g = &r.Small
	}
	g.Outcomes[outcome]++
	_ = g.wait.RecordValue(took.Milliseconds()) // a run is shorter than a day
	_ = g.queued.RecordValue(queued.Milliseconds())
	for len(r.Slices) <= int(ended/slice) {
		r.Slices = append(r.Slices, newHistogram())
	}
	_ = r.Slices[ended/slice].RecordValue(took.Milliseconds())
}

func (r *Result) passed() int { return r.Large.Outcomes["pass"] + r.Small.Outcomes["pass"] }

// Outcomes are how people ended, of both enterprises.
func (r *Result) Outcomes() map[string]int {
	all := maps.Clone(r.Large.Outcomes)
	for name, n := range r.Small.Outcomes {
		all[name] += n
	}
	return all
}

func (r *Result) failed() string {
	var others []string
	outcomes := r.Outcomes()
	for _, name := range slices.Sorted(maps.Keys(outcomes)) {
		if name != "pass" {
			others = append(others, fmt.Sprintf("%d %s", outcomes[name], name))
		}
	}
	if n := len(r.arrivals) - r.Large.total() - r.Small.total(); n > 0 {
		others = append(others, fmt.Sprintf("%d had not begun", n))
	}
	if others == nil {
		return ""
	}
	return "; " + strings.Join(others, ", ")
}

func (g group) total() (n int) {
	for _, of := range g.Outcomes {
		n += of
	}
	return n
}

// expired counts those whose session ran out: it, or its token, is then not there any more.
func (r *Result) expired() (n int) {
	for name, of := range r.Outcomes() {
		if name == "unauthenticated" || strings.Contains(name, "expired") {
			n += of
		}
	}
	return n
}

// watch looks once a second and tells how far it is.
func (r *run) watch(ctx context.Context) {
	db, err := sql.Open("pgx", r.DB)
	if err != nil {
		return // the report then has no line of the database
	}
	defer db.Close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		s := Sample{At: time.Since(r.began), Arrived: int(r.arrived.Load()), Done: int(r.outcome.Load()), Waiting: int(r.waiting.Load()),
			Pages: r.pages.counts(), Verify: r.verify.counts()}
		s.Accepted, s.Refused = r.vendor.Count()
		_ = db.QueryRowContext(ctx, `SELECT numbackends, xact_commit FROM pg_stat_database WHERE datname = current_database()`).
			Scan(&s.DBConnections, &s.DBCommits)
		r.Result.Samples = append(r.Result.Samples, s)
		r.tell(s)
	}
}

func (r *run) tell(s Sample) {
	end := "\n"
	if r.Live {
		end = "\r"
	} else if len(r.Result.Samples)%10 != 0 {
		return
	}
	fmt.Fprintf(r.Progress, "%6s  arrived %d  waiting %d  done %d of %d  vendor %d, turned back %d  instances %d+%d   %s",
		s.At.Round(time.Second), s.Arrived, s.Waiting, s.Done, len(r.Result.arrivals), s.Accepted, s.Refused,
		s.Pages.Instances, s.Verify.Instances, end)
}

// names are a map's keys, the most frequent first.
func names(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
}
