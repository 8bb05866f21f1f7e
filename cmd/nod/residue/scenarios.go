package residue

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nod/shared/domain"
)

// scenario is one way that a call may go.
type scenario struct {
	name     string
	route    domain.Route // photo if empty
	given    bool         // the platform has given name and number
	back     bool         // the person comes back from the vendor's page
	liveness bool         // the notice asks for it, so that the image is sent twice
	vendor   behaviour
	body     func(sent) string // of the request; a sound one if nil
	base64   bool              // the gateway sends it in base64
	token    string            // other than the person's
	within   time.Duration     // that the platform gives the call; the usual if zero
	status   int
	says     string                            // a part of the answer
	arrives  int                               // how often the vendor gets all of it
	only     string                            // the cloud that this can happen on
	leaves   func(f onSCF, event []byte) error // calls, and goes away
}

// sent is what a page has to send.
type sent struct {
	attempt string
	image   image
	who     identity
}

const usual = 30 * time.Second

// scenarios are all the ways that a call is tried in.
var scenarios = append(withPhoto, realName...)

// withPhoto are those of a photo that is compared with another.
var withPhoto = []scenario{
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

// realName are the ways of a call that names somebody.
var realName = []scenario{
	{name: "name and number: match", route: domain.TwoFactor, vendor: results("0"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "name and number: no match", route: domain.TwoFactor, vendor: results("-1"), status: 200, says: `{"result":"fail"}`, arrives: 1},
	{name: "name and number of the platform's", route: domain.TwoFactor, given: true, vendor: results("0"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "name and number: escaped", route: domain.TwoFactor, body: namedEscaped, vendor: results("0"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "name and number: the body in base64", route: domain.TwoFactor, base64: true, vendor: results("0"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "name and number: the authority cannot answer", route: domain.TwoFactor, vendor: results("-5"), status: 422, says: "authority-cannot-answer", arrives: 1},
	{name: "name and number: face API down", route: domain.TwoFactor, vendor: hangsUp, status: 503, says: "face-api-down"},
	{name: "name and number: no answer in time", route: domain.TwoFactor, vendor: silent, status: 504, says: "face-api-slow", arrives: 1},
	{name: "name and number: garbage", route: domain.TwoFactor, vendor: babbles, status: 503, says: "face-api-down", arrives: 1},
	{name: "number refused: check digit", route: domain.TwoFactor, body: namedWrong, vendor: hangsUp, status: 422, says: "id-number-invalid"},
	{name: "name refused: field unknown", route: domain.TwoFactor, body: namedUnknown, vendor: hangsUp, status: 422, says: "unknown-field"},
	{name: "name refused: broken off", route: domain.TwoFactor, body: namedBrokenOff, vendor: hangsUp, status: 400, says: "malformed-json"},
	{name: "name refused: a face is wanted", body: namedWithFace, vendor: hangsUp, status: 422, says: "not_allowed"},
	{name: "name refused: a stranger", route: domain.TwoFactor, token: "lt_unknown", vendor: hangsUp, status: 401, says: "unauthenticated"},
	{name: "authority: pass", route: domain.Authority, vendor: results("Success"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "authority: name and number of the platform's", route: domain.Authority, given: true, vendor: results("Success"), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "authority: no match", route: domain.Authority, vendor: results("CompareLowSimilarity"), status: 200, says: `{"result":"fail"}`, arrives: 1},
	{name: "authority: no photo", route: domain.Authority, vendor: results("IdPhotoNoExist"), status: 422, says: "authority-cannot-answer", arrives: 1},
	{name: "authority: cut off in the middle of the image", route: domain.Authority, vendor: cuts, status: 503, says: "face-api-down"},
	{name: "authority: image refused", route: domain.Authority, body: namedNoPicture, vendor: hangsUp, status: 422, says: "image-unreadable"},
	{name: "vendor's page: leaving", route: domain.Hosted, given: true, vendor: opensVisit, status: 200, says: `"url"`, arrives: 1},
	{name: "vendor's page: face API down", route: domain.Hosted, given: true, vendor: hangsUp, status: 503, says: "face-api-down"},
	{name: "vendor's page: pass", route: domain.Hosted, given: true, back: true, vendor: tells(visit("0")), status: 200, says: `{"result":"pass"}`, arrives: 1},
	{name: "vendor's page: no match", route: domain.Hosted, given: true, back: true, vendor: tells(visit("2016")), status: 200, says: `{"result":"fail"}`, arrives: 1},
	{name: "vendor's page: not finished", route: domain.Hosted, given: true, back: true, vendor: tells(visit("null")), status: 409, says: "hosted-not-finished", arrives: 1},
	{name: "vendor's page: garbage about the person", route: domain.Hosted, given: true, back: true, vendor: tells(visit("0")[:150]), status: 502, says: "face-api-garbled", arrives: 1},
	{name: "client gone before the answer about a name", route: domain.TwoFactor, only: "Tencent SCF", vendor: results("0"), leaves: leavesAtOnce, arrives: 1},
}

// visit is what the vendor tells of one.
func visit(code string) string {
	status := "0"
	if code != "0" {
		status = "1"
	}
	return `{"Response":{"Text":{"Name":"%s","IdCard":"%d","OcrName":"%s","OcrIdCard":"%d","OcrAddress":"%s","ErrCode":` + code +
		`,"ErrMsg":"%s","LiveStatus":` + status + `,"Comparestatus":` + status + `,"Sim":"97.31"},"RequestId":"r"}}`
}

// The bodies.

// sound is what the route takes, and nothing else.
func (k scenario) sound(s sent) string {
	switch {
	case k.route == domain.Hosted:
		return "{}"
	case k.route == domain.TwoFactor && k.given:
		return fmt.Sprintf(`{"attempt_id":%q}`, s.attempt)
	case k.route == domain.TwoFactor:
		return fmt.Sprintf(`{"attempt_id":%q,%s}`, s.attempt, s.who.fields())
	case k.route == domain.Authority && !k.given:
		return fmt.Sprintf(`{"attempt_id":%q,%s,"capture":"stream","image":"%s"}`, s.attempt, s.who.fields(), s.image.text)
	}
	return withFace(s)
}

func withFace(s sent) string {
	return fmt.Sprintf(`{"attempt_id":%q,"capture":"stream","image":"%s"}`, s.attempt, s.image.text)
}

func escaped(s sent) string { return strings.ReplaceAll(withFace(s), "/", `\/`) }

func noPicture(s sent) string {
	return fmt.Sprintf(`{"attempt_id":%q,"image":"%s"}`, s.attempt, s.image.text[4000:])
}

// tooWide is the image with another head, of 8832 x 480 pixels.
func tooWide(s sent) string {
	const head = "\xFF\xD8\xFF\xC0\x00\x11\x08\x01\xE0\x22\x80\x03"
	text := base64.StdEncoding.EncodeToString([]byte(head))
	return fmt.Sprintf(`{"attempt_id":%q,"image":"%s%s"}`, s.attempt, text, s.image.text[len(text):])
}

func unknownField(s sent) string { return strings.Replace(withFace(s), `"capture"`, `"camera"`, 1) }

func brokenOff(s sent) string { return strings.TrimSuffix(withFace(s), "}") }

func named(s sent, fields string) string {
	return fmt.Sprintf(`{"attempt_id":%q,%s}`, s.attempt, fields)
}

func namedEscaped(s sent) string   { return named(s, s.who.escaped()) }
func namedWrong(s sent) string     { return named(s, s.who.misspelt().fields()) }
func namedUnknown(s sent) string   { return named(s, s.who.fields()+`,"phone":"1"`) }
func namedBrokenOff(s sent) string { return strings.TrimSuffix(named(s, s.who.fields()), "}") }
func namedWithFace(s sent) string  { return named(s, s.who.fields()+`,"image":"`+s.image.text+`"`) }
func namedNoPicture(s sent) string {
	return named(s, s.who.fields()+`,"image":"`+s.image.text[4000:]+`"`)
}

// path is the call that the scenario makes.
func (k scenario) path() string {
	switch {
	case k.route == domain.Hosted && k.back:
		return "/v1/hosted/result"
	case k.route == domain.Hosted:
		return "/v1/hosted"
	}
	return "/v1/verify"
}

// brings tells what must come to the vendor.
func (k scenario) brings(s sent) (image string, who *identity) {
	if k.route == "" || k.route.TakesFace() {
		image = s.image.text
	}
	if k.route.TakesIdentity() || k.route == domain.Hosted && !k.back {
		who = &s.who
	}
	return image, who
}

// event is the case's request as a cloud hands it over.
func (k scenario) event(on cloud, token string, s sent) []byte {
	body := k.sound
	if k.body != nil {
		body = k.body
	}
	if k.token != "" {
		token = k.token
	}
	c := call{path: k.path(), token: token, body: body(s), base64: k.base64}
	if k.base64 {
		c.body = base64.StdEncoding.EncodeToString([]byte(c.body))
	}
	return on.event(c)
}
