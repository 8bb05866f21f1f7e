package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/tests/postgres"
	"nod/tests/wire"
)

// connections is how many decide at once, in Nod and in pgbench.
const connections = 8

// voters are people who have not decided yet, each of whom decides once.
type voters struct {
	*world
	first visitor
	next  atomic.Int64
}

// newVoters makes so many of them, on a server that keeps what it says that it has kept.
func newVoters(b *testing.B, people int) (v *voters, decision script) {
	b.Helper()
	dsn := postgres.Start(b, postgres.Options{Durable: true, Settings: map[string]string{"shared_buffers": "1GB", "max_wal_size": "8GB"}}).Database(b)
	v = &voters{world: worldAt(b, dsn)}
	v.first = v.visit("emp-decides")
	v.clones(v.first, 0, people)

	// The person whose statements are recorded comes by another way to the same database.
	p := wire.To(b, dsn)
	slow := v.through(p)
	one := v.first.clone(v.world, 0)
	decision = recorded(p, one, func() { v.decide(slow.nod.Consent(), 0) })
	decision.check(b, 2)
	v.next.Store(0)
	return v, decision
}

// decide has the person of a number agree.
func (v *voters) decide(h http.Handler, number int) {
	one := v.first.clone(v.world, number)
	body, _ := json.Marshal(one.agreement())
	r := httptest.NewRequest(http.MethodPost, "/v1/consent", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+one.token)
	answer := httptest.NewRecorder()
	if h.ServeHTTP(answer, r); answer.Code >= 300 {
		v.tb.Errorf("%d: %s", answer.Code, answer.Body)
	}
}

// perSecond has as many decide as there are connections, one after the other, for a time.
func (v *voters) perSecond(during time.Duration) float64 {
	return v.perSecondAt(v.nod.Consent(), during)
}

func (v *voters) perSecondAt(h http.Handler, during time.Duration) float64 {
	begin, before := time.Now(), v.next.Load()
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			for time.Since(begin) < during {
				v.decide(h, int(v.next.Add(1)))
			}
		})
	}
	all.Wait()
	return float64(v.next.Load()-before) / time.Since(begin).Seconds()
}

var (
	rate      = regexp.MustCompile(`tps = ([0-9.]+) \(without`)
	processed = regexp.MustCompile(`actually processed: ([0-9]+)`)
)

// pgbench runs the script as fast as it goes, over as many connections, for people from a
// number on.
func (v *voters) pgbench(s script, mode string, first, each int, during time.Duration) float64 {
	v.tb.Helper()
	lines, variables := s.pgbench(v.tenant.Enterprise)
	file := filepath.Join(v.tb.TempDir(), "decision.sql")
	v.must(os.WriteFile(file, []byte(lines), 0o600))
	cmd := exec.Command("pgbench", append(variables, "-n", "-M", mode, "-c", fmt.Sprint(connections), "-j", "2", "-T", fmt.Sprint(int(during.Seconds())),
		"-D", "n=0", "-D", fmt.Sprint("first=", first), "-D", fmt.Sprint("each=", each), "-f", file, v.dsn)...)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c plan_cache_mode="+v.plans())
	before := v.granted()
	out, err := cmd.CombinedOutput()
	found, all := rate.FindSubmatch(out), processed.FindSubmatch(out)
	if err != nil || found == nil || all == nil {
		v.tb.Fatalf("pgbench: %v\n%.4000s", err, out)
	}
	done, err := strconv.Atoi(string(all[1]))
	v.must(err)
	if n := v.granted() - before; n != done {
		v.tb.Fatalf("pgbench says that it did it %d times, and there are %d grants more", done, n)
	}
	perSecond, err := strconv.ParseFloat(string(found[1]), 64)
	v.must(err)
	return perSecond
}

func (v *voters) granted() (n int) {
	v.tb.Helper()
	v.must(v.db.QueryRow(v.ctx(), `SELECT count(*) FROM consents WHERE state = 'granted'`).Scan(&n))
	return n
}

