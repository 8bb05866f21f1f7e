package tencent_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nod/shared/domain"
	"nod/shared/face/tencent"
	"nod/tests/permits"
)

func TestTheScoreIsJudgedByTheSetting(t *testing.T) {
	for _, c := range []struct {
		score   float64
		setting domain.FalseAccept
		want    domain.Result
	}{
		{39.99, domain.OneIn1000, domain.Fail}, {40, domain.OneIn1000, domain.Pass},
		{49.99, domain.OneIn10000, domain.Fail}, {50, domain.OneIn10000, domain.Pass},
		{59.99, domain.OneIn100000, domain.Fail}, {60, domain.OneIn100000, domain.Pass},
		{0, domain.OneIn1000, domain.Fail}, {100, domain.OneIn100000, domain.Pass},
	} {
		v := newVendor(t, scored(c.score))
		got := compared(t, apiAt(t, v.URL), permits.Want{FalseAccept: c.setting})
		if got != (domain.Outcome{Result: c.want}) || v.actions() != "CompareFace" {
			t.Errorf("%v at %s: %+v by %s", c.score, c.setting, got, v.actions())
		}
	}
}

func TestTheCallSendsWhatItMustAndNothingElse(t *testing.T) {
	v := newVendor(t, scored(80))
	c := aComparison()
	if got := apiAt(t, v.URL).Compare(t.Context(), permits.For(permits.Want{}), c); got.Result != domain.Pass {
		t.Fatalf("%+v", got)
	}
	sent := v.calls[0]
	want := map[string]any{"ImageA": face, "UrlB": photoURL, "FaceModelVersion": "3.0", "QualityControl": 1.0}
	if len(sent.fields) != len(want) {
		t.Errorf("%d fields", len(sent.fields))
	}
	for k, w := range want {
		if sent.fields[k] != w {
			t.Errorf("%s is not what it must be", k)
		}
	}
	if string(c.Capture.Base64()) != face {
		t.Error("the capture was changed")
	}
	h := sent.header
	if !strings.HasPrefix(h.Get("Authorization"), "TC3-HMAC-SHA256 Credential=AKIDtest/") || h.Get("X-TC-Version") != "2020-03-03" ||
		h.Get("X-TC-Region") != "ap-guangzhou" || h.Get("X-TC-Token") != "temporary" {
		t.Errorf("%v", h)
	}
	if strings.Contains(sent.body, secretKey) || strings.Contains(strings.Join(flat(h), " "), secretKey) {
		t.Error("the secret key is sent")
	}
}

func flat(h http.Header) (list []string) {
	for k, v := range h {
		list = append(list, append(v, k)...)
	}
	return list
}

