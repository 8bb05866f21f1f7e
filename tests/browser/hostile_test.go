package browser

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// hostile is what somebody might enter in the place of a text, to have the person's
// browser do something. Whatever runs tells on itself by setting window.struck.
const hostile = ` "'><img src=x onerror="struck=1"><script>struck=1</script><svg onload="struck=1"><a href="javascript:struck=1">x</a>{{struck}}` + "${struck=1}"

// spoil adds it to each of the texts, with a number by which the text can be told, and
// returns the marks.
func spoil(texts object, names ...string) (marks []string) {
	for _, name := range names {
		switch v := texts[name].(type) {
		case string:
			mark := fmt.Sprintf("<i>%s %d</i>", name, people.Add(1))
			texts[name] = v + mark + hostile
			if name == "title" { // which has to be short
				texts[name] = mark + `<img src=x onerror="struck=1">`
			}
			marks = append(marks, mark)
		case object:
			marks = append(marks, spoil(v, "zh-CN", "en")...)
		default:
			panic(name)
		}
	}
	return marks
}

// spoils enters it wherever an enterprise can enter a text that a person sees.
func (w *world) spoils(t *testing.T) (marks []string) {
	t.Helper()
	operator := string(w.nod.Config.OperatorKey)
	e := w.call(t, "GET", "/v1/enterprises", operator, nil)["items"].([]any)[0].(object)
	marks = append(marks, spoil(e, "name")...)
	marks = append(marks, spoil(e["contact"].(object), "officer", "address")...)
	e["contact"].(object)["phone"] = "<i>1</i>"
	profile := object{}
	for _, field := range []string{"name", "contact", "time_zone", "mode", "frame_origins", "return_origins"} {
		profile[field] = e[field]
	}
	w.call(t, "PUT", "/v1/enterprises/"+w.tenant.Enterprise, operator, profile)

	d := w.call(t, "GET", "/v1/delegations", w.tenant.Admin, nil)["items"].([]any)[0].(object)
	fresh := object{"valid_from": time.Now().UTC().Add(-time.Hour), "valid_until": d["valid_until"]}
	for _, field := range []string{"agreement_ref", "agreement_sha256", "handler", "purposes", "routes", "data_kinds",
		"safeguards", "duties", "supervision", "return_and_deletion", "subprocessors", "instructed_by"} {
		fresh[field] = d[field]
	}
	recipient := fresh["subprocessors"].([]any)[0].(object)
	marks = append(marks, spoil(fresh, "agreement_ref")...)
	marks = append(marks, spoil(recipient, "name", "contact")...)
	delegation := w.call(t, "POST", "/v1/delegations", w.tenant.Admin, fresh)["id"]

	for _, i := range w.call(t, "GET", "/v1/notices", w.tenant.Admin, nil)["items"].([]any) {
		n := i.(object)
		if n["purpose"] != "exam" || n["audience"] != "adult" {
			continue
		}
		facts, contents := n["facts"].(object), n["contents"].(object)
		facts["recipients"] = []any{recipient}
		marks = append(marks, spoil(facts, "necessity", "impact", "rights", "contact")...)
		for _, lang := range []string{"zh-CN", "en"} {
			c := contents[lang].(object)
			marks = append(marks, spoil(c, "title", "summary", "body", "agree", "alternative")...)
		}
		w.call(t, "POST", "/v1/notices", w.tenant.Admin, object{"purpose": "exam", "audience": "adult",
			"delegation_id": delegation, "facts": facts, "contents": contents})
	}
	return marks
}

// Whatever an enterprise enters, or a platform sends, is shown as the text it is.
func TestNothingThatIsEnteredRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	marks := w.spoils(t)
	v := w.visitor(t, func(r object) { r["resource"] = "exam/1" + hostile; r["nonce"] = hostile })
	b := newTab(t, collins, "en")
	seen := ""
	looks := func() {
		t.Helper()
		eval[any](b, "document.querySelectorAll('details').forEach(d => { d.open = true })")
		seen += eval[string](b, "document.body.innerText + document.title")
		if struck := eval[bool](b, "'struck' in window"); struck {
			t.Errorf("a script ran at the step %s", b.step())
		}
		made := eval[string](b, `JSON.stringify([...document.querySelectorAll('i, img[src=x], svg, main script, a[href^="javascript"]')].map(e => e.outerHTML))`)
		var list []string
		b.must(json.Unmarshal([]byte(made), &list))
		if len(list) > 0 {
			t.Errorf("the step %s has elements of the enterprise's: %q", b.step(), list)
		}
	}
	b.open(v.url)
	b.at("consent")
	looks()
	b.click("中文").at("consent").reads("不同意")
	looks()
	b.click("English").at("consent").reads("Refuse")
	b.agrees(inEnglish).at("ready")
	looks()
	b.click("Receipt").at("receipt")
	looks()
	link := eval[string](b, "document.querySelector('a.long').href")
	b.click("Back").shoots(inEnglish).at("passed")
	looks()
	b.open(link)
	b.at("withdraw")
	looks()
	for _, mark := range marks {
		if !strings.Contains(seen, mark) {
			t.Errorf("%s is not shown as it was entered", mark)
		}
	}
}