// BenchmarkDecisionsBesidePgbench holds how many people can decide in a second against how
// often pgbench can send the same statements, in the same two trips and as Nod does behind
// PgBouncer, with as many connections to the same server. They take turns. Where both prepare
// their statements it is reported, too: the less the server does for each, the more weighs
// what Nod does besides, on the same processors: the receipt, the promise, two signatures.
func BenchmarkDecisionsBesidePgbench(b *testing.B) {
	const rounds, during, each = 3, 5 * time.Second, 3_000
	v, decision := newVoters(b, 200_000)
	first := 50_000 // more than decide here before
	for b.Loop() {
		for _, way := range []struct {
			w    *world
			mode string
			unit string
		}{{v.at(v.dsn+"&default_query_exec_mode=exec", connections), "extended", "x-pgbench"}, {v.world, "prepared", "x-prepared"}} {
			var nod, plain []float64
			for range rounds {
				nod = append(nod, v.perSecondAt(way.w.nod.Consent(), during))
				plain = append(plain, v.pgbench(decision, way.mode, first, each, during))
				first += connections * each
			}
			b.Logf("%.0f decisions a second, %.0f of pgbench's (%s)", nod, plain, way.mode)
			slices.Sort(nod)
			slices.Sort(plain)
			if ratio := nod[rounds/2] / plain[rounds/2]; way.mode == "extended" {
				atLeast(b, 0.7, ratio, way.unit)
			} else {
				b.ReportMetric(ratio, way.unit)
			}
		}
	}
}

// BenchmarkDecisionsPrepared holds how many people can decide in a second where statements
// are prepared against where they are not, as behind a pooler: first with a plan each time, as
// Nod has it while the tables are small, then with plans that are kept.
func BenchmarkDecisionsPrepared(b *testing.B) {
	const rounds, during = 3, 5 * time.Second
	v, _ := newVoters(b, 120_000)
	_, err := v.db.Exec(v.ctx(), "ANALYZE")
	v.must(err)
	unprepared, prepared, kept := v.at(v.dsn+"&default_query_exec_mode=exec", connections), v.at(v.dsn, connections), v.at(v.dsn, connections)
	// A connection looks again while it takes the tables for small, and not once they are large.
	for _, c := range []struct {
		consents int
		w        *world
	}{{1000, kept}, {0, prepared}} {
		_, err := v.db.Exec(v.ctx(), "UPDATE pg_class SET reltuples = $1 WHERE relname = 'consents'", c.consents)
		v.must(err)
		v.perSecondAt(c.w.nod.Consent(), during) // which opens them
	}
	defer func() {
		if small, large := prepared.plans(), kept.plans(); small != "force_custom_plan" || large != "force_generic_plan" {
			b.Errorf("plans are made by %s, then by %s", small, large)
		}
	}()
	for b.Loop() {
		var rates [3][]float64
		for range rounds {
			for i, w := range []*world{unprepared, prepared, kept} {
				rates[i] = append(rates[i], v.perSecondAt(w.nod.Consent(), during))
			}
		}
		for i := range rates {
			slices.Sort(rates[i])
		}
		b.ReportMetric(rates[0][rounds/2], "unprepared/s")
		b.ReportMetric(rates[1][rounds/2]/rates[0][rounds/2], "x-prepared")
		b.ReportMetric(rates[2][rounds/2]/rates[0][rounds/2], "x-kept")
	}
}

// BenchmarkDecisionsAtHalfLoad has people come to decide at half of the pace that is the
// most that Nod can do, whether or not those before them are done, and holds the 99th
// percentile of how long it took them against the median. Who has to wait for a
// connection waits in this time.
func BenchmarkDecisionsAtHalfLoad(b *testing.B) {
	v, _ := newVoters(b, 60_000)
	for b.Loop() {
		var ratios, medians, highs []float64
		most := v.perSecond(6 * time.Second)
		for range 5 {
			median, high := v.arriving(most/2, 5*time.Second)
			ratios = append(ratios, high.Seconds()/median.Seconds())
			medians, highs = append(medians, median.Seconds()*1e3), append(highs, high.Seconds()*1e3)
		}
		for unit, of := range map[string][]float64{"median-ms": medians, "p99-ms": highs} {
			slices.Sort(of)
			b.ReportMetric(of[len(of)/2], unit)
		}
		b.Logf("median %.2f ms, p99 %.2f ms; %.0f a second at most", medians, highs, most)
		slices.Sort(ratios)
		atMost(b, 5, ratios[len(ratios)/2], "x-median")
		b.ReportMetric(most, "most/s")
	}
}

// arriving has people come at a pace, and tells the median and the 99th percentile of how
// long it took them from then on.
func (v *voters) arriving(perSecond float64, during time.Duration) (median, high time.Duration) {
	every := time.Duration(float64(time.Second) / perSecond)
	h, begin := v.nod.Consent(), time.Now()
	took := make([]time.Duration, int(during/every))
	var all sync.WaitGroup
	for i := range took {
		due := begin.Add(time.Duration(i) * every)
		time.Sleep(time.Until(due))
		all.Go(func() {
			v.decide(h, int(v.next.Add(1)))
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}