// faults are the ways in which a call can go wrong, with what becomes of each.
var faults = []struct {
	name   string
	answer http.HandlerFunc
	want   domain.Reason
	took   bool // the deadline is short
}{
	{"HTTP 500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oops", 500) }, domain.FaceAPIDown, false},
	{"HTTP 500 with a pass in it", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); scored(100)(w, r) }, domain.FaceAPIDown, false},
	{"HTTP 429", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, domain.FaceAPIDown, false},
	{"HTTP 204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, domain.FaceAPIDown, false},
	{"no JSON", says("<html>it works</html>"), domain.FaceAPIGarbled, false},
	{"half of a JSON", says(`{"Response":{"Score":100`), domain.FaceAPIGarbled, false},
	{"nothing", says(""), domain.FaceAPIGarbled, false},
	{"null", says("null"), domain.FaceAPIGarbled, false},
	{"a list", says("[]"), domain.FaceAPIGarbled, false},
	{"an empty object", says("{}"), domain.FaceAPIGarbled, false},
	{"an empty response", says(`{"Response":{}}`), domain.FaceAPIGarbled, false},
	{"a null response", says(`{"Response":null}`), domain.FaceAPIGarbled, false},
	{"no score", says(`{"Response":{"FaceModelVersion":"3.0"}}`), domain.FaceAPIGarbled, false},
	{"a null score", scored("null"), domain.FaceAPIGarbled, false},
	{"a score in quotes", scored(`"100"`), domain.FaceAPIGarbled, false},
	{"a negative score", scored(-1), domain.FaceAPIGarbled, false},
	{"a score over 100", scored(100.5), domain.FaceAPIGarbled, false},
	{"a score too large for a number", scored("1e999"), domain.FaceAPIGarbled, false},
	{"another model", says(`{"Response":{"Score":100,"FaceModelVersion":"2.0"}}`), domain.FaceAPIGarbled, false},
	{"no model", says(`{"Response":{"Score":100}}`), domain.FaceAPIGarbled, false},
	{"an event stream", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/event-stream") }, domain.FaceAPIGarbled, false},
	{"an answer that is huge", huge, domain.FaceAPIGarbled, false},
	{"an answer cut off", cutOff, domain.FaceAPIDown, false},
	{"no answer and a closed connection", hangsUp, domain.FaceAPIDown, false},
	{"no answer until the deadline", blocks, domain.FaceAPISlow, true},
	{"half an answer until the deadline", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"Response":{"Score":100,`)
		_ = http.NewResponseController(w).Flush()
		blocks(w, r)
	}, domain.FaceAPISlow, true},
	{"a code of the old interface", says(`{"code":4100,"message":"x","codeDesc":"AuthFailure"}`), domain.FaceAPIRefused, false},
	{"a code together with a score", says(`{"Response":{"Error":{"Code":"InternalError"},"Score":100,"FaceModelVersion":"3.0"}}`), domain.FaceAPIDown, false},
	{"an unknown code", coded("FailedOperation.BrandNew"), domain.FaceAPIUnknown, false},
}

// unnamed is an outcome without the vendor's word for it.
func unnamed(o domain.Outcome) domain.Outcome {
	o.Upstream = ""
	return o
}

func TestWhateverGoesWrongIsNoVerdictAndTheCallIsMadeOnce(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			v := newVendor(t, f.answer)
			want := permits.Want{}
			if f.took {
				want.Took = short
			}
			got := compared(t, apiAt(t, v.URL), want)
			if unnamed(got) != domain.Inconclusive(f.want) {
				t.Errorf("%+v, want %s", got, f.want)
			}
			if v.actions() != "CompareFace" {
				t.Errorf("calls: %s", v.actions())
			}
		})
	}
}

func TestEveryCodeComesThroughAsItsMeaning(t *testing.T) {
	var code string
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { coded(code)(w, r) })
	a := apiAt(t, v.URL)
	names := tencent.Names()
	for i, name := range names {
		code = strings.Replace(name, ".*", ".SomethingNew", 1)
		if got := compared(t, a, permits.Want{}); got != tencent.Meaning(code) || got.Result != domain.NotPerformed {
			t.Errorf("%s: %+v", code, got)
		}
		if len(v.calls) != i+1 {
			t.Fatalf("%s: %d calls", code, len(v.calls)-i)
		}
	}
	if len(names) < 40 {
		t.Errorf("%d codes", len(names))
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := newVendor(t, scored(100))
	for _, status := range []int{301, 302, 303, 307, 308} {
		v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		got := compared(t, apiAt(t, v.URL), permits.Want{})
		if unnamed(got) != domain.Inconclusive(domain.FaceAPIDown) || v.actions() != "CompareFace" || elsewhere.actions() != "" {
			t.Errorf("%d: %+v, there: %s", status, got, elsewhere.actions())
		}
	}
}

func TestAServerThatCannotProveItsNameGetsNothing(t *testing.T) {
	v := &vendor{}
	v.Server = httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	v.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer v.Close()
	if got := compared(t, apiAt(t, v.URL), permits.Want{}); got != domain.Inconclusive(domain.FaceAPIDown) {
		t.Errorf("%+v", got)
	}
}

// raw is a server that says what it likes, before it has read a call or after it.
func raw(t *testing.T, reads bool, says func(w io.Writer)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil && reads {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		says(conn)
	}()
	return "http://" + listener.Addr().String()
}

func TestWhatAServerMaySayBeforeItsAnswer(t *testing.T) {
	const pass = "HTTP/1.1 200 OK\r\nContent-Length: 59\r\n\r\n" + `{"Response":{"Score":90,"FaceModelVersion":"3.0","R":"id"}}`
	for name, tt := range map[string]struct {
		reads bool
		says  func(w io.Writer)
		want  domain.Outcome
	}{
		"announcements": {true, func(w io.Writer) {
			_, _ = io.WriteString(w, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"+pass)
		}, domain.Outcome{Result: domain.Pass}},
		"a head without an end": {true, func(w io.Writer) {
			for {
				if _, err := io.WriteString(w, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 100)); err != nil {
					return
				}
			}
		}, domain.Inconclusive(domain.FaceAPIDown)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := compared(t, apiAt(t, raw(t, tt.reads, tt.says)), permits.Want{}); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	v := newVendor(t, scored(100))
	a := apiAt(t, v.URL)
	v.Close()
	if got := compared(t, a, permits.Want{}); unnamed(got) != domain.Inconclusive(domain.FaceAPIDown) {
		t.Errorf("%+v", got)
	}
}

func TestACallerThatLeavesEndsTheCall(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { leave(); blocks(w, r) })
	got := apiAt(t, v.URL).Compare(ctx, permits.For(permits.Want{}), aComparison())
	if unnamed(got) != domain.Inconclusive(domain.FaceAPIDown) || v.actions() != "CompareFace" {
		t.Errorf("%+v", got)
	}
}

func TestNoPermitNoCall(t *testing.T) {
	v := newVendor(t, scored(100))
	a := apiAt(t, v.URL)
	used := permits.For(permits.Want{})
	if got := a.Compare(t.Context(), used, aComparison()); got.Result != domain.Pass {
		t.Fatalf("%+v", got)
	}
	for name, p := range map[string]*domain.Permit{"used": used, "none": nil, "not made by the gate": {}} {
		if got := a.Compare(t.Context(), p, aComparison()); got != domain.Inconclusive(domain.PermitForbidden) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if v.actions() != "CompareFace" {
		t.Errorf("calls: %s", v.actions())
	}
}

func TestAPermitIsGoodForOneOfManyAtOnce(t *testing.T) {
	v := newVendor(t, scored(100))
	a, p := apiAt(t, v.URL), permits.For(permits.Want{})
	var wg sync.WaitGroup
	results := make(chan domain.Outcome, 20)
	for range 20 {
		wg.Go(func() { results <- a.Compare(t.Context(), p, aComparison()) })
	}
	wg.Wait()
	close(results)
	passes := 0
	for o := range results {
		if o.Result == domain.Pass {
			passes++
		} else if o.Reason != domain.PermitForbidden {
			t.Errorf("%+v", o)
		}
	}
	if passes != 1 || v.actions() != "CompareFace" {
		t.Errorf("%d passes, calls: %s", passes, v.actions())
	}
}

func TestLivenessComesFirstWhereTheNoticeSaysSo(t *testing.T) {
	const live, compare = "DetectLiveFaceAccurate", "DetectLiveFaceAccurate CompareFace"
	for _, c := range []struct {
		name          string
		live, compare http.HandlerFunc
		want          domain.Outcome
		calls         string
	}{
		{"alive and the same", scored(40), scored(50), domain.Outcome{Result: domain.Pass, Liveness: true}, compare},
		{"alive and another", scored(100), scored(49), domain.Outcome{Result: domain.Fail, Liveness: true}, compare},
		{"alive, and the comparison fails", scored(90), coded("InternalError"), domain.Inconclusive(domain.FaceAPIDown), compare},
		{"not alive", scored(39.99), scored(100), domain.Inconclusive(domain.NotLive), live},
		{"not alive at all", scored(0), scored(100), domain.Inconclusive(domain.NotLive), live},
		{"no face", coded("InvalidParameterValue.NoFaceInPhoto"), scored(100), domain.Inconclusive(domain.NoFace), live},
		{"an unknown code", coded("X"), scored(100), domain.Inconclusive(domain.FaceAPIUnknown), live},
		{"no score", says(`{"Response":{"FaceModelVersion":"3.0"}}`), scored(100), domain.Inconclusive(domain.FaceAPIGarbled), live},
		{"a score out of range", scored(101), scored(100), domain.Inconclusive(domain.FaceAPIGarbled), live},
		{"another model", says(`{"Response":{"Score":100,"FaceModelVersion":"2.0"}}`), scored(100), domain.Inconclusive(domain.FaceAPIGarbled), live},
		{"no JSON", says("?"), scored(100), domain.Inconclusive(domain.FaceAPIGarbled), live},
		{"cut off", cutOff, scored(100), domain.Inconclusive(domain.FaceAPIDown), live},
	} {
		v := newVendor(t, byAction(c.live, c.compare))
		got := compared(t, apiAt(t, v.URL), permits.Want{Liveness: true})
		if unnamed(got) != c.want || v.actions() != c.calls {
			t.Errorf("%s: %+v by %s", c.name, got, v.actions())
		}
		if f := v.calls[0].fields; len(f) != 2 || f["Image"] != face || f["FaceModelVersion"] != "3.0" {
			t.Errorf("%s: %d fields", c.name, len(f))
		}
	}
}

func TestBothCallsShareOneDeadline(t *testing.T) {
	v := newVendor(t, byAction(scored(90), blocks))
	got := compared(t, apiAt(t, v.URL), permits.Want{Liveness: true, Took: short})
	if got != domain.Inconclusive(domain.FaceAPISlow) || v.actions() != "DetectLiveFaceAccurate CompareFace" {
		t.Errorf("%+v by %s", got, v.actions())
	}
}

// Whatever happens, not a word is written: it could hold the face.
func TestNothingIsPrinted(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, logged := os.Stdout, os.Stderr, log.Writer()
	os.Stdout, os.Stderr = f, f
	log.SetOutput(f)
	t.Setenv("TENCENTCLOUD_DEBUG", "true")
	func() {
		defer func() {
			os.Stdout, os.Stderr = stdout, stderr
			log.SetOutput(logged)
		}()
		for _, c := range faults {
			v := newVendor(t, c.answer)
			v.Config.ErrorLog = log.New(io.Discard, "", 0)
			_ = compared(t, apiAt(t, v.URL), permits.Want{Took: short})
		}
		v := newVendor(t, scored(100))
		a := apiAt(t, v.URL)
		_ = compared(t, a, permits.Want{})
		v.Close()
		_ = compared(t, a, permits.Want{})
		_ = a.Compare(t.Context(), nil, aComparison())
	}()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(f.Name())
	if err != nil || len(raw) != 0 {
		t.Errorf("%v, written: %.300s", err, raw)
	}
}

func TestAnEndpointThatIsNoneIsRefused(t *testing.T) {
	for _, endpoint := range []string{"", "iai.tencentcloudapi.com", "https://", "://x", "%"} {
		if _, err := tencent.New(tencent.Config{Endpoint: endpoint, SecretID: "AKID", SecretKey: secretKey}); err == nil || strings.Contains(err.Error(), secretKey) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
