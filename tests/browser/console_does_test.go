package browser

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"nod/shared/domain"
	"nod/tests/bucket"
)

// anotherKey makes a key of a role and returns it with its id.
func (w *world) anotherKey(t testing.TB, role string) (key, id string) {
	t.Helper()
	made := w.call(t, "POST", "/v1/enterprises/"+w.tenant.Enterprise+"/keys", string(w.nod.Config.OperatorKey), object{"role": role, "holder": fmt.Sprint("Li Na ", people.Add(1))})
	return made["key"].(string), made["id"].(string)
}

func TestSigningInToTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Test)
	b := newTab(t, noCamera, "en")
	b.expects("401", "403")
	b.open(w.base + "/console")
	b.at("sign-in").reads("API key", "memory of this page")
	b.signsIn("hello").reads("This is not an API key")
	b.signsIn(w.tenant.Integrator).reads("This key is for a program")
	b.signsIn(string(w.nod.Config.OperatorKey)).reads("This key is for a program")
	b.signsIn(w.tenant.Admin[:len(w.tenant.Admin)-1] + "_").reads("Nod does not know this key")
	revoked, id := w.anotherKey(t, "auditor")
	w.call(t, "POST", "/v1/keys/"+id+"/revoke", string(w.nod.Config.OperatorKey), object{})
	b.signsIn(revoked).reads("Nod does not know this key")
	b.signsIn("  "+w.tenant.Admin+" ").at("overview").reads("Example Learning Ltd", "demo admin · administrator", "Test mode")
	b.settled()

	left := eval[string](b, `JSON.stringify([location.href, document.cookie, Object.entries(sessionStorage), Object.entries(localStorage), document.documentElement.outerHTML,
		[...document.querySelectorAll('input')].map(e => e.value)])`)
	if secret := w.tenant.Admin[strings.LastIndex(w.tenant.Admin, "_")+1:]; strings.Contains(left, secret) {
		t.Error("the key is somewhere in the page's address, storage or text")
	}
	b.click("Sign out").at("sign-in")
	b.signsIn(w.tenant.Auditor).at("overview").reads("demo auditor · auditor")
	b.do(chromedp.Reload())
	b.at("sign-in") // the key went with the page
}

// What a role may not do is not offered to it.
func TestTheConsoleOffersWhatTheRoleMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.asks(t, "explain")
	offered := func(b *tab) string {
		b.settled()
		return eval[string](b, "[...document.querySelectorAll('nav a, main button')].map(e => e.textContent.trim()).join(' | ')")
	}
	admin, auditor := w.console(t, w.tenant.Admin, "en"), w.console(t, w.tenant.Auditor, "en")
	acts := []string{"Publish a notice", "Publish another version", "Record a delegation", "Record its successor", "Revoke", "Read", "Webhooks"}
	for _, role := range []struct {
		b           *tab
		has, hasNot []string
	}{
		{admin, acts, []string{"Exports", "Make the export"}},
		{auditor, []string{"Exports", "Make the export", "See as people do", "The agreement’s file"}, acts},
	} {
		all := offered(role.b)
		for _, section := range []string{"notices", "delegations", "requests", "exports", "webhooks"} {
			eval[any](role.b, "(location.hash = '"+section+"', null)")
			role.b.until("the section", "document.getElementById('main').dataset.step === (document.querySelector('nav a[aria-current]').hash.slice(1)) && (location.hash === '#"+section+"')")
			all += " | " + offered(role.b)
		}
		for _, name := range role.has {
			if !strings.Contains(all+" |", "| "+name+" |") {
				t.Errorf("%s is not offered: %s", name, all)
			}
		}
		for _, name := range role.hasNot {
			if strings.Contains(all+" |", "| "+name+" |") {
				t.Errorf("%s is offered: %s", name, all)
			}
		}
	}
}

