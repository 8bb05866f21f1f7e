package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// vendor is a face API that does what it is told, by the address of the photo that
// it is to compare with; it answers pass where it was told nothing.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	told   map[string]http.HandlerFunc
	calls  map[string]int
	bodies map[string]vendorCall // the last call
}

// vendorCall is what Nod sends.
type vendorCall struct {
	Action           string
	ImageA, Image    string
	UrlB             string
	FaceModelVersion string
	QualityControl   int

	IdCard, Name, ImageBase64         string
	RuleId, RedirectUrl               string
	BizToken, InfoType                string
	BestFramesCount, IsReturnAllVideo any
}

// about is what the vendor is told its answers by: the photo's address, the ID number,
// the visit.
func (c vendorCall) about() string {
	switch {
	case c.Action == "DetectLiveFaceAccurate":
		return liveness
	case c.IdCard != "":
		return c.IdCard
	}
	return cmp.Or(c.BizToken, c.UrlB, c.Action)
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{told: map[string]http.HandlerFunc{}, calls: map[string]int{}, bodies: map[string]vendorCall{}}
	v.Server = httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(v.Close)
	return v
}

// liveness is the vendor's answer to every question for liveness: there, no photo
// is named, so that it is told under this word.
const liveness = "liveness"

func (v *vendor) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := vendorCall{Action: r.Header.Get("X-TC-Action")}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	subject := call.about()
	v.mu.Lock()
	v.calls[subject]++
	v.bodies[subject] = call
	answer := v.told[subject]
	v.mu.Unlock()
	if answer == nil {
		answer = usual(call)
	}
	answer(w, r)
}

// usual is what the vendor answers for somebody who is whom they say.
func usual(call vendorCall) http.HandlerFunc {
	switch call.Action {
	case "IdCardVerification":
		return says(`{"Result":"0","Description":"x","RequestId":"r"}`)
	case "ImageRecognitionV2":
		return similar(100)
	case "DetectAuth":
		return says(`{"BizToken":"visit-of-` + call.IdCard + `","Url":"https://vendor.example.com/visit?token=x","RequestId":"r"}`)
	case "GetDetectInfoEnhanced":
		return visited(0)
	}
	return score(100)
}

func similar(sim float64) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Sim":%v,"Result":"Success","Description":"x","RequestId":"r"}`, sim))
}

func resulted(code string) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Result":%q,"Description":"%s","RequestId":"r"}`, code, vendorsWords))
}

// visited is what came of a visit to the vendor's page, with all that the vendor tells of
// the person.
func visited(code int) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Text":{"ErrCode":%d,"ErrMsg":"%s","IdCard":"119999199001010039","Name":"%[2]s","OcrAddress":"%[2]s","Mobile":"13800000000",
		"LiveStatus":%[1]d,"Comparestatus":%[1]d,"Sim":"97.31"},"RequestId":"r"}`, code, vendorsWords))
}

// tell says how the next comparisons with a photo are answered.
func (v *vendor) tell(photo string, answer http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.told[photo] = answer
}

func (v *vendor) callsFor(photo string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls[photo]
}

func (v *vendor) last(photo string) vendorCall {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.bodies[photo]
}

// says answers with a body of the vendor's.
func says(response string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"Response":%s}`, response)
	}
}

func score(s float64) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Score":%v,"FaceModelVersion":"3.0","RequestId":"r"}`, s))
}

// errorCode is how the vendor says no: status 200 with an error in it.
func errorCode(name string) http.HandlerFunc {
	return says(fmt.Sprintf(`{"Error":{"Code":%q,"Message":"%s"},"RequestId":"r"}`, name, vendorsWords))
}

// vendorsWords stand in the vendor's error texts, which must not come out of Nod.
const vendorsWords = "the vendor's own words"

// garbage answers what is no answer of the vendor's.
func garbage(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, "<html>"+vendorsWords+"</html>")
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// slow answers only when the caller has given up.
func slow(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// gate answers pass, but only when it is opened; arrived tells that a call waits.
type gate struct{ arrived, opened chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 8), make(chan struct{})} }

func (g gate) answer(w http.ResponseWriter, r *http.Request) {
	g.arrived <- struct{}{}
	select {
	case <-g.opened:
		score(100)(w, r)
	case <-r.Context().Done():
	}
}
