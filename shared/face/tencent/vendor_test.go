package tencent_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/face/tencent"
	"nod/tests/permits"
)

// vendor plays the vendor's API. answer says what it does with each call.
type vendor struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

type call struct {
	action string
	header http.Header
	body   string
	fields map[string]any
}

func newVendor(t *testing.T, answer http.HandlerFunc) *vendor {
	t.Helper()
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		c := call{action: r.Header.Get("X-TC-Action"), header: r.Header, body: string(raw)}
		if err != nil || json.Unmarshal(raw, &c.fields) != nil {
			c.action = "unreadable"
		}
		v.mu.Lock()
		v.calls = append(v.calls, c)
		v.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

// actions lists what was called, in order.
func (v *vendor) actions() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var list []string
	for _, c := range v.calls {
		list = append(list, c.action)
	}
	return strings.Join(list, " ")
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

func scored(score any) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Response":{"Score":%v,"FaceModelVersion":"3.0","RequestId":"r"}}`, score))
}

func coded(code string) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"the image is %s"},"RequestId":"r"}}`, code, "leaked"))
}

// byAction answers the two calls differently.
func byAction(live, compare http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-TC-Action") == "DetectLiveFaceAccurate" {
			live(w, r)
		} else {
			compare(w, r)
		}
	}
}

const secretKey = "verysecretkeyofthevendor"

func apiAt(t *testing.T, endpoint string) *tencent.API {
	t.Helper()
	a, err := tencent.New(tencent.Config{
		Endpoint: endpoint, FaceIDEndpoint: endpoint, Rule: "rule-1", Region: "ap-guangzhou", SecretID: "AKIDtest", SecretKey: secretKey, Token: "temporary",
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var face = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a face, with /+= in its base64: \xff\xfb\xfe", 50)))

const photoURL = "https://lms.example.com/photos/1029.png?a=1&b=<2>"

func aComparison() domain.Comparison {
	return domain.Comparison{
		Capture: domain.NewCapture([]byte(face), domain.FromStream), Reference: domain.Reference{PhotoURL: photoURL},
	}
}

// compared makes one call, with a permit of its own.
func compared(t *testing.T, a *tencent.API, w permits.Want) domain.Outcome {
	t.Helper()
	return a.Compare(t.Context(), permits.For(w), aComparison())
}

// blocks answers nothing until the caller has gone.
func blocks(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// cutOff sends a part of an answer and closes the connection.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"Response":{"Score":100,`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// hangsUp closes the connection without an answer.
func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// huge goes on for as long as it is read, and would be a pass.
func huge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"Response":{"RequestId":"`)
	padding := strings.Repeat("x", 64<<10)
	for range 1000 {
		if _, err := io.WriteString(w, padding); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `","Score":100,"FaceModelVersion":"3.0"}}`)
}

const short = 50 * time.Millisecond
