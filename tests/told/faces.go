package told

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Call is one that the face API got.
type Call struct {
	Check string // session and attempt, by the picture that was sent
	Said  string // what it answered: pass, fail, or the vendor's word for why not
	At    time.Time
}

// Faces stands in for the vendor's face API. It tells by the picture which check a call is
// for, and notes it before it answers.
type Faces struct {
	*httptest.Server
	// Takes is how long an answer takes at most; some take hardly any time.
	Takes time.Duration
	// Fault is how it fails; nil while it does not. It is asked for each call.
	fault atomic.Pointer[func(http.ResponseWriter)]

	mu     sync.Mutex
	checks map[[32]byte]string
	calls  []Call
	random *rand.Rand
}

// NewFaces starts one.
func NewFaces(t testing.TB, seed uint64) *Faces {
	f := &Faces{Takes: 60 * time.Millisecond, checks: map[[32]byte]string{}, random: rand.New(rand.NewPCG(seed, 1))}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

// Fails has every call fail in a way, until it is nil.
func (f *Faces) Fails(how func(http.ResponseWriter)) {
	if how == nil {
		f.fault.Store(nil)
		return
	}
	f.fault.Store(&how)
}

// Calls are those that it got.
func (f *Faces) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Picture makes one like no other, as base64, and remembers whose check it is for.
func (f *Faces) Picture(check string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	grey := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range 64 {
		grey.SetGray(i, i, color.Gray{Y: uint8(f.random.IntN(256))})
		grey.SetGray(i, 63-i, color.Gray{Y: uint8(f.random.IntN(256))})
	}
	var b strings.Builder
	encoded := newBase64(&b)
	if err := jpeg.Encode(encoded, grey, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	_ = encoded.Close()
	f.checks[sha256.Sum256([]byte(b.String()))] = check
	return b.String()
}

// answers are what the vendor says, and how often in a hundred.
var answers = []struct {
	often       int
	said, reply string
}{
	{60, "pass", `{"Score":100,"FaceModelVersion":"3.0","RequestId":"r"}`},
	{25, "fail", `{"Score":1,"FaceModelVersion":"3.0","RequestId":"r"}`},
	{10, "no-face", `{"Error":{"Code":"InvalidParameterValue.NoFaceInPhoto","Message":"x"},"RequestId":"r"}`},
	{5, "busy", `{"Error":{"Code":"RequestLimitExceeded","Message":"x"},"RequestId":"r"}`},
}

func (f *Faces) serve(w http.ResponseWriter, r *http.Request) {
	var sent struct{ ImageA string }
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		return // the caller died while it sent
	}
	f.mu.Lock()
	dice, wait := f.random.IntN(100), time.Duration(f.random.Int64N(int64(f.Takes)+1))
	chosen := answers[len(answers)-1]
	for _, a := range answers {
		if dice -= a.often; dice < 0 {
			chosen = a
			break
		}
	}
	fault := f.fault.Load()
	call := Call{Check: f.checks[sha256.Sum256([]byte(sent.ImageA))], Said: chosen.said, At: time.Now()}
	if fault != nil {
		call.Said = "fault"
	}
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if fault != nil {
		(*fault)(w)
		return
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"Response":%s}`, chosen.reply)
}
