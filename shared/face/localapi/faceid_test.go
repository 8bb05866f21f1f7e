package localapi

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"nod/shared/face/envelope"
	"nod/shared/face/localapi/register"
)

const testRule = "7"

// clock is a server's, set by hand.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// fieldKeys are one pair of each kind for all tests.
var fieldKeys = sync.OnceValue(func() (o envelope.Opener) {
	var err error
	if o.RSA, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if o.SM2, err = sm2.GenerateKey(rand.Reader); err != nil {
		panic(err)
	}
	return o
})

// newRealName returns a server that knows the rule and the keys, with its clock at noon.
func newRealName(t testing.TB) (*Server, *clock) {
	t.Helper()
	c := &clock{time.Unix(noon, 0)}
	s, err := New(Options{
		SecretID: testID, SecretKey: testKey, Now: c.now,
		RuleID: testRule, RSA: fieldKeys().RSA, SM2: fieldKeys().SM2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// members are the fields of a request.
type members = map[string]any

// ask sends a request to the real-name service and returns its answer, or the code of
// its error.
func ask[T any](t testing.TB, s *Server, action string, fields members) (answer T, code string) {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return askText[T](t, s, action, string(text))
}

func askText[T any](t testing.TB, s *Server, action, text string) (answer T, code string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, call{
		service: "faceid", body: text, at: s.now().Unix(),
		headers: map[string]string{"X-TC-Action": action, "X-TC-Version": "2018-03-01"},
	}.request())
	var end struct{ Response trailer }
	var e struct{ Response T }
	if err := errors.Join(json.Unmarshal(w.Body.Bytes(), &end), json.Unmarshal(w.Body.Bytes(), &e)); err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	if w.Code != 200 || end.Response.RequestID == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("HTTP %d, %v, %q", w.Code, w.Header(), w.Body)
	}
	if end.Response.Error != nil {
		return answer, end.Response.Error.Code
	}
	return e.Response, ""
}

// who is a person of the register on the test's day.
func who(t testing.TB, name string) register.Entry {
	t.Helper()
	e, found := register.Find(register.At(time.Unix(noon, 0)), name)
	if !found {
		t.Fatalf("no %s in the register", name)
	}
	return e
}

func named(e register.Entry) members { return members{"IdCard": e.IDNumber, "Name": e.Name} }

func with(m members, more members) members {
	all := members{}
	for _, from := range []members{m, more} {
		for k, v := range from {
			all[k] = v
		}
	}
	return all
}

// sealed encrypts name and number as the vendor's customer does.
func sealed(t testing.TB, algorithm string, m members) members {
	t.Helper()
	block := &pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&fieldKeys().RSA.PublicKey)}
	if algorithm == envelope.SM4GCM {
		der, err := smx509.MarshalPKIXPublicKey(&fieldKeys().SM2.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		block = &pem.Block{Type: "PUBLIC KEY", Bytes: der}
	}
	s, err := envelope.New(algorithm, pem.EncodeToMemory(block))
	if err != nil {
		t.Fatal(err)
	}
	e, values, err := s.Seal([]string{"IdCard", "Name"}, [][]byte{[]byte(m["IdCard"].(string)), []byte(m["Name"].(string))})
	if err != nil {
		t.Fatal(err)
	}
	return with(m, members{"IdCard": string(values[0]), "Name": string(values[1]), "Encryption": e})
}

// commonClient is the vendor's own client for services without types.
func commonClient(t *testing.T, server *httptest.Server) *common.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.Endpoint = strings.TrimPrefix(server.URL, "http://")
	p.HttpProfile.ReqTimeout = 60
	return common.NewCommonClient(common.NewCredential(testID, testKey), "ap-guangzhou", p)
}

