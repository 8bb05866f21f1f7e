package tencent

import (
	"bufio"
	"errors"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"

	"nod/shared/runtime/notrace"
)

// answer is what is read of the API's answers. Their texts for people are not, nor the
// names, numbers, addresses and pictures that some of them have.
type answer struct {
	Response *struct {
		Error *struct{ Code string }

		Score            *float64 // CompareFace, DetectLiveFaceAccurate
		FaceModelVersion string

		Result string   // IdCardVerification, ImageRecognitionV2
		Sim    *float64 // ImageRecognitionV2

		BizToken string // DetectAuth
		URL      string `json:"Url"`

		Text *visited // GetDetectInfoEnhanced
	}
	OldCode string `json:"codeDesc"` // of the interface before this one, which still answers in places
}

// visited is what is read of a visit to the vendor's page; ErrCode is nil until the
// person is done there.
type visited struct {
	ErrCode       *int64
	LiveStatus    *int64
	CompareStatus *int64 `json:"Comparestatus"`
}

// code is the vendor's code of what went wrong, or empty.
func (a answer) code() string {
	if a.Response != nil && a.Response.Error != nil {
		return a.Response.Error.Code
	}
	return a.OldCode
}

// score is what the call was made for.
func (a answer) score() (float64, bool) {
	x := a.Response
	if x == nil || x.Score == nil || x.FaceModelVersion != modelVersion {
		return 0, false
	}
	return *x.Score, *x.Score >= 0 && *x.Score <= 100
}

var (
	errNoAnswer = errors.New("tencent: no answer of the API")
	errGarbled  = errors.New("tencent: an answer that is none of the API's")
)

// final skips what only announces an answer (status 1xx, RFC 9110 section 15.2).
func final(from *bufio.Reader) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(from, nil)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// maxHead is what is read of an answer's head, and of those that announce it.
const maxHead = 64 << 10

// maxAnswer is what is read of an answer. Most have a few hundred bytes; that of a visit
// describes each of the person's tries.
const maxAnswer = 64 << 10

// readAnswer reads an answer of status 200 (errors of the vendor have it too), and leaves
// nothing of it but what is in an answer. Redirects are not followed: they would send the
// face to whatever address they name.
func readAnswer(conn io.Reader) (a answer, err error) {
	from := bufio.NewReader(io.LimitReader(conn, maxHead+maxAnswer))
	defer notrace.WipeReader(from)
	resp, err := final(from)
	if err != nil {
		return a, errNoAnswer // and not its text, which quotes what came
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return a, errNoAnswer
	}
	text := make([]byte, maxAnswer)
	defer clear(text)
	n, err := notrace.Fill(text, resp.Body)
	if err != nil && !errors.Is(err, notrace.ErrTooMuch) {
		return a, errNoAnswer
	}
	if err != nil || json.Unmarshal(text[:n], &a) != nil {
		return answer{}, errGarbled
	}
	return a, nil
}
