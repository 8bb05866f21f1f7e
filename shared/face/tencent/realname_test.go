package tencent_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"nod/shared/domain"
	"nod/shared/face/envelope"
	"nod/shared/face/tencent"
	"nod/tests/permits"
)

const (
	aName   = "欧阳小云"
	aNumber = "119999199001010039"
)

// aNamed is a comparison that names somebody, with a face if the route takes one.
func aNamed(route domain.Route) domain.Comparison {
	c := domain.Comparison{Reference: domain.Reference{Identity: &domain.Identity{Name: domain.Private(aName), IDNumber: domain.Private(aNumber)}}}
	if route.TakesFace() {
		c.Capture = domain.NewCapture([]byte(face), domain.FromStream)
	}
	return c
}

// asked makes the call of a route, with a permit of its own.
func asked(t *testing.T, a *tencent.API, route domain.Route) domain.Outcome {
	t.Helper()
	permit := permits.For(permits.Want{Route: route})
	if route == domain.Hosted {
		c := aNamed(route)
		c.Reference.Visit = &domain.Visit{URL: "https://vendor.example.com", Token: "biz-token-1"}
		return a.Collect(t.Context(), permit, c)
	}
	return a.Compare(t.Context(), permit, aNamed(route))
}

// resulting answers the call of a route with one of its results.
func resulting(route domain.Route, code string, sim float64) http.HandlerFunc {
	switch route {
	case domain.Hosted:
		status := 1
		if code == "0" {
			status = 0
		}
		return says(fmt.Sprintf(`{"Response":{"Text":{"ErrCode":%s,"ErrMsg":"m","IdCard":%q,"Name":%q,"LiveStatus":%d,"Comparestatus":%[4]d,"Sim":"99.1"},
			"BestFrame":null,"RequestId":"r"}}`, code, aNumber, aName, status))
	case domain.Authority:
		return says(fmt.Sprintf(`{"Response":{"Sim":%v,"Result":%q,"Description":"d","RequestId":"r"}}`, sim, code))
	}
	return says(fmt.Sprintf(`{"Response":{"Result":%q,"Description":"d","RequestId":"r"}}`, code))
}

var realName = []struct {
	route   domain.Route
	action  string
	results tencent.Results
}{
	{domain.TwoFactor, "IdCardVerification", tencent.All[0]},
	{domain.Authority, "ImageRecognitionV2", tencent.All[1]},
	{domain.Hosted, "GetDetectInfoEnhanced", tencent.All[2]},
}

func TestEveryResultComesThroughAsItsMeaning(t *testing.T) {
	for _, r := range realName {
		var answer http.HandlerFunc
		v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { answer(w, r) })
		a := apiAt(t, v.URL)
		codes := r.results.Codes()
		for i, code := range codes {
			answer = resulting(r.route, code, 88)
			want := r.results.Meaning(code)
			want.Liveness = r.route == domain.Hosted && want.Result != domain.NotPerformed
			got := asked(t, a, r.route)
			if got.RetryAfter > 0 && want.RetryAfter > 0 {
				got.RetryAfter = want.RetryAfter // how long until tomorrow changes
			}
			if got != want {
				t.Errorf("%s %s: %+v, want %+v", r.action, code, got, want)
			}
			if len(v.calls) != i+1 || last(v.calls).action != r.action {
				t.Fatalf("calls: %s", v.actions())
			}
		}
		for _, unknown := range []string{"77", "-9", "4294967296"} {
			answer = resulting(r.route, unknown, 100)
			if got := asked(t, a, r.route); unnamed(got) != domain.Inconclusive(domain.FaceAPIUnknown) {
				t.Errorf("%s %s: %+v", r.action, unknown, got)
			}
		}
	}
}

func last[T any](list []T) T { return list[len(list)-1] }

