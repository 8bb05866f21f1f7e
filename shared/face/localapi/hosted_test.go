package localapi

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nod/shared/face/localapi/register"
)

// journey is one person's way: the server over real HTTP and a browser that does not
// follow redirects.
type journey struct {
	*testing.T
	api     *Server
	server  *httptest.Server
	browser *http.Client
}

func newJourney(t *testing.T) (*journey, *clock) {
	t.Helper()
	api, c := newRealName(t)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &journey{t, api, server, browser}, c
}

// begin calls DetectAuth and returns the token, and the page's address on the server.
func (j *journey) begin(fields members) (token, page string) {
	j.Helper()
	request := with(named(who(j, register.Collins)), members{"RuleId": testRule, "RedirectUrl": "https://nod.example/back?a=1#b", "Extra": "order"})
	answer, code := ask[authResult](j, j.api, "DetectAuth", with(request, fields))
	if code != "" {
		j.Fatalf("DetectAuth: %s", code)
	}
	address, err := url.Parse(answer.Url)
	if err != nil || address.Host != "example.com" { // the host of the signed request
		j.Fatalf("%q (error: %v)", answer.Url, err)
	}
	return answer.BizToken, j.server.URL + address.RequestURI()
}

func (j *journey) get(address string) (*http.Response, string) {
	j.Helper()
	response, err := j.browser.Get(address)
	return j.read(response, err)
}

func (j *journey) post(form url.Values) (*http.Response, string) {
	j.Helper()
	response, err := j.browser.PostForm(j.server.URL+"/hosted", form)
	return j.read(response, err)
}

func (j *journey) read(response *http.Response, err error) (*http.Response, string) {
	j.Helper()
	if err != nil {
		j.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		j.Fatal(err)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := response.Header.Get(name); got != want {
			j.Errorf("%s: %q", name, got)
		}
	}
	policy := response.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") {
		j.Errorf("policy %q", policy)
	}
	return response, string(text)
}

func (j *journey) result(token, infoType string) infoResult {
	j.Helper()
	r, code := ask[infoResult](j, j.api, "GetDetectInfoEnhanced", members{"BizToken": token, "RuleId": testRule, "InfoType": infoType})
	if code != "" {
		j.Fatalf("GetDetectInfoEnhanced: %s", code)
	}
	return r
}

func TestAVisitComesOutAsItIsChosen(t *testing.T) {
	j, _ := newJourney(t)
	for word, want := range map[string]struct {
		code, live, compared any
		sim                  any
	}{
		"passed":        {0., 0., 0., "88.88"},
		"not_live":      {2011., 2011., nil, nil},
		"face_mismatch": {2016., 0., 2016., "35.00"},
		"name_mismatch": {2006., 0., 2006., nil},
		"light":         {1202., 1202., nil, nil},
		"risk":          {1007., 1007., nil, nil},
		"upgrading":     {2017., 0., 2017., nil},
		"give_up":       {nil, nil, nil, nil},
	} {
		token, page := j.begin(nil)
		if r := j.result(token, "1"); r.Text == nil || r.Text.ErrCode != nil {
			t.Errorf("%s: finished before it began: %+v", word, r.Text)
		}
		response, text := j.get(page)
		if response.StatusCode != http.StatusOK || !strings.Contains(text, `value="`+word+`"`) {
			t.Fatalf("%s: HTTP %d %s", word, response.StatusCode, text)
		}
		response, _ = j.post(url.Values{"token": {token}, "outcome": {word}})
		if got := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || got != "https://nod.example/back?a=1&BizToken="+token+"#b" {
			t.Errorf("%s: HTTP %d to %q", word, response.StatusCode, got)
		}
		answer, code := ask[map[string]any](t, j.api, "GetDetectInfoEnhanced", members{"BizToken": token, "RuleId": testRule, "InfoType": "1"})
		told, _ := answer["Text"].(map[string]any)
		if told["ErrCode"] != want.code || told["LiveStatus"] != want.live || told["Comparestatus"] != want.compared || told["Sim"] != want.sim {
			t.Errorf("%s: %v %s", word, told, code)
		}
		if e := who(t, register.Collins); told["IdCard"] != e.IDNumber || told["Name"] != e.Name || told["Extra"] != "order" {
			t.Errorf("%s: %v", word, told)
		}
	}
	if len(hostedChoices) != 8 {
		t.Errorf("%d choices on the page", len(hostedChoices))
	}
}

