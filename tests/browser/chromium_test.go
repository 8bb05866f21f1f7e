package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) {
	code := 0
	defer func() { os.Exit(code) }()
	defer browsers.close()
	code = m.Run()
}

// browsers are Chromium processes, one for each scene that a camera may see: what it
// sees is fixed when it starts. They are started when they are first needed.
var browsers = &fleet{running: map[scene]context.Context{}}

type fleet struct {
	mu      sync.Mutex
	dir     string
	running map[scene]context.Context
	stops   []func()
}

func (f *fleet) close() {
	for _, stop := range slices.Backward(f.stops) {
		stop()
	}
	os.RemoveAll(f.dir)
}

// atTheEnd is called when all tests are over.
func (f *fleet) atTheEnd(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stops = append(f.stops, do)
}

// folder is where something may be kept until all tests are over.
func (f *fleet) folder() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tempDir()
}

func (f *fleet) tempDir() string {
	if f.dir == "" {
		dir, err := os.MkdirTemp("", "nod-browser-")
		if err != nil {
			panic(err)
		}
		f.dir = dir
	}
	return f.dir
}

// seeing returns the context of a browser whose camera sees the scene.
func (f *fleet) seeing(t testing.TB, s scene) context.Context {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx := f.running[s]; ctx != nil {
		return ctx
	}
	dir := f.tempDir()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("hide-scrollbars", true),
	)
	if s != noCamera {
		options = append(options, chromedp.Flag("use-fake-device-for-media-stream", true))
	}
	if s != noCamera && s != asksFirst {
		options = append(options, chromedp.Flag("use-fake-ui-for-media-stream", true),
			chromedp.Flag("use-file-for-fake-video-capture", film(t, dir, s)))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	f.stops = append(f.stops, stop)
	ctx, end := chromedp.NewContext(allocator)
	f.stops = append(f.stops, end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start (make setup installs it): %v", err)
	}
	f.running[s] = ctx
	return ctx
}

// tab is one tab of a browser, in a profile of its own: nothing is shared with others.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	faults   []string // what the browser complained of
	excuse   []string // complaints that the test expects
	contexts []script // where scripts can run now: the page, and its frames

	around *tab   // for a frame: the tab it is in
	origin string // and whose page it shows
}

// script is where scripts of one origin run.
type script struct{ id, origin string }

// patience is how long anything may take; a test that waits longer has failed.
const patience = 40 * time.Second

// newTab opens a tab, of the size of a phone unless it is changed.
func newTab(t testing.TB, s scene, lang string) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, stop := chromedp.NewContext(browsers.seeing(t, s), chromedp.WithNewBrowserContext(), chromedp.WithListener(b.listen))
	b.ctx = ctx
	b.must(chromedp.Do(ctx)) // the tab lives as long as the context of its first use
	t.Cleanup(func() {
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			if !slices.ContainsFunc(b.excuse, func(e string) bool { return strings.Contains(fault, e) }) {
				t.Errorf("the browser complains: %s", fault)
			}
		}
	})
	b.do(chromedp.EmulateViewport(375, 667))
	b.speaks(lang)
	_, err := chromedp.Call(b.ctx, log.Enable, struct{}{})
	b.must(err)
	return b
}

// listen collects what goes wrong in a page: exceptions, errors in the console, breaches
// of the page's policy.
func (b *tab) listen(ev any) {
	var fault string
	switch ev := ev.(type) {
	case *runtime.EventExecutionContextCreated:
		b.mu.Lock()
		b.contexts = append(b.contexts, script{ev.Context.UniqueID, ev.Context.Origin})
		b.mu.Unlock()
		return
	case *runtime.EventExecutionContextDestroyed:
		b.mu.Lock()
		b.contexts = slices.DeleteFunc(b.contexts, func(s script) bool { return s.id == ev.ExecutionContextUniqueID })
		b.mu.Unlock()
		return
	case *runtime.EventExceptionThrown:
		fault = ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			fault += " " + e.Description
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" {
			fault = ev.Entry.Text + " " + ev.Entry.URL
		}
	default:
		return
	}
	if fault != "" {
		b.mu.Lock()
		b.faults = append(b.faults, fault)
		b.mu.Unlock()
	}
}

// complains waits for a complaint of the browser's, which the test expects.
func (b *tab) complains(words string) {
	b.t.Helper()
	b.expects(words)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		b.mu.Lock()
		found := slices.ContainsFunc(b.faults, func(f string) bool { return strings.Contains(f, words) })
		b.mu.Unlock()
		if found {
			return
		}
	}
	b.t.Errorf("the browser does not complain of %s", words)
}

// expects excuses complaints that hold the words.
func (b *tab) expects(words ...string) {
	b.mu.Lock()
	b.excuse = append(b.excuse, words...)
	b.mu.Unlock()
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.must(chromedp.Do(ctx, steps...))
}

// speaks sets the browser's language.
func (b *tab) speaks(lang string) {
	b.t.Helper()
	agent := eval[string](b, "navigator.userAgent")
	b.is(agent, lang)
}

// is makes the browser another one, by its own account.
func (b *tab) is(agent, lang string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: lang})
	b.must(err)
}

// before runs a script in every page before its own.
func (b *tab) before(script string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	b.must(err)
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// eval evaluates an expression in the page, and waits where it is a promise.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := tryEval[T](b, expression)
	if err != nil {
		b.t.Fatalf("%v in %.200s", err, expression)
	}
	return v
}