// documentedResults are the vendor's, by what they are to Nod.
var documentedResults = map[string]map[domain.Result]string{
	"IdCardVerification": {domain.Pass: "0", domain.Fail: "-1", domain.NotPerformed: "-2 -3 -4 -5 -6 -7"},
	"ImageRecognitionV2": {domain.Pass: "Success", domain.Fail: "CompareLowSimilarity CompareFail IdNameMisMatch",
		domain.NotPerformed: "LifePhotoDetectFake LifePhotoDetectFaces LifePhotoDetectNoFaces LifePhotoPoorQuality LifePhotoSizeError " +
			"IdNoExistSystem IdPhotoNoExist IdPhotoPoorQuality IdFormatError NameFormatError IdentityAuthLimitExceeded " +
			"CompareSystemError CompareLibServiceUnavailable IdPhotoSystemNoanswer UnKnown DecryptSystemError StsUnAuthErrError"},
	"GetDetectInfoEnhanced": {domain.Pass: "0", domain.Fail: "2006 2015 2016",
		domain.NotPerformed: "15 18 1001 1003 1004 1005 1007 1202 2002 2003 2011 2017"},
}

func TestEveryDocumentedResultIsMapped(t *testing.T) {
	for _, r := range tencent.All {
		listed := len(r.Codes())
		for verdict, codes := range documentedResults[r.Action] {
			for code := range strings.FieldsSeq(codes) {
				listed--
				if got := r.Meaning(code); got.Result != verdict || (got.Reason == "") != (verdict != domain.NotPerformed) || got.Reason == domain.FaceAPIUnknown {
					t.Errorf("%s %s: %+v, want %s", r.Action, code, got, verdict)
				}
			}
		}
		if listed != 0 {
			t.Errorf("%s: %d results more than documented", r.Action, listed)
		}
	}
}

func TestTheAuthoritysScoreIsHeldAgainstItsThreshold(t *testing.T) {
	for sim, want := range map[string]domain.Outcome{
		"70": {Result: domain.Pass}, "100": {Result: domain.Pass}, "69.99": {Result: domain.Fail}, "0": {Result: domain.Fail},
		"100.1": domain.Inconclusive(domain.FaceAPIGarbled), "-1": domain.Inconclusive(domain.FaceAPIGarbled), "null": domain.Inconclusive(domain.FaceAPIGarbled),
	} {
		v := newVendor(t, says(`{"Response":{"Sim":`+sim+`,"Result":"Success"}}`))
		if got := asked(t, apiAt(t, v.URL), domain.Authority); got != want {
			t.Errorf("%s: %+v", sim, got)
		}
	}
}

