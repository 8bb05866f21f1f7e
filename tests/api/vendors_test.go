package api

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// TestWhatTheFaceAPIMayDo: whatever it is, it is neither a pass nor a fail, no
// attempt is used, the log says why, and the next picture is checked.
func TestWhatTheFaceAPIMayDo(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{nobodyWaits: true}).house(t)
	for name, tt := range map[string]struct {
		does   http.HandlerFunc
		status int
		slug   string
		retry  int
	}{
		"sees no face":               {errorCode("InvalidParameterValue.NoFaceInPhoto"), 422, "no-face", 0},
		"cannot find the face":       {errorCode("FailedOperation.ImageFacedetectFailed"), 422, "no-face", 0},
		"finds the face small":       {errorCode("FailedOperation.FaceSizeTooSmall"), 422, "face-too-small", 0},
		"finds the picture poor":     {errorCode("FailedOperation.FaceQualityNotQualified"), 422, "face-unclear", 0},
		"rejects the image":          {errorCode("FailedOperation.ImageDecodeFailed"), 422, "image-rejected", 0},
		"cannot fetch the photo":     {errorCode("FailedOperation.ImageDownloadError"), 422, "reference-unusable", 0},
		"has too much to do":         {errorCode("RequestLimitExceeded"), 429, "face-api-busy", 1},
		"has too much of us":         {errorCode("RequestLimitExceeded.UinLimitExceeded"), 429, "face-api-busy", 1},
		"took too long itself":       {errorCode("FailedOperation.RequestTimeout"), 504, "face-api-slow", 5},
		"hangs up":                   {hangUp, 503, "face-api-down", 15},
		"fails inside":               {errorCode("InternalError"), 503, "face-api-down", 15},
		"answers 500":                {status(500), 503, "face-api-down", 15},
		"answers 429":                {status(429), 503, "face-api-down", 15},
		"sends elsewhere":            {elsewhere, 503, "face-api-down", 15},
		"answers with a page":        {garbage, 502, "face-api-garbled", 5},
		"answers nothing":            {func(http.ResponseWriter, *http.Request) {}, 502, "face-api-garbled", 5},
		"answers without a score":    {says(`{"FaceModelVersion":"3.0","RequestId":"r"}`), 502, "face-api-garbled", 5},
		"answers a score of words":   {says(`{"Score":"high","FaceModelVersion":"3.0"}`), 502, "face-api-garbled", 5},
		"answers a score of 100.1":   {score(100.1), 502, "face-api-garbled", 5},
		"answers a score below zero": {score(-1), 502, "face-api-garbled", 5},
		"answers of another model":   {says(`{"Score":99,"FaceModelVersion":"2.0"}`), 502, "face-api-garbled", 5},
		"answers of no model":        {says(`{"Score":99}`), 502, "face-api-garbled", 5},
		"answers a code of its own":  {errorCode("FailedOperation.MoonInTheWay"), 502, "face-api-unknown-code", 5},
		"answers a code and a score": {says(`{"Score":99,"FaceModelVersion":"3.0","Error":{"Code":"X.Y","Message":"x"}}`), 502, "face-api-unknown-code", 5},
		"does not know us":           {errorCode("AuthFailure.SecretIdNotFound"), 503, "face-api-refused", 0},
		"wants money":                {errorCode("ResourceUnavailable.InArrears"), 503, "face-api-refused", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := h.agreed()
			p.vendor.tell(p.photo, tt.does)
			r := p.verify("a1")
			r.notCounted(tt.status, tt.slug)
			want := ""
			if tt.retry > 0 {
				want = strconv.Itoa(tt.retry)
			}
			if got := r.header.Get("Retry-After"); got != want {
				t.Errorf("Retry-After is %q, want %q", got, want)
			}
			p.stillGoes(tt.slug)
			p.vendor.tell(p.photo, score(100))
			p.verify("a1").notCounted(tt.status, tt.slug) // the same attempt is not sent twice
			p.asked(1)
			p.verify("a2").verdict("pass")
		})
	}
}

// stillGoes checks that a check without outcome used nothing but an upload.
func (p *person) stillGoes(reason string) {
	p.t.Helper()
	p.is("consented")
	uploads := 9
	if reason == "face-api-busy" {
		uploads = 10 // waiting for a turn costs none
	}
	p.left(3, uploads)
	v := p.look()
	if v["last_result"] != "not_performed" || v["not_performed_reason"] != reason {
		p.t.Errorf("the page is shown %v, %v", v["last_result"], v["not_performed_reason"])
	}
	for _, r := range p.recordsOf("check.not_performed") {
		if r["session"] == p.session {
			if r["reason"] != reason {
				p.t.Errorf("the Record says %v", r["reason"])
			}
			return
		}
	}
	p.t.Error("the log does not say that a check was not performed")
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, vendorsWords, code) }
}

// elsewhere sends the caller, and with it the face, to another address.
func elsewhere(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "http://127.0.0.1:1/")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func TestAFaceAPIThatIsSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{faceTimeout: 300 * time.Millisecond})
	h := w.house(t)
	p := h.agreed()
	p.vendor.tell(p.photo, slow)
	p.verify("a1").notCounted(504, "face-api-slow")
	p.stillGoes("face-api-slow")
}

func TestAFaceAPIThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).agreed()
	w.vendor.Close()
	p.verify("a1").notCounted(503, "face-api-down")
	p.stillGoes("face-api-down")
}

// Where the notice says that liveness is checked, it is, and first.
func TestLiveness(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{nobodyWaits: true})
	h := w.house(t)
	h.publish(func(_, facts object) { facts["liveness"] = true })
	p := h.agreed()
	for _, tt := range []struct {
		attempt string
		says    http.HandlerFunc
		status  int
		slug    string
	}{
		{"a1", score(39), 422, "not-live"}, {"a2", score(120), 502, "face-api-garbled"},
		{"a3", errorCode("FailedOperation.FaceQualityNotQualified"), 422, "face-unclear"},
		{"a4", errorCode("RequestLimitExceeded"), 429, "face-api-busy"}, {"a5", hangUp, 503, "face-api-down"},
	} {
		w.vendor.tell(liveness, tt.says)
		p.verify(tt.attempt).notCounted(tt.status, tt.slug)
	}
	p.asked(0) // no comparison without it
	w.vendor.tell(liveness, score(40))
	p.verify("a9").verdict("pass")
	p.asked(1)
	if sent := w.vendor.last(liveness); sent.Image != smallPicture() || sent.FaceModelVersion != "3.0" {
		t.Errorf("the face API was sent %.80v", sent)
	}
	if passed := h.recordsOf("check.passed"); passed[0]["liveness"] != true {
		t.Errorf("the Record says liveness %v", passed[0]["liveness"])
	}
}