func tryEval[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, b.where))
}

// where says that a frame's scripts run in the frame.
func (b *tab) where(p *runtime.EvaluateParams) {
	if b.around == nil {
		return
	}
	b.around.mu.Lock()
	defer b.around.mu.Unlock()
	for _, s := range slices.Backward(b.around.contexts) {
		if s.origin == b.origin {
			p.UniqueContextID = s.id
			return
		}
	}
	p.UniqueContextID = "there is none yet"
}

// framed is the frame of an origin in the tab's page.
func (b *tab) framed(origin string) *tab {
	b.t.Helper()
	b.until("a frame", "document.querySelector('iframe')")
	return &tab{t: b.t, ctx: b.ctx, around: b, origin: origin}
}

// nextTab is the tab that something opens, once it shows the step of a title. It is taken
// hold of only then: chromedp has a data race when a page still loads meanwhile.
func (b *tab) nextTab(title string, does func()) *tab {
	b.t.Helper()
	before := b.tabs()
	does()
	next := &tab{t: b.t}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		for _, other := range b.tabs() {
			isNew := !slices.ContainsFunc(before, func(known target.Info) bool { return known.TargetID == other.TargetID })
			if isNew && other.Title == title {
				ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithTargetID(other.TargetID), chromedp.WithListener(next.listen))
				next.ctx = ctx
				b.t.Cleanup(stop)
				b.must(chromedp.Do(ctx))
				return next
			}
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("no tab was opened that shows %q", title)
		}
	}
}

// tabs are those of the tab's profile.
func (b *tab) tabs() []target.Info {
	b.t.Helper()
	c := chromedp.FromContext(b.ctx)
	known, err := cdp.Call(b.ctx, c.Browser, target.GetTargets, target.GetTargetsParams{})
	b.must(err)
	var own []target.Info
	for _, info := range known.TargetInfos {
		if info.BrowserContextID == c.BrowserContextID && info.Type == "page" {
			own = append(own, *info)
		}
	}
	return own
}

// until waits for an expression to be true. A page that goes to another one meanwhile is
// asked again there.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	script := fmt.Sprintf(`new Promise(done => {
		const look = () => { let is = false; try { is = !!(%s) } catch {} if (is) { watcher.disconnect(); clearInterval(timer); done(true) } }
		const watcher = new MutationObserver(look), timer = setInterval(look, 50)
		watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
		look()
	})`, expression)
	deadline := time.Now().Add(patience)
	for {
		yes, err := tryEval[bool](b, script)
		if yes {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s does not come about (%v); the page shows %s: %.600s", what, err, b.step(), b.text())
		}
	}
}

// at waits for a step of Nod's page.
func (b *tab) at(step string) *tab {
	b.t.Helper()
	b.until("the step "+step, fmt.Sprintf("document.getElementById('main')?.dataset.step === %q", step))
	return b
}

func (b *tab) step() string {
	v, _ := tryEval[string](b, "document.getElementById('main')?.dataset.step ?? ''")
	return v
}

// text is what can be read in the page's main part.
func (b *tab) text() string {
	v, _ := tryEval[string](b, "document.getElementById('main')?.innerText ?? document.body.innerText")
	return v
}

// reads checks that words can be read.
func (b *tab) reads(words ...string) *tab {
	b.t.Helper()
	for _, w := range words {
		quoted, _ := json.Marshal(w)
		b.until("the text "+w, fmt.Sprintf("document.body.innerText.includes(%s)", quoted))
	}
	return b
}

// click clicks what bears the text, as a person would: where it is.
func (b *tab) click(text string) *tab {
	b.t.Helper()
	at := b.point(text)
	b.do(chromedp.MouseClickXY(at.X, at.Y))
	return b
}

// closesBy clicks what closes the window, which may be gone before it has answered.
func (b *tab) closesBy(text string) {
	b.t.Helper()
	at := b.point(text)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_ = chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y))
}

// spot is a place on the screen.
type spot struct {
	X, Y    float64
	Covered bool
}

// point waits for something to click and tells where it is.
func (b *tab) point(text string) spot {
	b.t.Helper()
	quoted, _ := json.Marshal(text)
	find := fmt.Sprintf(`[...document.querySelectorAll('button, a, summary, label')].find(e => e.textContent.trim() === %s && e.getClientRects().length && !e.disabled)`, quoted)
	b.until("something to click: "+text, find)
	at := eval[spot](b, fmt.Sprintf(`(async () => {
		const e = %s
		e.scrollIntoView({ block: 'center' })
		await new Promise(requestAnimationFrame)
		const r = e.getBoundingClientRect()
		const at = { X: r.x + r.width / 2, Y: r.y + r.height / 2 }
		return { ...at, Covered: !e.contains(document.elementFromPoint(at.X, at.Y)) }
	})()`, find))
	if at.Covered {
		b.t.Fatalf("%s is covered by something else", text)
	}
	if b.around != nil {
		frame := eval[struct{ X, Y float64 }](b.around, "(() => { const r = document.querySelector('iframe').getBoundingClientRect(); return { X: r.x, Y: r.y } })()")
		at.X, at.Y = at.X+frame.X, at.Y+frame.Y
	}
	return at
}

func (b *tab) screenshot() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	b.must(err)
	return picture
}