func TestTheFirstChoiceStands(t *testing.T) {
	j, _ := newJourney(t)
	token, page := j.begin(nil)
	for _, word := range []string{"give_up", "risk", "passed", "give_up"} {
		if response, _ := j.post(url.Values{"token": {token}, "outcome": {word}}); response.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: HTTP %d", word, response.StatusCode)
		}
	}
	if r := j.result(token, "1"); *r.Text.ErrCode != 1007 {
		t.Errorf("came out as %d", *r.Text.ErrCode)
	}
	if response, _ := j.get(page); response.StatusCode != http.StatusSeeOther {
		t.Errorf("who has finished gets the page again: HTTP %d", response.StatusCode)
	}
}

func TestOnlyTheTextComesWithoutPictures(t *testing.T) {
	j, _ := newJourney(t)
	token, _ := j.begin(nil)
	j.post(url.Values{"token": {token}, "outcome": {"passed"}})
	for kinds, want := range map[string][4]bool{
		"1": {true, false, false, false}, "0": {true, true, true, true}, "12": {true, true, false, false},
		"13": {true, false, true, false}, "3": {false, false, true, false}, "4": {false, false, false, true},
	} {
		r := j.result(token, kinds)
		got := [4]bool{r.Text != nil, r.IdCardData != nil, r.BestFrame != nil, r.VideoData != nil}
		if got != want {
			t.Errorf("%s: %v", kinds, got)
		}
	}
	// A client that says nothing gets everything, as at the vendor.
	r, _ := ask[infoResult](t, j.api, "GetDetectInfoEnhanced", members{"BizToken": token, "RuleId": testRule})
	if r.BestFrame == nil || len(r.BestFrame.BestFrame) == 0 || r.IdCardData == nil || len(r.IdCardData.Avatar) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestThePageSaysWhatItIsAndLoadsNothingElse(t *testing.T) {
	j, _ := newJourney(t)
	_, page := j.begin(members{"RedirectUrl": "http://127.0.0.1:8080/back"})
	response, text := j.get(page)
	for _, want := range []string{"不使用摄像头", "不检测活体", "No camera is used", "no liveness is tested", "tells a person from a photo of a photo"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "<script") || strings.Contains(text, "style=") || strings.Contains(text, "://") {
		t.Errorf("the page has more than a form: %s", text)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://127.0.0.1:8080;") ||
		!strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	style := regexp.MustCompile(`href="([^"]+)"`).FindStringSubmatch(text)
	if response, _ := j.get(j.server.URL + html.UnescapeString(style[1])); response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style: HTTP %d", response.StatusCode)
	}
}

func TestThePageRefusesWhatItDoesNotKnow(t *testing.T) {
	j, _ := newJourney(t)
	token, _ := j.begin(nil)
	for name, tt := range map[string]struct {
		form url.Values
		want int
	}{
		"no token":           {url.Values{"outcome": {"passed"}}, http.StatusNotFound},
		"a token of nobody":  {url.Values{"token": {"<script>"}, "outcome": {"passed"}}, http.StatusNotFound},
		"no outcome":         {url.Values{"token": {token}}, http.StatusBadRequest},
		"an unknown outcome": {url.Values{"token": {token}, "outcome": {"0"}}, http.StatusBadRequest},
		"a long form":        {url.Values{"token": {token}, "outcome": {strings.Repeat("x", maxForm)}}, http.StatusBadRequest},
	} {
		response, text := j.post(tt.form)
		if response.StatusCode != tt.want || strings.Contains(text, "<script>") {
			t.Errorf("%s: HTTP %d %s", name, response.StatusCode, text)
		}
	}
	if response, _ := j.get(j.server.URL + "/hosted?token=<script>"); response.StatusCode != http.StatusNotFound {
		t.Errorf("HTTP %d", response.StatusCode)
	}
	request := httptest.NewRequest(http.MethodDelete, "/hosted", nil)
	w := httptest.NewRecorder()
	j.api.ServeHTTP(w, request)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("HTTP %d", w.Code)
	}
	if r := j.result(token, "1"); r.Text.ErrCode != nil {
		t.Error("the visit has finished by itself")
	}
}

