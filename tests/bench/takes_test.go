package bench

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nod/shared/face/localapi/portraits"
	"nod/tests/postgres"
)

// BenchmarkWhatACheckTakes tells what one check takes of processors, of the database's disk
// and of its log, apart for each of its three parts: the session that is opened and read, the
// decision, and the check itself. docs/scale.md reckons with these figures. Processor time is
// not elapsed time, so a busy machine changes little. Nod's includes what its HTTP client in
// the same process takes; the vendor's answer is scripted.
func BenchmarkWhatACheckTakes(b *testing.B) {
	w := worldAt(b, postgres.Start(b, postgres.Options{Durable: true}).Database(b))
	w.agreed("emp-warm-up-pass")
	w.fill(10_000) // plans are kept from then on, as in any database but a new one
	w = w.at(w.dsn, 8)
	const people = 2_000
	image := base64.StdEncoding.EncodeToString(portraits.Hopper)
	for round := 0; b.Loop(); round++ {
		tokens, notices := make([]string, people), make([]object, people)
		w.part(b, "session", people, func(i int) {
			s := w.call("POST", "/v1/sessions", w.tenant.Integrator, object{"kind": "check", "purpose": "exam", "route": "photo",
				"subject": fmt.Sprintf("emp-%d-%d-pass", round, i), "age_group": "adult", "resource": "exam/1", "locale": "en",
				"reference": object{"photo_url": "https://lms.example.com/1.png"}})
			tokens[i] = w.call("POST", "/v1/session/open", "", object{"code": s["code"]})["token"].(string)
			notices[i] = w.call("GET", "/v1/session", tokens[i], nil)["notice"].(object)
		})
		w.part(b, "decision", people, func(i int) {
			w.call("POST", "/v1/consent", tokens[i], object{"decision": "granted", "notice_id": notices[i]["id"],
				"notice_sha256": notices[i]["sha256"].(object)["en"], "locale": "en", "by": "self"})
		})
		w.part(b, "check", people, func(i int) {
			w.call("POST", "/v1/verify", tokens[i], object{"attempt_id": "a1", "image": image, "capture": "stream"})
		})
	}
}

// part has each of so many people do something, four at a time, and reports what that took.
func (w *world) part(b *testing.B, name string, people int, do func(i int)) {
	b.Helper()
	before := w.taken()
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < people; i += 4 {
				do(i)
			}
		})
	}
	group.Wait()
	after := w.taken()
	each := func(of func(taken) float64, unit string) {
		b.ReportMetric((of(after)-of(before))/float64(people), name+"-"+unit)
	}
	each(func(t taken) float64 { return t.database.Seconds() * 1e3 }, "db-cpu-ms")
	each(func(t taken) float64 { return t.nod.Seconds() * 1e3 }, "nod-cpu-ms")
	each(func(t taken) float64 { return t.stored }, "db-bytes")
	each(func(t taken) float64 { return t.ahead }, "wal-bytes")
	each(func(t taken) float64 { return t.records }, "records")
	each(func(t taken) float64 { return t.lines }, "log-bytes")
}

// taken is what was used up so far.
type taken struct {
	database, nod  time.Duration // of processors
	stored, ahead  float64       // bytes in tables and indexes; bytes of the write-ahead log
	records, lines float64       // in the logs, and the bytes of their lines
}

func (w *world) taken() (t taken) {
	w.tb.Helper()
	w.must(w.db.QueryRow(w.ctx(), `SELECT pg_database_size(current_database())::float8, (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8,
		(SELECT count(*) FROM records)::float8, (SELECT coalesce(sum(length(line)), 0) FROM records)::float8`).
		Scan(&t.stored, &t.ahead, &t.records, &t.lines))
	var own syscall.Rusage
	w.must(syscall.Getrusage(syscall.RUSAGE_SELF, &own))
	t.nod = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	rows, err := w.db.Query(w.ctx(), `SELECT pid FROM pg_stat_activity`)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var pid int
		w.must(rows.Scan(&pid))
		t.database += w.processor(pid)
	}
	w.must(rows.Err())
	return t
}

// processor is what a process has used, of which the kernel tells in hundredths of a second
// (proc(5), stat, fields 14 and 15).
func (w *world) processor(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0 // it is over
	}
	_, text, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(text)
	user, err := strconv.ParseInt(fields[11], 10, 64)
	w.must(err)
	system, err := strconv.ParseInt(fields[12], 10, 64)
	w.must(err)
	return time.Duration(user+system) * 10 * time.Millisecond
}