// A pass on the vendor's page needs all three words of the vendor's.
func TestAVisitThatContradictsItselfIsNoVerdict(t *testing.T) {
	for text, want := range map[string]domain.Reason{
		`{"ErrCode":0,"LiveStatus":0,"Comparestatus":1}`:    domain.FaceAPIGarbled,
		`{"ErrCode":0,"LiveStatus":1,"Comparestatus":0}`:    domain.FaceAPIGarbled,
		`{"ErrCode":0,"LiveStatus":0}`:                      domain.FaceAPIGarbled,
		`{"ErrCode":0}`:                                     domain.FaceAPIGarbled,
		`{"ErrCode":null,"LiveStatus":0,"Comparestatus":0}`: domain.HostedUnfinished,
		`{}`:   domain.HostedUnfinished,
		`null`: domain.FaceAPIGarbled,
	} {
		v := newVendor(t, says(`{"Response":{"Text":`+text+`}}`))
		if got := asked(t, apiAt(t, v.URL), domain.Hosted); got.Again != (want == domain.HostedUnfinished || text == "null") || got.Result != domain.NotPerformed || got.Reason != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestFaceIDsFaultsAreNoVerdict(t *testing.T) {
	for _, r := range realName {
		for _, f := range []struct {
			name   string
			answer http.HandlerFunc
			want   domain.Reason
		}{
			{"an error", coded("InvalidParameterValue.RuleIdNotExist"), domain.FaceAPIRefused},
			{"an expired visit", coded("InvalidParameterValue.BizTokenExpired"), domain.HostedExpired},
			{"no response", says(`{}`), domain.FaceAPIGarbled},
			{"not JSON", says(`<html>`), domain.FaceAPIGarbled},
			{"another type", says(`{"Response":{"Result":0,"Text":"x"}}`), domain.FaceAPIGarbled},
			{"cut off", cutOff, domain.FaceAPIDown},
			{"an error of the server", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, domain.FaceAPIDown},
		} {
			v := newVendor(t, f.answer)
			got := asked(t, apiAt(t, v.URL), r.route)
			if got.Again != (r.route == domain.Hosted && f.want != domain.HostedExpired) {
				t.Errorf("%s, %s: asked again: %v", r.action, f.name, got.Again)
			}
			if got.Again = false; unnamed(got) != domain.Inconclusive(f.want) {
				t.Errorf("%s, %s: %+v", r.action, f.name, got)
			}
		}
	}
}

func TestD02WhatTheAuthorityIsAskedIsWhatTheRouteNeeds(t *testing.T) {
	for _, c := range []struct {
		route  domain.Route
		fields string
	}{{domain.TwoFactor, "IdCard Name"}, {domain.Authority, "IdCard ImageBase64 Name"}} {
		v := newVendor(t, resulting(c.route, "0", 0))
		asked(t, apiAt(t, v.URL), c.route)
		sent := v.calls[0]
		if sent.fields["IdCard"] != aNumber || sent.fields["Name"] != aName || c.route.TakesFace() && sent.fields["ImageBase64"] != face ||
			len(sent.fields) != len(strings.Fields(c.fields)) {
			t.Errorf("%s sent %.200s", c.route, sent.body)
		}
		if h := sent.header; h.Get("X-TC-Version") != "2018-03-01" || !strings.Contains(h.Get("Authorization"), "/faceid/tc3_request") {
			t.Errorf("%v", h)
		}
	}
}

func TestAVisitIsAskedForAndItsTextAlone(t *testing.T) {
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-TC-Action") == "DetectAuth" {
			says(`{"Response":{"BizToken":"biz-token-1","Url":"https://faceid.qq.com/v1/?token=x"}}`)(w, r)
			return
		}
		resulting(domain.Hosted, "0", 0)(w, r)
	})
	a := apiAt(t, v.URL)
	visit, o := a.Visit(t.Context(), permits.For(permits.Want{Route: domain.Hosted}), aNamed(domain.Hosted), "https://nod.example.com/s/e1")
	if o != (domain.Outcome{}) || visit != (domain.Visit{URL: "https://faceid.qq.com/v1/?token=x", Token: "biz-token-1"}) {
		t.Fatalf("%+v %+v", visit, o)
	}
	if f := v.calls[0].fields; f["RuleId"] != "rule-1" || f["RedirectUrl"] != "https://nod.example.com/s/e1" || f["IdCard"] != aNumber || f["Name"] != aName || len(f) != 4 {
		t.Errorf("%s", v.calls[0].body)
	}
	if o := asked(t, a, domain.Hosted); o != (domain.Outcome{Result: domain.Pass, Liveness: true}) {
		t.Errorf("%+v", o)
	}
	if f := v.calls[1].fields; f["InfoType"] != "1" || f["BizToken"] != "biz-token-1" || f["RuleId"] != "rule-1" || len(f) != 3 {
		t.Errorf("%s", v.calls[1].body)
	}
	// Whom the vendor compares with can be its own affair.
	if _, o := a.Visit(t.Context(), permits.For(permits.Want{Route: domain.Hosted}), domain.Comparison{}, "https://nod.example.com/s/e1"); o != (domain.Outcome{}) {
		t.Errorf("%+v", o)
	}
	if f := v.calls[2].fields; len(f) != 2 {
		t.Errorf("%s", v.calls[2].body)
	}
}