func TestDetectAuthTakesOnlyWhatLeadsBack(t *testing.T) {
	s, _ := newRealName(t)
	good := members{"RuleId": testRule, "RedirectUrl": "https://nod.example/"}
	if _, code := ask[authResult](t, s, "DetectAuth", good); code != "" {
		t.Errorf("without name and number: %s", code)
	}
	for _, address := range []string{"", "/back", "nod.example/back", "javascript:alert(1)", "data:text/html,x", "ftp://nod.example/",
		"https:///back", "https://user@nod.example/", "https://a;script-src/", "https://nod.example/" + strings.Repeat("x", maxRedirect)} {
		if _, code := ask[authResult](t, s, "DetectAuth", with(good, members{"RedirectUrl": address})); code != "InvalidParameterValue" {
			t.Errorf("%.40q: %q", address, code)
		}
	}
	for name, wrong := range map[string]members{
		"a malformed number": {"IdCard": "1"}, "a malformed name": {"Name": "n"}, "a long Extra": {"Extra": strings.Repeat("x", maxExtra+1)},
		"a large image": {"ImageBase64": strings.Repeat("A", maxLifePhoto+4)}, "no image": {"ImageBase64": "***"},
	} {
		if _, code := ask[authResult](t, s, "DetectAuth", with(good, wrong)); code != "InvalidParameterValue" {
			t.Errorf("%s: %q", name, code)
		}
	}
	if _, code := ask[authResult](t, newAPI(t), "DetectAuth", with(good, members{"RuleId": ""})); code != "InvalidParameterValue.RuleIdNotExist" {
		t.Errorf("a server without a rule: %q", code)
	}
}

func TestAVisitIsOverAfterTwoHours(t *testing.T) {
	j, c := newJourney(t)
	start := c.Time
	token, page := j.begin(nil)
	j.post(url.Values{"token": {token}, "outcome": {"passed"}})
	c.Time = start.Add(7200*time.Second - 1)
	j.result(token, "1")
	c.Time = start.Add(7200 * time.Second)
	if _, code := ask[infoResult](t, j.api, "GetDetectInfoEnhanced", members{"BizToken": token, "RuleId": testRule, "InfoType": "1"}); code != "InvalidParameterValue.BizTokenExpired" {
		t.Errorf("two hours later: %q", code)
	}
	if response, _ := j.get(page); response.StatusCode != http.StatusNotFound {
		t.Errorf("HTTP %d", response.StatusCode)
	}
}

func TestAPersonIsForgottenThoughNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisits(time.Now)
		one := &visit{idCard: []byte("119999"), name: []byte("name")}
		number, name := one.idCard, one.name
		token, ok := v.begin(one)
		if !ok || len(v.all) != 1 {
			t.Fatal(token, ok)
		}
		left := func() string {
			v.mu.Lock()
			defer v.mu.Unlock()
			return string(bytes.Trim(slices.Concat(number, name), "\x00"))
		}
		time.Sleep(visitLife - time.Second)
		synctest.Wait()
		if left() != "119999name" {
			t.Errorf("forgotten too early: %q", left())
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if left() != "" || v.with(token, func(*visit) {}) {
			t.Errorf("left: %q", left())
		}
	})
}

func TestOnlySoManyVisitsAreOpen(t *testing.T) {
	c := &clock{time.Unix(noon, 0)}
	v := newVisits(c.now)
	for range maxVisits {
		if _, ok := v.begin(&visit{}); !ok {
			t.Fatal("refused")
		}
	}
	late := &visit{name: []byte("name")}
	if _, ok := v.begin(late); ok || string(late.name) != "\x00\x00\x00\x00" {
		t.Errorf("one more, %q", late.name)
	}
	c.Time = c.Add(visitLife)
	if _, ok := v.begin(&visit{}); !ok || len(v.all) != 1 {
		t.Errorf("two hours later there are %d", len(v.all))
	}
}

func TestOptionsWithKeysAreNotMarshalled(t *testing.T) {
	o := Options{SecretKey: "hidden", RSA: fieldKeys().RSA, SM2: fieldKeys().SM2, RuleID: testRule}
	if text, err := json.Marshal(o); err != nil || string(text) != "{}" {
		t.Errorf("%.60s, %v", text, err)
	}
}
