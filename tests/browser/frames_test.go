package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nod/shared/domain"
)

// The platform's start button opens a dialog with Nod's page in it; when the person is
// done, the platform's server fetches the assertion and lets them go on.
func TestThePlatformsStartButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, collins, "en")
	b.open(w.lms.Origin() + "/exam")
	b.reads("Safety exam").click("Start the exam")
	f := b.framed(w.base)
	f.agrees(inEnglish).shoots(inEnglish).at("passed").click("Continue")
	b.reads("You may go on: your identity is confirmed.")
	if left := eval[int](b, "document.querySelectorAll('dialog, iframe').length"); left != 0 {
		t.Errorf("%d things of the dialog are left", left)
	}

	// Refusing, and closing the dialog, decide nothing for the platform.
	b.open(w.lms.Origin() + "/training?lang=zh-CN")
	b.reads("安全培训").click("开始培训")
	f = b.framed(w.base)
	f.at("consent").click("不同意").at("refused")
	b.click("✕")
	b.reads("还没有确认身份")
}

// In browsers inside apps a frame has no camera: the browser goes to the page and comes back.
func TestBrowsersInsideAppsAreSentToThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	b := newTab(t, collins, "en")
	b.is("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50", "en")
	b.open(w.lms.Origin() + "/exam")
	b.click("Start the exam")
	b.agrees(inEnglish).shoots(inEnglish).at("passed").click("Back to the learning platform")
	b.reads("Safety exam", "You may go on")
	at := eval[string](b, "location.href")
	if !strings.HasPrefix(at, w.lms.Origin()+"/exam?check=") || !strings.Contains(at, "&nod_session=") || !strings.HasSuffix(at, "&nod_state=passed") {
		t.Errorf("the browser came back to %s", at)
	}
}

// elsewhere is a page of another site that frames an address of Nod's and keeps what it
// is told.
func elsewhere(t testing.TB, allow string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><iframe allow=%q style="width:100%%;height:600px"></iframe><script>
			window.told = []
			addEventListener('message', e => told.push({ origin: e.origin, ...e.data }))
			document.querySelector('iframe').src = decodeURIComponent(location.search.slice(1))
		</script>`, allow)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Where an origin is not registered the browser shows nothing of the page.
func TestAnOriginThatIsNotRegistered(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.expects("frame-ancestors", "Refused to frame", "ERR_BLOCKED_BY_RESPONSE", "chrome-error")
	b.open(elsewhere(t, "camera") + "/?" + strings.ReplaceAll(v.url, "#", "%23"))
	b.complains("frame-ancestors")
	v.is("open")
	if told := eval[int](b, "told.length"); told != 0 {
		t.Errorf("it was told %d things", told)
	}
}

// A registered origin is told the states, and nothing else.
func TestThePageAroundIsToldTheStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	around := elsewhere(t, "camera")
	w.registers(t, around)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.open(around + "/?" + strings.ReplaceAll(v.url, "#", "%23"))
	f := b.framed(w.base)
	f.agrees(inEnglish).shoots(inEnglish).at("passed").click("Continue")
	b.until("the last message", "told.at(-1)?.type === 'close'")
	got := eval[string](b, "JSON.stringify(told)")
	message := func(kind, state string) string {
		return fmt.Sprintf(`{"origin":%q,"v":1,"source":"nod","type":%q,"session":%q,"state":%q}`, w.base, kind, v.id, state)
	}
	want := "[" + strings.Join([]string{message("state", "open"), message("state", "consented"), message("state", "passed"), message("close", "passed")}, ",") + "]"
	if got != want {
		t.Errorf("it was told\n%s, want\n%s", got, want)
	}
}

// A frame that was given no camera says so, and goes on in a window of its own.
func TestAFrameWithoutACamera(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	around := elsewhere(t, "")
	w.registers(t, around)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.open(around + "/?" + strings.ReplaceAll(v.url, "#", "%23"))
	f := b.framed(w.base)
	f.agrees(inEnglish).click("Open the camera").at("trouble-blocked").reads("without the right to use a camera")
	opened := b.nextTab("Get ready for a photo", func() { f.click("Open in its own window") })
	opened.at("ready").click("Open the camera").at("live").click("Take photo").at("passed").closesBy("Continue")
	f.at("follow").reads("You passed")
	v.is("passed")
}

// The platform may give the page a place of its own in the place of a dialog.
func TestAPlaceOfThePlatformsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	platform := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(rw, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><div id="here" style="height:600px"></div>
			<script src="%s/nod.js"></script><script>
			Nod.check({ url: decodeURIComponent(location.search.slice(1)), container: document.getElementById('here') })
				.then(state => { window.state = state })
		</script>`, w.base)
	}))
	t.Cleanup(platform.Close)
	w.registers(t, platform.URL)
	b := newTab(t, collins, "en")
	b.open(platform.URL + "/?" + strings.ReplaceAll(w.visitor(t).url, "#", "%23"))
	f := b.framed(w.base)
	f.at("consent").click("Refuse").at("refused").click("Back to the learning platform")
	b.until("the state", "window.state === 'refused' && !document.getElementById('here').firstChild")
}

// registers adds an origin to the enterprise's.
func (w *world) registers(t testing.TB, origin string) {
	t.Helper()
	e := w.call(t, "GET", "/v1/enterprises", string(w.nod.Config.OperatorKey), nil)["items"].([]any)[0].(object)
	profile := object{"frame_origins": []string{w.lms.Origin(), origin}}
	for _, field := range []string{"name", "contact", "time_zone", "mode", "return_origins"} {
		profile[field] = e[field]
	}
	w.call(t, "PUT", "/v1/enterprises/"+w.tenant.Enterprise, string(w.nod.Config.OperatorKey), profile)
}

// What is served beside the pages.
func TestWhatIsServedBesideThePages(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/nod.js": "text/javascript; charset=utf-8", "/nod.d.ts": "text/plain; charset=utf-8", "/WW_verify_abc123.txt": "text/plain; charset=utf-8",
	} {
		resp, err := http.Get(shared().base + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want {
			t.Errorf("%s: %s, %s", path, resp.Status, resp.Header.Get("Content-Type"))
		}
	}
}