func TestVendorsClientCallsTheRealNameService(t *testing.T) {
	server := serve(t, Options{SecretID: testID, SecretKey: testKey, RuleID: testRule})
	client := commonClient(t, server)
	e, _ := register.Find(register.At(time.Now()), register.Collins)
	send := func(action string, fields members, answer any) {
		t.Helper()
		r := tchttp.NewCommonRequest("faceid", "2018-03-01", action)
		if err := r.SetActionParameters(fields); err != nil {
			t.Fatal(err)
		}
		response := tchttp.NewCommonResponse()
		if err := client.Send(r, response); err != nil {
			t.Fatalf("%s: %v", action, err)
		}
		if err := json.Unmarshal(response.GetBody(), &struct{ Response any }{answer}); err != nil {
			t.Fatal(err)
		}
	}
	var two idCardResult
	send("IdCardVerification", named(e), &two)
	if two != idMatch {
		t.Errorf("two factors: %+v", two)
	}
	var image imageResult
	send("ImageRecognitionV2", with(named(e), members{"ImageBase64": e.Photo, "Extra": "x"}), &image)
	if image.Result != "Success" || image.Sim != 100 || image.Extra != "x" {
		t.Errorf("photo: %+v", image)
	}
	var auth authResult
	send("DetectAuth", with(named(e), members{"RuleId": testRule, "RedirectUrl": "https://example.com/back"}), &auth)
	var info infoResult
	send("GetDetectInfoEnhanced", members{"RuleId": testRule, "BizToken": auth.BizToken, "InfoType": "1"}, &info)
	if info.Text == nil || info.Text.ErrCode != nil || info.Text.Name != e.Name {
		t.Errorf("visit: %+v", info.Text)
	}
	r := tchttp.NewCommonRequest("faceid", "2018-03-01", "LivenessCompare")
	if code := codeOf(t, client.Send(r, tchttp.NewCommonResponse())); code != "InvalidAction" {
		t.Errorf("an action that is not here: %s", code)
	}
}

func TestFaultsOfARealNameRequestHaveTheVendorsCodes(t *testing.T) {
	s, _ := newRealName(t)
	for name, tt := range map[string]struct{ action, body, want string }{
		"no JSON":                      {"IdCardVerification", `IdCard=1`, "InvalidParameter"},
		"a list":                       {"IdCardVerification", `[]`, "InvalidParameter"},
		"two objects":                  {"IdCardVerification", `{"IdCard":"1","Name":"n"}{}`, "InvalidParameter"},
		"a number for a text":          {"IdCardVerification", `{"IdCard":1,"Name":"n"}`, "InvalidParameter"},
		"an unknown field":             {"IdCardVerification", `{"IdCard":"1","Name":"n","Phone":"1"}`, "UnknownParameter"},
		"a field in other letters":     {"IdCardVerification", `{"idCard":"1","Name":"n"}`, "UnknownParameter"},
		"a field of another action":    {"IdCardVerification", `{"IdCard":"1","Name":"n","ImageBase64":""}`, "UnknownParameter"},
		"an unknown field of the seal": {"IdCardVerification", `{"IdCard":"1","Name":"n","Encryption":{"Key":""}}`, "UnknownParameter"},
		"the seal is a text":           {"IdCardVerification", `{"IdCard":"1","Name":"n","Encryption":"AES"}`, "InvalidParameter"},
		"no name":                      {"IdCardVerification", `{"IdCard":"1"}`, "InvalidParameterValue"},
		"null for a number":            {"IdCardVerification", `{"IdCard":null,"Name":"n"}`, "InvalidParameterValue"},
		"no image":                     {"ImageRecognitionV2", `{"IdCard":"1","Name":"n"}`, "InvalidParameterValue"},
		"an image that is a number":    {"ImageRecognitionV2", `{"IdCard":"1","Name":"n","ImageBase64":5}`, "InvalidParameter"},
		"another rule":                 {"DetectAuth", `{"RuleId":"8","RedirectUrl":"https://a/"}`, "InvalidParameterValue.RuleIdNotExist"},
		"another rule for a result":    {"GetDetectInfoEnhanced", `{"RuleId":"","BizToken":"1"}`, "InvalidParameterValue.RuleIdNotExist"},
		"no token":                     {"GetDetectInfoEnhanced", `{"RuleId":"7"}`, "InvalidParameterValue.BizTokenIllegal"},
		"a token of nobody":            {"GetDetectInfoEnhanced", `{"RuleId":"7","BizToken":"CE661F1A-0F1E-45BD-BE13-34C05CEA7681"}`, "InvalidParameterValue.BizTokenExpired"},
		"no kind of information":       {"GetDetectInfoEnhanced", `{"RuleId":"7","BizToken":"1","InfoType":""}`, "InvalidParameterValue"},
		"unknown kind of information":  {"GetDetectInfoEnhanced", `{"RuleId":"7","BizToken":"1","InfoType":"19"}`, "InvalidParameterValue"},
		"liveness on the service":      {"DetectLiveFaceAccurate", `{}`, "InvalidAction"},
	} {
		if _, code := askText[struct{}](t, s, tt.action, tt.body); code != tt.want {
			t.Errorf("%s: %q, want %q", name, code, tt.want)
		}
	}
}