// The charts are drawn, of what happened, and say it in words and in a table, too.
func TestTheConsolesCharts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.hasPast(t)
	b := w.console(t, w.tenant.Auditor, "en").settled()
	b.until("three charts", "document.querySelectorAll('.plot canvas').length === 3")
	drawn := func() string {
		return eval[string](b, `new Promise(done => setTimeout(() => requestAnimationFrame(() => done([...document.querySelectorAll('.plot canvas')].map(c => {
			const all = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, seen = new Set()
			for (let i = 0; i < all.length; i += 4) if (all[i + 3] === 255) seen.add(all[i] + ',' + all[i + 1] + ',' + all[i + 2])
			return ['11,102,82', '164,38,44'].map(x => seen.has(x)).join()
		}).join(' '))), 100))`)
	}
	if got := drawn(); got != "true,true true,true true,false" {
		t.Errorf("the lines that are drawn: %s", got)
	}
	stats := w.call(t, "GET", "/v1/stats?from="+time.Now().Add(-40*24*time.Hour).UTC().Format(time.RFC3339)+"&to="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), w.tenant.Auditor, nil)
	days := map[string]float64{}
	zone, _ := time.LoadLocation("Asia/Shanghai")
	for _, p := range stats["purposes"].([]any) {
		for _, x := range p.(object)["buckets"].([]any) {
			at, err := time.Parse(time.RFC3339, x.(object)["from"].(string))
			b.must(err)
			days[at.In(zone).Format("Jan 2")] += x.(object)["consents"].(object)["granted"].(float64)
		}
	}
	b.click("As a table")
	rows := eval[[][]string](b, `[...document.querySelectorAll('[data-chart=Consents] tbody tr')].map(r => [...r.querySelectorAll('.cell')].map(c => c.textContent))`)
	sum := 0.0
	for _, row := range rows {
		if want := fmt.Sprint(days[row[0]]); row[1] != want {
			t.Errorf("on %s the table has %s, want %s", row[0], row[1], want)
		}
		sum += days[row[0]]
	}
	if label := eval[string](b, "document.querySelector('[data-chart=Consents] .plot').getAttribute('aria-label')"); len(rows) < 20 || !strings.Contains(label, fmt.Sprintf("agreed %v,", sum)) {
		t.Errorf("%d rows, and the chart is called %q, with %v", len(rows), label, sum)
	}
	b.reads("More checks fail than before for exams (comparison of two photos)")
	b.choosesIn("unit", "week").choosesIn("purpose", "training").settled()
	b.reads("Nothing of this happened in the time that is shown.")
	b.choosesIn("purpose", "exam").choosesIn("days", "365").settled()
	b.until("three charts", "document.querySelectorAll('.plot canvas').length === 3")
	if got := drawn(); got != "true,true true,true true,false" {
		t.Errorf("by week, the lines that are drawn: %s", got)
	}
}

