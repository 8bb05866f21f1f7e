package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nod/shared/domain"
)

// liar is a page that speaks in Nod's name to whoever has it in a frame, and says so.
func liar(t testing.TB) string {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, `<!doctype html><link rel="icon" href="data:,"><script>
			for (const type of ['state', 'close']) parent.postMessage({ v: 1, source: 'nod', type, state: 'passed' }, '*')
			parent.postMessage('lied', '*')</script>`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A frame that Nod's page was shown in and that somebody has led elsewhere since is another
// page's: it does not speak for Nod any more.
func TestAFrameThatWasLedElsewhereIsNotHeard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	liar := liar(t)
	platform := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><div id="here" style="height:600px"></div>
			<script src="%s/nod.js"></script><script>
			const here = document.getElementById('here'), state = {}
			Nod.check({ url: %q, container: here }).then(s => { state.ended = s })
			addEventListener('message', e => { if (e.data === 'lied' && e.source === here.firstChild?.contentWindow) state.lied = true })
		</script>`, w.base, w.visitor(t).url)
	}))
	t.Cleanup(platform.Close)
	w.registers(t, platform.URL)
	b := newTab(t, collins, "en")
	b.open(platform.URL)
	b.framed(w.base).at("consent")
	eval[bool](b, fmt.Sprintf("(here.firstChild.src = %q, true)", liar))
	b.until("the lies", "state.lied || 'ended' in state") // a page that believes them takes the frame away
	if eval[bool](b, "'ended' in state || !here.firstChild") {
		t.Fatal("the page believed somebody else in Nod's frame")
	}
	// What it knows when the frame is gone is what Nod said last.
	eval[bool](b, "(here.firstChild.remove(), true)")
	b.until("the end", "'ended' in state")
	if ended := eval[string](b, "state.ended"); ended != "open" {
		t.Errorf("the page was told %q by somebody else in Nod's frame", ended)
	}
}

// A page in a window of its own tells whoever opened it what a frame tells the page around
// it: if their origin is registered.
func TestAnOpenerIsToldIfItsOriginIsRegistered(t *testing.T) {
	t.Parallel()
	for _, registered := range []bool{true, false} {
		t.Run(fmt.Sprint(registered), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, domain.Live)
			opener := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(rw, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><button>Open it</button><script>
					window.told = []
					addEventListener('message', e => told.push(e.origin + ' ' + e.data.type + ' ' + e.data.state))
					document.querySelector('button').onclick = () => open(decodeURIComponent(location.search.slice(1)))
				</script>`)
			}))
			t.Cleanup(opener.Close)
			if registered {
				w.registers(t, opener.URL)
			}
			v := w.visitor(t)
			b := newTab(t, collins, "en")
			b.open(opener.URL + "/?" + strings.ReplaceAll(v.url, "#", "%23"))
			page := b.nextTab("Face check for exams: notice and separate consent", func() { b.click("Open it") })
			page.at("consent").click("Refuse").at("refused")
			v.is("refused")
			// What was sent until now is there before what is sent now.
			eval[bool](page, "(opener.postMessage({ type: 'last', state: 'here' }, '*'), true)")
			b.until("the last message", "told.at(-1)?.endsWith('last here')")
			got, want := eval[string](b, "told.join()"), w.base+" last here"
			if registered {
				want = strings.Join([]string{w.base + " state open", w.base + " state refused", want}, ",")
			}
			if got != want {
				t.Errorf("it was told %q, want %q", got, want)
			}
		})
	}
}
