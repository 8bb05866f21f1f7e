package tencent

import (
	"bufio"
	"errors"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
)

// answer is what is read of the API's answers; their texts for people are not.
type answer struct {
	Response *struct {
		Score            *float64
		FaceModelVersion string
		Error            *struct{ Code string }
	}
	OldCode string `json:"codeDesc"` // of the interface before this one, which still answers in places
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

// maxAnswer is what is read of an answer; a real one has a few hundred bytes.
const maxAnswer = 16 << 10

// readAnswer reads an answer of status 200 (errors of the vendor have it too).
// Redirects are not followed: they would send the face to whatever address they name.
func readAnswer(conn io.Reader) (a answer, err error) {
	resp, err := final(bufio.NewReader(io.LimitReader(conn, maxHead+maxAnswer)))
	if err != nil {
		return a, errNoAnswer // and not its text, which quotes what came
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return a, errNoAnswer
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return a, errNoAnswer
	}
	if json.Unmarshal(text, &a) != nil {
		return answer{}, errGarbled
	}
	return a, nil
}