func TestNobodyIsSentToAnAddressThatIsNone(t *testing.T) {
	for _, answer := range []string{
		`{"BizToken":"b","Url":"javascript:alert(1)"}`, `{"BizToken":"b","Url":"http://evil.example.com/"}`, `{"BizToken":"b"}`, `{"Url":"https://faceid.qq.com/"}`,
		`{"BizToken":"` + strings.Repeat("b", 1001) + `","Url":"https://faceid.qq.com/"}`, `{"BizToken":"b","Url":"https://user@faceid.qq.com/"}`,
	} {
		v := newVendor(t, says(`{"Response":`+answer+`}`))
		visit, o := apiAt(t, v.URL).Visit(t.Context(), permits.For(permits.Want{Route: domain.Hosted}), aNamed(domain.Hosted), "https://nod.example.com/s/e1")
		if visit != (domain.Visit{}) || o != domain.Inconclusive(domain.FaceAPIGarbled) {
			t.Errorf("%.100s: %+v %+v", answer, visit, o)
		}
	}
	a, err := tencent.New(tencent.Config{Endpoint: "http://127.0.0.1:1", FaceIDEndpoint: "http://127.0.0.1:1", SecretID: "i", SecretKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if _, o := a.Visit(t.Context(), permits.For(permits.Want{Route: domain.Hosted}), aNamed(domain.Hosted), ""); o != domain.Inconclusive(domain.FaceAPIRefused) {
		t.Errorf("without a rule: %+v", o)
	}
}

func TestNoPermitNoCallOnAnyRoute(t *testing.T) {
	v := newVendor(t, resulting(domain.TwoFactor, "0", 0))
	a := apiAt(t, v.URL)
	forbidden := domain.Inconclusive(domain.PermitForbidden)
	photo := permits.For(permits.Want{})
	if _, o := a.Visit(t.Context(), photo, aNamed(domain.Hosted), ""); o != forbidden {
		t.Errorf("a visit by a permit for a photo: %+v", o)
	}
	if o := a.Collect(t.Context(), permits.For(permits.Want{Route: domain.TwoFactor}), aNamed(domain.Hosted)); o.Reason != domain.PermitForbidden || o.Result != domain.NotPerformed {
		t.Errorf("a result by a permit for a name: %+v", o)
	}
	if o := a.Compare(t.Context(), permits.For(permits.Want{Route: domain.Hosted}), aNamed(domain.Hosted)); o != forbidden {
		t.Errorf("a comparison by a permit for a visit: %+v", o)
	}
	if len(v.calls) != 0 {
		t.Errorf("calls: %s", v.actions())
	}
}

func TestFieldsAreEncryptedWhereTheOperatorSaysSo(t *testing.T) {
	keys := envelope.Opener{}
	var err error
	if keys.RSA, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if keys.SM2, err = sm2.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := smx509.MarshalPKIXPublicKey(&keys.SM2.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := map[string][]byte{
		envelope.AES256CBC: pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&keys.RSA.PublicKey)}),
		envelope.SM4GCM:    pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	}
	for algorithm, key := range public {
		for _, route := range []domain.Route{domain.TwoFactor, domain.Authority} {
			v := newVendor(t, resulting(route, "0", 0))
			a, err := tencent.New(tencent.Config{Endpoint: v.URL, FaceIDEndpoint: v.URL, SecretID: "i", SecretKey: "k", Algorithm: algorithm, PublicKey: key})
			if err != nil {
				t.Fatal(err)
			}
			asked(t, a, route)
			var sent struct {
				IdCard, Name, ImageBase64 string
				Encryption                envelope.Encryption
			}
			if err := json.Unmarshal([]byte(v.calls[0].body), &sent); err != nil {
				t.Fatal(err)
			}
			opened, err := keys.Open(sent.Encryption, [][]byte{[]byte(sent.IdCard), []byte(sent.Name)})
			if err != nil || string(opened[0]) != aNumber || string(opened[1]) != aName || fmt.Sprint(sent.Encryption.EncryptList) != "[IdCard Name]" {
				t.Errorf("%s: %v, %q", algorithm, err, opened)
			}
			if strings.Contains(v.calls[0].body, aName) || strings.Contains(v.calls[0].body, aNumber) || route.TakesFace() && sent.ImageBase64 != face {
				t.Errorf("%s: %.300s", algorithm, v.calls[0].body)
			}
		}
	}
	if _, err := tencent.New(tencent.Config{Endpoint: "http://127.0.0.1:1", FaceIDEndpoint: "http://127.0.0.1:1", Algorithm: envelope.SM4GCM, PublicKey: public[envelope.AES256CBC]}); err == nil {
		t.Error("a key of another kind is taken")
	}
}

// What a visit's answer says about the person is read by nobody, however long it is.
func TestALongAnswerAboutAVisitIsRead(t *testing.T) {
	var detail bytes.Buffer
	for i := range 100 {
		fmt.Fprintf(&detail, `{"ReqTime":"%d","Seq":"%s","Errcode":0,"Errmsg":"成功","LivenessMode":2},`, i, strings.Repeat(strconv.Itoa(i), 40))
	}
	v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Response":{"Text":{"ErrCode":0,"LivenessDetail":[`+strings.TrimSuffix(detail.String(), ",")+
			`],"LiveStatus":0,"Comparestatus":0}}}`)
	})
	if got := asked(t, apiAt(t, v.URL), domain.Hosted); got.Result != domain.Pass {
		t.Errorf("%+v", got)
	}
}