// choosesIn chooses one of a list beside the numbers.
func (b *tab) choosesIn(name, value string) *tab {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => { const e = document.getElementById('choose-%s'); e.value = '%s'; return e.dispatchEvent(new Event('change', { bubbles: true })) })()`, name, value))
	return b
}

// fillsIn fills a field of a form in, by its name.
func (b *tab) fillsIn(name, value string) *tab {
	b.t.Helper()
	id := quote("field-" + name)
	b.until("the field "+name, "document.getElementById("+id+")")
	eval[bool](b, `(() => { const e = document.getElementById(`+id+`); e.value = `+quote(value)+`
		for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, { bubbles: true })); return true })()`)
	return b
}

// downloadsTo has the tab's browser save files to a folder of the test's own.
func (b *tab) downloadsTo() (dir string) {
	b.t.Helper()
	dir = b.t.TempDir()
	c := chromedp.FromContext(b.ctx)
	_, err := cdp.Call(b.ctx, c.Browser, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: c.BrowserContextID, DownloadPath: dir})
	b.must(err)
	return dir
}

// saved waits for the bundle of an export in the folder, and holds it against what Nod says.
func (b *tab) saved(dir string, made object) {
	b.t.Helper()
	b.savedAs(dir, "nod-"+made["id"].(string)+".zip", made)
}

func (b *tab) savedAs(dir, name string, made object) {
	b.t.Helper()
	file := filepath.Join(dir, name)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		content, err := os.ReadFile(file)
		if sum := sha256.Sum256(content); err == nil && hex.EncodeToString(sum[:]) == made["sha256"] {
			return
		}
	}
	b.t.Errorf("the bundle %v is not saved", made)
}

func (w *world) onlyExport(t testing.TB) object {
	t.Helper()
	list := w.call(t, "GET", "/v1/exports", w.tenant.Auditor, nil)["items"].([]any)
	if len(list) != 1 {
		t.Fatalf("the exports are %v", list)
	}
	return list[0].(object)
}

func TestAnExportIsMadeInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := w.console(t, w.tenant.Auditor, "en")
	dir := b.downloadsTo()
	b.expects("422")
	b.turnsTo("Exports", "exports").reads("None was made yet.")
	b.click("Make an export")
	b.fillsIn("identifiers", "subjects").click("Make the export")
	b.until("the fault", "document.querySelector('[data-of=reason]').textContent")
	b.fillsIn("reason", "audit").click("Make the export").reads("waits for its turn", "an audit")
	b.until("a bar", "document.querySelector('progress')")
	w.tick(t)
	b.reads("ready", "SHA-256")
	made := w.onlyExport(t)
	if made["identifiers"] != "subjects" || made["reason"] != "audit" {
		t.Errorf("what was ordered is %v", made)
	}
	b.click("Download").reads("The bundle is saved")
	b.saved(dir, made)
}

func TestADossierIsOrderedInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := w.console(t, w.tenant.Auditor, "en")
	dir := b.downloadsTo()
	b.expects("422")
	b.turnsTo("Exports", "exports").click("Make an export")
	b.fillsIn("extent", "dossier").click("Make the export").reads("Please enter whom it is about.")
	if eval[bool](b, "document.getElementById('field-from').checkVisibility() || document.getElementById('field-purposes').checkVisibility()") {
		t.Error("a dossier is asked for its days or its purposes")
	}
	b.fillsIn("subject", "emp-17").click("Make the export")
	b.until("the fault", "document.querySelector('[data-of=reason]').textContent")
	b.fillsIn("reason", "legal_proceedings").click("Make the export")
	b.reads("The whole log about one person", "reason: a court or an arbitration is shown it", "waits for its turn")
	w.tick(t)
	b.reads("ready", "0 records") // nobody has the id
	made := w.onlyExport(t)
	if made["dossier"] != true || made["reason"] != "legal_proceedings" || made["identifiers"] != "pseudonyms" {
		t.Errorf("what was ordered is %v", made)
	}
	b.click("Download").reads("The bundle is saved")
	b.savedAs(dir, "nod-dossier-"+made["id"].(string)+".zip", made)
}

// Every kind of export is in the list, in both languages; one of which the page knows
// nothing takes none of the others with it.
func TestTheConsoleListsEveryKindOfExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.hasEveryExport(t)
	for lang, shown := range map[string][]string{
		"en":    {"Exports made", "The whole log about one person", "reason: a court", "The last export", "made by Nod at the end of the service", "from Jan 1, 2026 on", "Jan 1, 2026 – Dec 31, 2026", "This page cannot show this export.", "01-of-tomorrow"},
		"zh-CN": {"已有的导出", "某个人的全部日志", "理由：向法院", "最后的导出", "服务结束时由 Nod 制作", "2026年1月1日 起", "2026年1月1日 – 2026年12月31日", "本页无法显示这份导出。", "01-of-tomorrow"},
	} {
		b := w.console(t, w.tenant.Auditor, lang)
		eval[any](b, `(() => { const asks = window.fetch; window.fetch = async (path, ...more) => {
			const answer = await asks(path, ...more)
			if (!/^\/v1\/exports\?/.test(path)) return answer
			const list = await answer.json()
			list.items.splice(1, 0, { id: '01-of-tomorrow', state: 'somewhere' })
			return new Response(JSON.stringify(list), { headers: { 'Content-Type': 'application/json' } })
		}; return null })()`)
		b.turnsTo(map[string]string{"en": "Exports", "zh-CN": "导出"}[lang], "exports").reads(shown...)
		if rows := eval[int](b, "document.querySelectorAll('tbody tr').length"); rows != 5 {
			t.Errorf("%d rows", rows)
		}
	}
}

// Of many exports the newest are shown, and that they are not all.
func TestTheConsoleShowsTheNewestExports(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.exec(t, `WITH RECURSIVE past(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM past WHERE i < 1001)
		INSERT INTO exports (enterprise, id, asked, actor, made_at, state, done, total, work, lease, due_at, tries, started_at, ready_at, object, bytes, sha256, expires_at)
		SELECT ?, printf('0192f0c1-2a00-7b10-8c11-%012d', i), '{"from":"2025-01-01T00:00:00Z","to":"2025-02-01T00:00:00Z","identifiers":"pseudonyms"}', '', ?, 'failed', 0, 0, '', '', 0, 0, 0, 0, '', 0, '', 0 FROM past`,
		w.tenant.Enterprise, time.Now().UnixMilli())
	w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "identifiers": "pseudonyms"})
	b := w.console(t, w.tenant.Auditor, "en")
	b.turnsTo("Exports", "exports").reads("The newest 200 of 1,002 are shown.", "waits for its turn")
}

// How far an export is, is shown while it is being made, and told to those who listen.
func TestTheConsoleFollowsAnExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "identifiers": "pseudonyms"})
	b := w.console(t, w.tenant.Auditor, "en")
	b.turnsTo("Exports", "exports").reads("waits for its turn")
	at := func(done int) {
		w.exec(t, "UPDATE exports SET state = 'running', done = ?, total = 10000, started_at = ?", done, time.Now().Add(-time.Minute).UnixMilli())
	}
	at(1000)
	b.reads("10%: 1,000 of 10,000 records", "min left")
	at(6000)
	b.reads("60%: 6,000 of 10,000 records")
	if bar := eval[string](b, "document.querySelector('progress').value + ' ' + document.getElementById('live').textContent"); !strings.HasPrefix(bar, "0.6 60%: 6,000 of") {
		t.Errorf("the bar and what is told are %s", bar)
	}
	w.exec(t, "UPDATE exports SET state = 'failed'")
	b.reads("failed: make another one")
}

// Where bundles lie in an object storage, the browser fetches them there, and the key does
// not go with it.
func TestABundleComesFromTheObjectStorage(t *testing.T) {
	t.Parallel()
	var keys atomic.Int64
	objects := bucket.StartBehind(t, func(storage http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Authorization"), "nod_") {
				keys.Add(1)
			}
			storage.ServeHTTP(w, r)
		})
	})
	w := newWorldWith(t, domain.Live, objects)
	w.call(t, "POST", "/v1/exports", w.tenant.Auditor, object{"from": "2026-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "identifiers": "pseudonyms"})
	w.tick(t)
	b := w.console(t, w.tenant.Auditor, "en")
	dir := b.downloadsTo()
	b.turnsTo("Exports", "exports").click("Download")
	b.saved(dir, w.onlyExport(t))
	if b.step() != "exports" || keys.Load() > 0 {
		t.Errorf("the page shows %s, and the storage was given %d keys", b.step(), keys.Load())
	}
}

// What somebody previews is what people see, word by word, and it is published only then.
func TestANoticeIsPreviewedAndPublishedInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := w.console(t, w.tenant.Admin, "en")
	b.expects("422")
	count := func() int {
		return len(w.call(t, "GET", "/v1/notices?limit=200", w.tenant.Admin, nil)["items"].([]any))
	}
	before := count()
	b.turnsTo("Notices", "notices")
	eval[any](b, `([...document.querySelectorAll('button')].find(e => e.getAttribute('aria-label') === 'Publish another version: exams · adults').click(), null)`)
	b.at("publish")
	b.fillsIn("facts.retention_days", "12").click("See what it will be")
	b.until("the fault", "document.querySelector(\"[data-of='facts.retention_days']\").textContent")
	b.fillsIn("facts.retention_days", "1500").fillsIn("contents.en.title", "Another title").fillsIn("facts.contact.en", "A new officer")
	b.click("中文").at("publish").reads("公布告知")
	if kept := eval[string](b, "document.getElementById('field-contents.en.title').value"); kept != "Another title" {
		t.Errorf("in the other language the form has %q", kept)
	}
	b.click("English").at("publish").click("See what it will be").at("preview").settled()
	b.reads("exams · adults · version 2", "asks everyone again", "how long records are kept (important change)", "Another title")
	if count() != before {
		t.Fatal("the preview has published something")
	}
	shown := `(root => { root.querySelectorAll('details').forEach(d => { d.open = true }); root.querySelectorAll('code').forEach(c => c.remove()); root.querySelectorAll('.banner').forEach(c => c.remove())
		return root.textContent.replace(/\s+/g, ' ').replace(/\(CST\)/g, '') })`
	previewed := eval[string](b, shown+"(document.querySelector('.person').cloneNode(true))")
	b.click("Publish")
	b.until("the question", "document.querySelector('dialog[open]')")
	b.click("Cancel")
	if count() != before {
		t.Fatal("it was published without a yes")
	}
	b.click("Publish")
	b.until("the question", "document.querySelector('dialog[open]')")
	eval[any](b, "(document.querySelector('dialog[open] .main').click(), null)")
	b.at("notices").settled()
	if count() != before+1 {
		t.Fatal("it was not published")
	}
	v := w.visitor(t)
	page := newTab(t, noCamera, "en")
	page.open(v.url)
	page.at("consent")
	if seen := eval[string](page, shown+"(document.getElementById('main').cloneNode(true))"); seen != previewed {
		t.Errorf("people see\n%s\nand the preview had\n%s", seen, previewed)
	}
}

func TestADelegationIsRecordedInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := w.console(t, w.tenant.Admin, "en")
	b.expects("422")
	agreement := filepath.Join(t.TempDir(), "agreement.pdf")
	content := []byte("%PDF-1.7\nan agreement\n")
	b.must(os.WriteFile(agreement, content, 0o600))
	sum := sha256.Sum256(content)
	b.turnsTo("Delegations", "delegations")
	b.click("Record its successor").at("record")
	b.click("Read it once more").reads("Please enter a time.")
	b.fillsIn("valid_from", "2026-11-01T09:00").fillsIn("valid_until", "2027-11-01T09:00")
	b.do(chromedp.SetUploadFiles("#field-agreement_file", []string{agreement}))
	b.reads("agreement.pdf was read")
	b.click("Read it once more").at("record-preview").reads(hex.EncodeToString(sum[:]), "With the file agreement.pdf")
	b.click("Record it")
	b.until("the question", "document.querySelector('dialog[open]')")
	eval[any](b, "(document.querySelector('dialog[open] .main').click(), null)")
	b.at("record").reads("This field is needed.") // it was empty
	b.until("the fault", "document.querySelector('[data-of=agreement_ref]').textContent")
	b.fillsIn("agreement_ref", "DPA-2027").click("Read it once more").at("record-preview").click("Record it")
	b.until("the question", "document.querySelector('dialog[open]')")
	eval[any](b, "(document.querySelector('dialog[open] .main').click(), null)")
	b.at("delegations").settled().reads("DPA-2027 · version 2")
	list := w.call(t, "GET", "/v1/delegations", w.tenant.Admin, nil)["items"].([]any)
	made := list[len(list)-1].(object)
	file := w.call(t, "GET", "/v1/delegations/"+made["id"].(string)+"/agreement", w.tenant.Admin, nil)
	if made["agreement_sha256"] != hex.EncodeToString(sum[:]) || made["supersedes"] != w.tenant.Delegation || file["agreement_file"] != base64.StdEncoding.EncodeToString(content) {
		t.Errorf("what is on record is %v", made)
	}
}

func TestARequestIsAnsweredInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.asks(t, "explain")
	b := w.console(t, w.tenant.Admin, "en")
	b.turnsTo("Requests", "requests")
	b.click("Read").at("request").settled().reads("An explanation", "the person")
	b.fillsIn("answer", "A program compares two photos.").click("Send the answer")
	b.until("the question", "document.querySelector('dialog[open]')")
	eval[any](b, "(document.querySelector('dialog[open] .main').click(), null)")
	b.reads("done on", "A program compares two photos.")
	if open := w.call(t, "GET", "/v1/requests?state=open", w.tenant.Admin, nil)["items"].([]any); len(open) != 0 {
		t.Errorf("there wait %v", open)
	}
}

func TestAMessageIsSentAgainFromTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.hasFailed(t, 2)
	b := w.console(t, w.tenant.Admin, "en")
	b.settled().reads("2 webhook messages could not be delivered")
	b.turnsTo("Webhooks", "webhooks").reads("it was not accepted", "HTTP 503")
	b.click("Send again")
	b.until("one row", "document.querySelectorAll('tbody tr').length === 1")
	if waiting := w.call(t, "GET", "/v1/webhooks?state=waiting", w.tenant.Admin, nil)["items"].([]any); len(waiting) != 1 {
		t.Errorf("there wait %v", waiting)
	}
	b.click("Send again").reads("Every message has arrived")
}

// Whoever's key ends while they write goes on with another one: nothing is lost. So it is
// when Nod cannot be reached.
func TestNothingThatWasWrittenInTheConsoleIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	key, id := w.anotherKey(t, "admin")
	b := w.console(t, key, "en")
	b.expects("401", "503")
	b.turnsTo("Notices", "notices").click("Publish a notice").at("publish")
	b.fillsIn("contents.zh-CN.title", "写了一半")
	written := func() string {
		b.until("the form", "document.getElementById('field-contents.zh-CN.title')")
		return eval[string](b, "document.getElementById('field-contents.zh-CN.title').value")
	}
	w.door.shut.Store(true)
	b.click("See what it will be").reads("Nod could not be reached")
	w.door.shut.Store(false)
	if written() != "写了一半" {
		t.Errorf("after an outage the form has %q", written())
	}
	b.turnsTo("Overview", "overview").turnsTo("Notices", "notices").click("Go on with the notice you began").at("publish")
	if written() != "写了一半" {
		t.Errorf("after a look around the form has %q", written())
	}
	w.call(t, "POST", "/v1/keys/"+id+"/revoke", string(w.nod.Config.OperatorKey), object{})
	b.click("See what it will be")
	b.reads("Your key does not work any more")
	b.signsIn("nod_admin_x").reads("Nod does not know this key")
	b.expects("422")
	b.signsIn(w.tenant.Admin)
	b.until("no dialog", "!document.querySelector('dialog')")
	b.until("faults", "[...document.querySelectorAll('.fault')].some(e => e.textContent)") // of the call, which went on
	if written() != "写了一半" || b.step() != "publish" {
		t.Errorf("with the new key %s has %q", b.step(), written())
	}
}

func TestTheConsoleByTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, noCamera, "en")
	b.do(chromedp.EmulateViewport(1280, 900))
	b.open(w.base + "/console")
	b.at("sign-in")
	if at := eval[string](b, "document.activeElement.id"); at != "field-key" {
		t.Errorf("the focus is on %s", at)
	}
	b.do(chromedp.KeyEvent(w.tenant.Auditor), chromedp.KeyEvent("\r"))
	b.at("overview").settled()
	b.until("the title", "document.activeElement.tagName === 'H1'")
	b.do(chromedp.Reload())
	b.at("sign-in").do(chromedp.KeyEvent(w.tenant.Auditor), chromedp.KeyEvent("\r"))
	b.at("overview").settled()
	eval[any](b, "(document.querySelector('#skip').focus(), null)")
	b.tabsTo("Exports").at("exports").settled()
	b.until("the title", "document.activeElement.tagName === 'H1'")
	b.tabsTo("Make an export").tabsTo("Make the export").reads("waits for its turn")
	eval[any](b, "(document.querySelector('#skip').focus(), null)")
	b.tabsTo("Delegations").at("delegations").settled()
}

// What others wrote is text in the console, and never a script.
func TestHostileTextsDoNothingInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	w.spoils(t)
	for _, key := range []string{w.tenant.Admin, w.tenant.Auditor} {
		b := w.console(t, key, "en")
		b.reads("<script>struck=1</script>")
		b.turnsTo("Notices", "notices")
		b.click("See as people do").at("notice").settled()
		eval[any](b, "document.querySelectorAll('details').forEach(d => { d.open = true })")
		b.turnsTo("Delegations", "delegations")
		eval[any](b, "document.querySelectorAll('details').forEach(d => { d.open = true })")
		b.reads("<script>struck=1</script>")
		if eval[bool](b, "window.struck !== undefined || !!document.querySelector('main img, main svg[onload], a[href^=javascript]')") {
			t.Error("a text has become markup")
		}
	}
}