func TestSealedFieldsAreOpened(t *testing.T) {
	s, _ := newRealName(t)
	e := who(t, register.Collins)
	for _, algorithm := range []string{envelope.AES256CBC, envelope.SM4GCM} {
		if r, code := ask[idCardResult](t, s, "IdCardVerification", sealed(t, algorithm, named(e))); r != idMatch {
			t.Errorf("%s, two factors: %+v %s", algorithm, r, code)
		}
		r, code := ask[imageResult](t, s, "ImageRecognitionV2",
			with(sealed(t, algorithm, named(e)), members{"ImageBase64": e.Photo}))
		if r.Result != "Success" {
			t.Errorf("%s, photo: %+v %s", algorithm, r, code)
		}
		auth, code := ask[authResult](t, s, "DetectAuth",
			with(sealed(t, algorithm, named(e)), members{"RuleId": testRule, "RedirectUrl": "https://a/"}))
		info, _ := ask[infoResult](t, s, "GetDetectInfoEnhanced", members{"RuleId": testRule, "BizToken": auth.BizToken, "InfoType": "1"})
		if info.Text == nil || info.Text.IdCard != e.IDNumber || info.Text.Name != e.Name {
			t.Errorf("%s, hosted: %s %+v", algorithm, code, info.Text)
		}
	}
}

func TestWhatCannotBeOpenedHasTheVendorsCode(t *testing.T) {
	s, _ := newRealName(t)
	withoutKeys := newAPI(t)
	good := sealed(t, envelope.SM4GCM, named(who(t, register.Collins)))
	seal := func(change func(*envelope.Encryption)) members {
		e := good["Encryption"].(envelope.Encryption)
		change(&e)
		return members{"Encryption": e}
	}
	for name, tt := range map[string]struct {
		server *Server
		change members
		want   string
	}{
		"no key here":            {withoutKeys, members{}, errDecrypt.Code},
		"another algorithm":      {s, seal(func(e *envelope.Encryption) { e.Algorithm = "AES" }), errDecrypt.Code},
		"an altered tag":         {s, seal(func(e *envelope.Encryption) { e.TagList = []string{e.TagList[1], e.TagList[0]} }), errDecrypt.Code},
		"an altered field":       {s, members{"Name": "AAAA"}, errDecrypt.Code},
		"a plain field":          {s, seal(func(e *envelope.Encryption) { e.EncryptList = []string{"IdCard"} }), errEncryptField.Code},
		"a field twice":          {s, seal(func(e *envelope.Encryption) { e.EncryptList = []string{"Name", "Name"} }), errEncryptField.Code},
		"a field that is not it": {s, seal(func(e *envelope.Encryption) { e.EncryptList = []string{"IdCard", "Extra"} }), errEncryptField.Code},
		"an empty seal":          {s, members{"Encryption": members{}}, errEncryptField.Code},
	} {
		if _, code := ask[struct{}](t, tt.server, "IdCardVerification", with(good, tt.change)); code != tt.want {
			t.Errorf("%s: %q, want %q", name, code, tt.want)
		}
	}
}

func FuzzRealNameRequestIsReadOrHasACode(f *testing.F) {
	f.Add([]byte(`{"IdCard":"11999919900307102X","Name":"\u6797示例","ImageBase64":"ZmFjZQ==","Extra":"x"}`))
	f.Add([]byte(`{"IdCard":"AAAA","Name":"AAAA","Encryption":{"EncryptList":["IdCard","Name"],"Algorithm":"SM4-GCM","TagList":[]}}`))
	f.Add([]byte(`{"RuleId":"7","RedirectUrl":"https://a.b:1/c?d=e#f","BizToken":"1","InfoType":"13"}`))
	now := time.Unix(noon, 0)
	f.Fuzz(func(t *testing.T, body []byte) {
		readIdentity := func(q any, id *identity) {
			err := parse(body, q)
			if err == nil {
				err = id.open(envelope.Opener{})
			}
			if own := new(apiError); err != nil && !errors.As(err, &own) {
				t.Errorf("%v has no code", err)
			}
			if err == nil && id.check(now) == nil && len(id.IdCard) > 0 && len(id.IdCard) != 18 {
				t.Errorf("accepted %q", id.IdCard)
			}
			id.wipe()
		}
		var two identity
		readIdentity(&two, &two)
		var image imageRequest
		readIdentity(&image, &image.identity)
		var auth authRequest
		readIdentity(&auth, &auth.identity)
		if back, ok := redirectTarget(auth.RedirectUrl); ok {
			if text := (&visit{back: back, token: "T"}).returnAddress(); !strings.HasPrefix(text, back.Scheme+"://") || !strings.Contains(text, "BizToken=T") {
				t.Errorf("%q leads to %q", auth.RedirectUrl, text)
			}
		}
		var info infoRequest
		if err := parse(body, &info); err != nil {
			if own := new(apiError); !errors.As(err, &own) {
				t.Errorf("%v has no code", err)
			}
		}
	})
}
