package bench

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// vendor is a face API that answers at once, and tells how long it had a request.
type vendor struct {
	*httptest.Server
	asked  atomic.Pointer[asked] // the last one
	inside atomic.Int64          // nanoseconds, of all
}

type asked struct {
	header http.Header
	body   []byte
}

func newVendor(tb testing.TB) *vendor {
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		body, _ := io.ReadAll(r.Body)
		v.asked.Store(&asked{r.Header.Clone(), body})
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"Response":{"Score":99,"IsLive":true,"FaceModelVersion":"3.0","RequestId":"r"}}`)
		v.inside.Add(int64(time.Since(begin)))
	}))
	tb.Cleanup(v.Close)
	return v
}

// agreed is somebody who may be checked.
func (w *world) agreed(subject string) visitor {
	w.tb.Helper()
	v := w.visit(subject)
	w.call("POST", "/v1/consent", v.token, v.agreement())
	return v
}

// body is what their page sends to have them checked.
func (v visitor) check(attempt string) *http.Request {
	body, _ := json.Marshal(object{"attempt_id": attempt, "image": base64.StdEncoding.EncodeToString(portraits.Hopper), "capture": "stream"})
	r := httptest.NewRequest(http.MethodPost, "/v1/verify", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+v.token)
	return r
}

// checked has somebody checked, and tells how long that took.
func (w *world) checked(h http.Handler, v visitor, attempt string) time.Duration {
	w.tb.Helper()
	r, answer := v.check(attempt), httptest.NewRecorder()
	begin := time.Now()
	h.ServeHTTP(answer, r)
	took := time.Since(begin)
	if answer.Code != http.StatusOK {
		w.tb.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	return took
}

// bare does what no check can do without, for somebody else: the statements of a check, and
// the signing and sending of its image in between.
type bare struct {
	*world
	script script
	sent   *asked
	vendor *vendor
	db     *pgx.Conn
}

func (x *bare) check(v visitor) error {
	fresh := map[string]string{}
	half := len(x.script.trips) / 2
	for trip := range half {
		if err := x.script.play(x.world, x.db, trip, v, fresh); err != nil {
			return err
		}
	}
	if err := x.send(); err != nil {
		return err
	}
	for trip := half; trip < len(x.script.trips); trip++ {
		if err := x.script.play(x.world, x.db, trip, v, fresh); err != nil {
			return err
		}
	}
	return nil
}

// send signs the body as the vendor has it (TC3-HMAC-SHA256), and sends it.
func (x *bare) send() error {
	hash := func(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }
	mac := func(key []byte, text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	now := time.Now().UTC()
	day := now.Format("2006-01-02")
	canonical := "POST\n/\n\ncontent-type:application/json\nhost:iai\n\ncontent-type;host\n" + hash(x.sent.body)
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s/iai/tc3_request\n%s", now.Unix(), day, hash([]byte(canonical)))
	key := mac(mac(mac([]byte("TC3key"), day), "iai"), "tc3_request")
	r, err := http.NewRequestWithContext(x.ctx(), http.MethodPost, x.vendor.URL, bytes.NewReader(x.sent.body))
	if err != nil {
		return err
	}
	r.Header = x.sent.header.Clone()
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=id/"+day+"/iai/tc3_request, SignedHeaders=content-type;host, Signature="+hex.EncodeToString(mac(key, text)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// BenchmarkCheckBesideABareHandler holds the time that a check takes in the function, with
// a face API that answers at once, against that of a handler which does only the signing,
// the sending and the same statements. They take turns, on one connection each.
func BenchmarkCheckBesideABareHandler(b *testing.B) {
	const people = 200
	dsn := postgres.Start(b, postgres.Options{Durable: true}).Database(b)
	faces := newVendor(b)
	w := worldIn(b, dsn, domain.Live, faces.URL)
	p := wire.To(b, dsn)
	h := w.through(p).nod.Verify()
	first := w.agreed("emp-first")
	x := &bare{world: w, vendor: faces}
	x.script = recorded(p, first, func() { w.checked(h, first, "a1") })
	x.script.check(b, 4)
	x.sent = faces.asked.Load()
	if x.sent == nil || !strings.Contains(string(x.sent.body), "Image") {
		b.Fatal("nothing was sent to be compared")
	}
	var err error
	x.db, err = pgx.Connect(w.ctx(), dsn) // which prepares statements, too
	w.must(err)
	defer x.db.Close(w.ctx())
	_, err = x.db.Exec(w.ctx(), "SET plan_cache_mode = "+w.plans())
	w.must(err)

	h = w.nod.Verify()
	rounds := 0
	for ; b.Loop(); rounds++ {
		b.StopTimer()
		var visitors [2][]visitor
		for i := range people {
			for side := range visitors {
				visitors[side] = append(visitors[side], w.agreed(fmt.Sprintf("emp-%d-%d-%d", rounds, i, side)))
			}
		}
		w.analyse()
		b.StartTimer()
		var own, plain []float64
		for i := range people {
			inside := faces.inside.Load()
			own = append(own, (w.checked(h, visitors[0][i], "a1")-time.Duration(faces.inside.Load()-inside)).Seconds()*1e3)
			inside = faces.inside.Load()
			begin := time.Now()
			w.must(x.check(visitors[1][i]))
			plain = append(plain, (time.Since(begin)-time.Duration(faces.inside.Load()-inside)).Seconds()*1e3)
		}
		slices.Sort(own)
		slices.Sort(plain)
		atMost(b, 5, own[people/2], "median-ms")
		b.ReportMetric(plain[people/2], "bare-ms")
		atMost(b, 1.3, own[people/2]/plain[people/2], "x-bare")
	}
	var passed int
	w.must(w.db.QueryRow(w.ctx(), `SELECT count(*) FROM sessions WHERE enterprise = $1 AND state = 'passed'`, w.tenant.Enterprise).Scan(&passed))
	if want := 2*people*rounds + 1; passed < want {
		b.Fatalf("%d have passed, want %d: the bare handler does not do what the function does", passed, want)
	}
}

// BenchmarkCheckInALargeDatabase holds the time of a check, and of the decision before it,
// in a database of ten million Records (NOD_BENCH_LOG: of so many) against those in an
// empty one, and in one that is just large enough for plans to be kept: in the empty one each
// statement is planned each time, which alone takes longer. The people of the large ones are
// copies of one who passed, with all their rows; only the lines of their Records, which a
// check does not read, are left out. They take turns.
func BenchmarkCheckInALargeDatabase(b *testing.B) {
	records := 10_000_000
	if s := os.Getenv("NOD_BENCH_LOG"); s != "" {
		var err error
		if records, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	server := postgres.Start(b, postgres.Options{Settings: map[string]string{
		"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "1h", "wal_level": "minimal", "max_wal_senders": "0"}})
	sizes := []int{records, 0, 10_000}
	var worlds []*world
	for _, size := range sizes {
		w := worldAt(b, server.Database(b))
		w.agreed("emp-warm-up-pass")
		w.fill(size)
		worlds = append(worlds, w.at(w.dsn, 8)) // connections that know how large it is
	}
	const people = 400
	for round := 0; b.Loop(); round++ {
		var times [2][3][]float64 // of decisions and of checks
		for i := range people {
			for turn := range worlds {
				at := (i + turn) % len(worlds)
				w := worlds[at]
				v := w.visit(fmt.Sprintf("emp-%d-%d-pass", round, i))
				begin := time.Now()
				w.call("POST", "/v1/consent", v.token, v.agreement())
				times[0][at] = append(times[0][at], time.Since(begin).Seconds()*1e3)
				times[1][at] = append(times[1][at], w.checked(w.nod.Verify(), v, "a1").Seconds()*1e3)
			}
		}
		for i, what := range []string{"decision", "check"} {
			var medians [3]float64
			for at := range worlds {
				slices.Sort(times[i][at])
				medians[at] = times[i][at][people/2]
			}
			b.ReportMetric(medians[0], what+"-ms")
			for at, than := range map[int]string{1: "-x-empty", 2: "-x-small"} {
				if x := medians[0] / medians[at]; what == "check" {
					atMost(b, 1.2, x, what+than)
				} else {
					b.ReportMetric(x, what+than)
				}
			}
		}
	}
}

// fill adds people until there are about so many Records: copies of one who has passed.
func (w *world) fill(records int) {
	w.tb.Helper()
	if records == 0 {
		return
	}
	begin := time.Now()
	var one visitor
	var per, have int
	w.must(w.db.QueryRow(w.ctx(), `SELECT subject, count(*) FROM records WHERE enterprise = $1 AND subject <> '' GROUP BY subject
		ORDER BY count(*) DESC LIMIT 1`, w.tenant.Enterprise).Scan(&one.subject, &per))
	w.clones(one, 0, records/per)
	w.must(w.db.QueryRow(w.ctx(), `SELECT count(*) FROM records`).Scan(&have))
	w.tb.Logf("%d Records of %d people, made in %v", have, records/per, time.Since(begin))
}