// What a page is given in the place of an address does not run in it, and what others say in
// Nod's name is not heard: another frame, the page's own scripts, Nod's origin in another
// window.
func TestThePlatformsPageHearsNodAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	liar := liar(t)
	platform := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><div id="here" style="height:600px"></div><div id="there"></div>
			<script src="%s/nod.js"></script><script>
			const here = document.getElementById('here'), there = document.getElementById('there'), state = { refused: 0 }
			for (const url of ['javascript:parent.struck=1', ' JaVaScRiPt:parent.struck=1', 'data:text/html,<script>parent.struck=1<\/script>', 'blob:x', 'file:///etc/passwd'])
				Nod.check({ url, container: there }).then(() => { state.went = url }, () => { state.refused++ })
			Nod.check({ url: %q, container: here }).then(s => { state.ended = s })
			addEventListener('message', e => { if (e.data === 'lied') state.lied = true })
			const lie = { v: 1, source: 'nod', type: 'close', state: 'passed' }
			postMessage(lie, '*')
			dispatchEvent(new MessageEvent('message', { data: lie, origin: %q, source: window }))
			const f = document.createElement('iframe')
			f.src = %q
			document.body.append(f)
		</script>`, w.base, w.visitor(t).url, w.base, liar)
	}))
	t.Cleanup(platform.Close)
	w.registers(t, platform.URL)
	b := newTab(t, collins, "en")
	b.open(platform.URL)
	b.until("the lies", "state.lied && state.refused === 5")
	f := b.framed(w.base)
	f.at("consent").click("Refuse").at("refused")
	if eval[bool](b, "'struck' in window || 'went' in state || 'ended' in state || !!document.getElementById('there').firstChild") {
		t.Error("the page believed somebody else than Nod")
	}
	f.click("Back to the learning platform")
	b.until("the true state", "state.ended === 'refused'")
}

// A logo and a colour are a picture and a colour.
func TestALogoRunsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	operator := string(w.nod.Config.OperatorKey)
	e := w.call(t, "GET", "/v1/enterprises", operator, nil)["items"].([]any)[0].(object)
	profile := object{}
	for _, field := range []string{"name", "contact", "time_zone", "mode", "frame_origins", "return_origins"} {
		profile[field] = e[field]
	}
	const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" onload="top.struck=1"><script>top.struck=1</script>` +
		`<foreignObject width="120" height="40"><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="top.struck=1"/></body></foreignObject>` +
		`<image href="http://127.0.0.1:9/leak.png" width="9" height="9"/><rect width="120" height="40" fill="teal"/></svg>`
	profile["logo"] = "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(picture))
	profile["accent"] = "#0b6652"
	w.call(t, "PUT", "/v1/enterprises/"+w.tenant.Enterprise, operator, profile)
	b := newTab(t, collins, "en")
	b.open(w.visitor(t).url)
	b.at("consent")
	b.until("the logo", "[...document.images].some(i => i.src.startsWith('data:image/svg') && i.complete && i.naturalWidth === 120)")
	if eval[bool](b, "'struck' in window || !!document.querySelector('svg, foreignObject')") {
		t.Error("something in the logo ran")
	}
	// Only what is a picture and a colour gets there.
	for field, values := range map[string][]string{
		"logo": {"https://evil.example/1.png", "data:text/html;base64,PGI+", "data:image/svg+xml,<svg onload=x>", "data:image/png;base64,AAAA\" onload=\"x",
			"javascript:x", "data:image/svg+xml;base64,AAAA\n", "DATA:image/png;base64,AAAA"},
		"accent": {"red", "#0b6652;background:url(//evil.example)", "#0b66", "#0b6652\n", "var(--x)"},
	} {
		for _, value := range values {
			worse := maps.Clone(profile)
			worse[field] = value
			if status := w.status(t, "PUT", "/v1/enterprises/"+w.tenant.Enterprise, operator, worse); status != 422 {
				t.Errorf("%s %q is answered %d", field, value, status)
			}
		}
	}
}

// status makes a call of which only the status is of interest.
func (w *world) status(t testing.TB, method, path, key string, body object) int {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, w.base+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + key}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
