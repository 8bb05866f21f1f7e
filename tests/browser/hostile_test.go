package browser

import (
	"encoding/json"
	"fmt"
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
