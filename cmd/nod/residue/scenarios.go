package residue

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// scenario is one way that a call may go.
type scenario struct {
	name     string
	liveness bool // the notice asks for it, so that the image is sent twice
	vendor   behaviour
	body     func(attempt string, m image) string // of the request; a sound one if nil
	base64   bool                                 // the gateway sends it in base64
	token    string                               // other than the person's
	within   time.Duration                        // that the platform gives the call; the usual if zero
	status   int
	says     string                            // a part of the answer
	arrives  int                               // how often the vendor gets the whole image
	only     string                            // the cloud that this can happen on
	leaves   func(f onSCF, event []byte) error // calls, and goes away
}

const usual = 30 * time.Second

// scenarios are all the ways that a call is tried in.
var scenarios = []scenario{
	{name: "pass", vendor: scores(90), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "fail", vendor: scores(5), status: 200, says: `{"result":"fail"}`, arrives: 1},
	{name: "pass, the body in base64", vendor: scores(90), base64: true, status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "pass, slashes escaped", vendor: scores(90), body: escaped, status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "liveness, then pass", vendor: scores(90), liveness: true, status: 200, says: `{"result":"pass"}`, arrives: 2},
	{name: "liveness refused", vendor: scores(5), liveness: true, status: 422, says: "not-live", arrives: 1},
	{name: "no face in the image", vendor: fails("InvalidParameterValue.NoFaceInPhoto"), status: 422, says: "no-face", arrives: 1},
	{name: "face API busy", vendor: fails("RequestLimitExceeded"), status: 429, says: "face-api-busy", arrives: 1},
	{name: "face API down: no connection", vendor: hangsUp, status: 503, says: "face-api-down"},
	{name: "face API down: HTTP 502", vendor: answers(http.StatusBadGateway, "<html>no</html>"), status: 503, says: "face-api-down", arrives: 1},
	{name: "face API answers before the image has come", vendor: early, status: 503, says: "face-api-down"},
	{name: "cut off in the middle of the image", vendor: cuts, status: 503, says: "face-api-down"},
	{name: "stuck in the middle of the image", vendor: stalls, status: 504, says: "face-api-slow"},
	{name: "no answer in time", vendor: silent, status: 504, says: "face-api-slow", arrives: 1},
	{name: "no answer before the platform's deadline", vendor: silent, within: 1500 * time.Millisecond, status: 504, says: "face-api-slow", arrives: 1},
	{name: "garbage instead of HTTP", vendor: babbles, status: 503, says: "face-api-down", arrives: 1},
	{name: "garbage instead of JSON", vendor: answers(http.StatusOK, "{half of"), status: 502, says: "face-api-garbled", arrives: 1},
	{name: "image refused: no picture", vendor: hangsUp, body: noPicture, status: 422, says: "image-unreadable"},
	{name: "image refused: too many pixels", vendor: hangsUp, body: tooWide, status: 422, says: "image-dimensions"},
	{name: "request refused: field unknown", vendor: hangsUp, body: unknownField, status: 422, says: "unknown-field"},
	{name: "request refused: broken off behind the image", vendor: hangsUp, body: brokenOff, status: 400, says: "malformed-json"},
	{name: "client gone in the middle of the event", only: "Tencent SCF", vendor: hangsUp, leaves: leavesMidway},
	{name: "client gone before the answer", only: "Tencent SCF", vendor: scores(90), leaves: leavesAtOnce, arrives: 1},
	{name: "request refused: a stranger", vendor: hangsUp, token: "lt_unknown", status: 401, says: "unauthenticated"},
}

// The bodies.

func sound(attempt string, m image) string {
	return fmt.Sprintf(`{"attempt_id":%q,"capture":"stream","image":"%s"}`, attempt, m.text)
}

func escaped(attempt string, m image) string {
	return strings.ReplaceAll(sound(attempt, m), "/", `\/`)
}

func noPicture(attempt string, m image) string {
	return fmt.Sprintf(`{"attempt_id":%q,"image":"%s"}`, attempt, m.text[4000:])
}

// tooWide is the image with another head, of 8832 x 480 pixels.
func tooWide(attempt string, m image) string {
	const head = "\xFF\xD8\xFF\xC0\x00\x11\x08\x01\xE0\x22\x80\x03"
	text := base64.StdEncoding.EncodeToString([]byte(head))
	return fmt.Sprintf(`{"attempt_id":%q,"image":"%s%s"}`, attempt, text, m.text[len(text):])
}

func unknownField(attempt string, m image) string {
	return strings.Replace(sound(attempt, m), `"capture"`, `"camera"`, 1)
}

func brokenOff(attempt string, m image) string { return strings.TrimSuffix(sound(attempt, m), "}") }

// event is the case's request as a cloud hands it over.
func (k scenario) event(on cloud, token, attempt string, m image) []byte {
	body := sound
	if k.body != nil {
		body = k.body
	}
	if k.token != "" {
		token = k.token
	}
	c := call{token: token, body: body(attempt, m), base64: k.base64}
	if k.base64 {
		c.body = base64.StdEncoding.EncodeToString([]byte(c.body))
	}
	return on.event(c)
}
