package browser

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// ownPage makes a request one for the person's own page.
func ownPage(r object) {
	for _, name := range []string{"purpose", "route", "resource", "reference"} {
		delete(r, name)
	}
	r["kind"] = "me"
}

// ownPage opens the own page of somebody, in the words' language.
func (p *path) ownPage(subject string) {
	p.t.Helper()
	p.open(p.w.visits(p.t, subject, ownPage, func(r object) { r["locale"] = p.words.lang }).url)
	p.at("me")
}

func init() {
	home := func(p *path) {
		v := p.begins()
		p.shoots()
		p.at("passed")
		p.ownPage(v.subject)
	}
	places = append(places,
		place{"me", collins, home, false},
		place{"me-nothing", noCamera, func(p *path) { p.ownPage("emp-of-nothing-" + p.words.lang) }, false},
		place{"me-whole", collins, func(p *path) { home(p); p.click(p.says("您当时看到的文字", "The words you decided on")) }, false},
		place{"ask", noCamera, func(p *path) {
			p.ownPage("emp-asks-" + p.words.lang)
			p.click(p.says("提出要求", "Ask for something")).at("ask")
			p.selects("kind", "relative")
		}, false},
		place{"ask-faults", noCamera, func(p *path) {
			p.ownPage("emp-asks-nothing-" + p.words.lang)
			p.click(p.says("提出要求", "Ask for something")).at("ask").click(p.says("提交", "Send")).reads(p.says("请选择一项", "Please choose one of these"))
		}, false},
		place{"copy-whole", collins, func(p *path) {
			home(p)
			p.click(p.says("获取副本", "Get a copy")).at("copy").click(p.says("以文字显示", "As text"))
		}, false},
	)
}

func TestD12_D21_OnesOwnPageShowsWhatWasAgreedAndTakesItBackInOneStep(t *testing.T) {
	t.Parallel()
	for _, w := range []words{inEnglish, chinese} {
		t.Run(w.lang, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t, func(r object) { r["locale"] = w.lang })
			b := newTab(t, hopper, w.lang)
			p := &path{b, shared(), w}
			b.open(v.url)
			b.agrees(w).shoots(w).at("fail")
			p.ownPage(v.subject)
			b.reads(p.says("人脸照片：一张也没有", "Pictures of your face: none"), p.says("有效期至", "agreed on"))
			b.click(p.says("您当时看到的文字", "The words you decided on")).reads(p.says("我同意", "I agree: when I take an exam"))
			b.click(p.says("1 次核验", "One check")).reads(p.says("未通过", "no match"))
			b.click(p.says("撤回同意（考试）", "Withdraw (exams)")).at("receipt").reads(p.says("撤回凭证", "Receipt for your withdrawal"))
			v.is("withdrawn")
			b.click(p.says("返回", "Back")).at("me").reads(p.says("已撤回", "withdrawn on"))
			b.click(p.says("English", "中文")).reads(p.says("withdrawn on", "已撤回"))
		})
	}
}

// A request is answered on the page that it was made on.
func TestD24_ARequestAndItsAnswerOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, ownPage)
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("me").reads("Nothing here depends on a check", "answers within fifteen days")
	b.click("Ask for something").at("ask")
	b.click("Send").reads("Please choose one of these.")
	b.selects("kind", "complaint")
	b.click("Send").reads("Please write what it is about.")
	b.types("In your own words", "Nobody answers the phone.")
	b.click("中文").at("ask").reads("用您自己的话说") // what was typed stays
	b.click("English").at("ask").click("Send")
	b.at("me").reads("Your request is on its way", "Complain", "to be answered by")
	list := w.call(t, "GET", "/v1/requests?state=open", w.tenant.Admin, nil)["items"].([]any)
	if len(list) != 1 {
		t.Fatalf("the desk has %v", list)
	}
	id := list[0].(object)["id"].(string)
	if got := w.call(t, "GET", "/v1/requests/"+id, w.tenant.Admin, nil)["text"]; got != "Nobody answers the phone." {
		t.Errorf("the desk reads %q", got)
	}
	w.pass(10 * time.Minute)
	w.call(t, "POST", "/v1/requests/"+id+"/resolve", w.tenant.Admin, object{"outcome": "refused", "answer": "The line works again.", "reason": "answered_before"})
	b.do(chromedp.Reload())
	b.at("me").reads("declined on", "the same was answered before", "The line works again.")
}

func TestD22_ARelativeHandsInAProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, ownPage)
	proof := filepath.Join(t.TempDir(), "proof.pdf")
	if err := os.WriteFile(proof, []byte("%PDF-1.7\nmade-up\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, noCamera, "en")
	b.open(v.url)
	b.at("me").click("Ask for something").at("ask")
	b.selects("kind", "relative")
	b.types("In your own words", "He has died.")
	b.click("Send").reads("Please choose a file.")
	b.selects("relation", "spouse")
	b.do(chromedp.SetUploadFiles("#field-proof_file", []string{proof}))
	b.click("Send").at("me").reads("Ask as a relative of somebody who has died")
	list := w.call(t, "GET", "/v1/requests", w.tenant.Admin, nil)["items"].([]any)
	read := w.call(t, "GET", "/v1/requests/"+list[0].(object)["id"].(string), w.tenant.Admin, nil)
	if read["proof_file"] != "JVBERi0xLjcKbWFkZS11cAo=" || read["relation"] != "spouse" {
		t.Errorf("the desk reads %v", read)
	}
}

// The copy can be taken where nothing can be saved.
func TestD21_TheCopyIsAFileAndAText(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, noCamera, "en")
	p := &path{b, shared(), inEnglish}
	b.open(v.url)
	b.agrees(inEnglish)
	p.ownPage(v.subject)
	b.click("Get a copy").at("copy").click("As text")
	b.until("the text", "document.getElementById('field-copy').value")
	text := eval[string](b, "document.getElementById('field-copy').value")
	saved := eval[string](b, "document.querySelector('a[download]').protocol")
	var got object
	if err := json.Unmarshal([]byte(text), &got); err != nil || got["format"] != "nod-copy-1" || got["subject"] != v.subject || saved != "blob:" {
		t.Errorf("the copy is %.200s (%v), saved from %s", text, err, saved)
	}
	b.click("Back").at("me")
}

// Guardians and the young have pages of their own, too.
func TestD21_AGuardiansOwnPage(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"minor", "child"} {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t, ownPage, func(r object) { r["age_group"] = group })
			b, g := newTab(t, noCamera, "en"), newTab(t, noCamera, "en")
			b.open(v.url)
			b.at("me").reads("What is kept about you")
			g.open(v.guardian())
			g.at("me").reads("You can close this page")
		})
	}
}

func TestOnesOwnPageExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t, ownPage)
	b := newTab(t, noCamera, "en")
	b.expects("401")
	b.open(v.url)
	b.at("me")
	w.pass(16 * time.Minute)
	b.click("Ask for something").at("ask")
	b.selects("kind", "copy")
	b.click("Send").at("expired").reads("This page has expired", "Everything is as you left it")
}

// The demo platform leads there.
func TestThePlatformLeadsToOnesOwnPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, noCamera, "en")
	b.open(w.lms.Origin() + "/exam?lang=en")
	b.click("My records at Nod").at("me").reads("What is kept about you", "Back to the learning platform")
}
