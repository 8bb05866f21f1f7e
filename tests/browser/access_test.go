package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nod/tests/npm"
)

func replaceOnce(s, old, new string) string { return strings.Replace(s, old, new, 1) }

var axe = npm.Package{Name: "axe-core", Version: "4.14.1", SHA256: "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"}

// widths are a small phone, a usual one, and a desktop.
var widths = []struct{ w, h int64 }{{320, 568}, {390, 844}, {1280, 800}}

// D09: elderly and disabled people. Every step, in both languages and three widths: axe
// finds nothing, nothing is cut off, texts and targets are large enough, the focus is on
// the step's title, and twice as large a text still fits.
func TestD09_EveryStepCanBeUsedByEveryone(t *testing.T) {
	t.Parallel()
	program := string(axe.Files(t, func(name string) bool { return name == "axe.min.js" })["axe.min.js"])
	gallery := newGallery(t)
	everyPlace(t, func(t *testing.T, p *path, name string) {
		p.hasFocus(name)
		p.speaksItsLanguage()
		eval[any](p.tab, program+";null")
		for _, size := range widths {
			p.do(chromedp.EmulateViewport(size.w, size.h))
			p.fits(fmt.Sprint(name, " at ", size.w))
			p.isLargeEnough(size.w)
			p.passesAxe(size.w)
			gallery.keep(p, name, size.w)
		}
		p.do(chromedp.EmulateViewport(390, 844))
		eval[any](p.tab, "document.documentElement.style.fontSize = '36px'; null")
		p.fits(name + " with text of twice the size")
	})
}

func (p *path) passesAxe(width int64) {
	p.t.Helper()
	found := eval[string](p.tab, `axe.run(document, { resultTypes: ['violations'] }).then(r => JSON.stringify(
		r.violations.map(v => ({ id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200)) }))))`)
	var list []struct {
		ID, Help string
		Nodes    []string
	}
	p.must(json.Unmarshal([]byte(found), &list))
	for _, v := range list {
		p.t.Errorf("at %d axe finds %s (%s): %q", width, v.ID, v.Help, v.Nodes)
	}
}

// hasFocus: who listens or uses the keyboard is at the new step's title.
func (p *path) hasFocus(name string) {
	p.t.Helper()
	if strings.HasSuffix(name, "-whole") || strings.HasSuffix(name, "-faults") {
		return // the focus is where something was opened
	}
	if at := eval[string](p.tab, "document.activeElement.tagName"); at != "H1" {
		p.t.Errorf("the focus is on %s", at)
	}
}

func (p *path) speaksItsLanguage() {
	p.t.Helper()
	got := eval[string](p.tab, "document.documentElement.lang + ' ' + document.getElementById('language').lang")
	if want := p.words.lang + " " + p.says("en", "zh-CN"); got != want {
		p.t.Errorf("the languages are %s, want %s", got, want)
	}
}

// fits: nothing is wider than the screen, and no text is cut off.
func (p *path) fits(what string) {
	p.t.Helper()
	wide := eval[string](p.tab, `(() => {
		const out = []
		if (document.documentElement.scrollWidth > innerWidth) out.push('the page is ' + document.documentElement.scrollWidth + ' wide')
		for (const e of document.querySelectorAll('body *')) {
			const r = e.getBoundingClientRect()
			if (r.width && (r.right > innerWidth + 1 || r.left < -1) && !e.closest('.sr') && !e.closest('.viewfinder')) out.push(e.tagName + ' ' + e.textContent.slice(0, 40))
			if (e.children.length === 0 && e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).overflow === 'hidden' && !e.closest('.sr')) out.push('cut off: ' + e.textContent.slice(0, 40))
		}
		return out.slice(0, 5).join('; ')
	})()`)
	if wide != "" {
		p.t.Errorf("%s does not fit: %s", what, wide)
	}
}

// isLargeEnough: texts from 18 pixels, targets from 48. A label beside its field is no
// target that anybody needs.
func (p *path) isLargeEnough(width int64) {
	p.t.Helper()
	small := eval[string](p.tab, `(() => {
		const out = []
		const shown = e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.sr') && !e.classList.contains('sr')
		for (const e of document.querySelectorAll('body *')) {
			const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
			const size = parseFloat(getComputedStyle(e).fontSize)
			if (own && shown(e) && size < 18) out.push(e.tagName + ' of ' + size + ': ' + e.textContent.slice(0, 30))
		}
		for (const e of document.querySelectorAll('button, summary, label:not([for]), input:not(.sr), a:not(.long), select')) {
			const r = e.getBoundingClientRect()
			if (shown(e) && (r.height < 48 || r.width < 48)) out.push(e.tagName + ' ' + r.width + 'x' + r.height + ': ' + e.textContent.slice(0, 30))
		}
		return out.slice(0, 5).join('; ')
	})()`)
	if small != "" {
		p.t.Errorf("too small at %d: %s", width, small)
	}
}

// D05, D08: on a small phone the alternative and both choices are in view without
// scrolling, the choices of equal size, look and distance; nothing is ticked beforehand.
func TestD08_TheChoicesAreEqualAndTheAlternativeIsInView(t *testing.T) {
	t.Parallel()
	for _, w := range []words{inEnglish, chinese} {
		t.Run(w.lang, func(t *testing.T) {
			t.Parallel()
			v := shared().visitor(t, func(r object) { r["locale"] = w.lang })
			b := newTab(t, noCamera, w.lang)
			b.do(chromedp.EmulateViewport(375, 667))
			b.open(v.url)
			b.at("consent")
			var seen struct {
				Boxes  []struct{ W, H, Top, Bottom float64 }
				Styles []string
				Inputs int
				Agree  struct{ Top, Bottom float64 }
				Other  struct{ Top, Bottom float64 }
			}
			b.must(json.Unmarshal([]byte(eval[string](b, `(async () => {
				await new Promise(requestAnimationFrame)
				const box = e => { const r = e.getBoundingClientRect(); return { W: r.width, H: r.height, Top: r.top, Bottom: r.bottom } }
				const both = [...document.querySelectorAll('.pair button')]
				return JSON.stringify({ Boxes: both.map(box), Inputs: document.querySelectorAll('input').length,
					Styles: both.map(e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.border, s.fontSize, s.fontWeight].join() }),
					Agree: box(document.getElementById('agree-to')), Other: box(document.getElementById('otherwise')) })
			})()`)), &seen))
			refuse, agree := seen.Boxes[0], seen.Boxes[1]
			if refuse.W != agree.W || refuse.H != agree.H || refuse.Top != agree.Top || seen.Styles[0] != seen.Styles[1] {
				t.Errorf("the choices differ: %+v, %v", seen.Boxes, seen.Styles)
			}
			if seen.Inputs != 0 {
				t.Errorf("%d things can be filled in or ticked", seen.Inputs)
			}
			for name, at := range map[string]struct{ Top, Bottom float64 }{"the agree sentence": seen.Agree, "the alternative": seen.Other, "the choices": {agree.Top, agree.Bottom}} {
				if at.Top < 0 || at.Bottom > 667 || at.Bottom <= at.Top {
					t.Errorf("%s is not in view: from %v to %v of 667", name, at.Top, at.Bottom)
				}
			}
		})
	}
}

// The keyboard alone goes all the way.
func TestD09_TheKeyboardAlone(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.open(v.url)
	b.at("consent")
	b.tabsTo("Agree").at("ready")
	b.tabsTo("Open the camera").at("live")
	b.until("the shutter", "!document.querySelector('.shutter').disabled")
	b.tabsTo("Take photo").at("passed")
	v.is("passed")
}

// tabsToA moves the focus to the next element of a kind.
func (b *tab) tabsToA(tag string) {
	b.t.Helper()
	for range 40 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if eval[string](b, "document.activeElement.tagName") == tag {
			return
		}
	}
	b.t.Fatalf("the keyboard does not reach a %s", tag)
}

// tabsTo moves the focus with the tabulator until it is on something, and presses it.
func (b *tab) tabsTo(text string) *tab {
	b.t.Helper()
	for range 40 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if eval[string](b, "document.activeElement.textContent.trim()") == text {
			if outline := eval[string](b, "getComputedStyle(document.activeElement).outlineStyle"); outline == "none" {
				b.t.Errorf("the focus on %s cannot be seen", text)
			}
			b.do(chromedp.KeyEvent(kb.Enter))
			return b
		}
	}
	b.t.Fatalf("the keyboard does not reach %s", text)
	return b
}

// Nothing moves for those who do not want it.
func TestD09_ReducedMotion(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
	b.open(v.url)
	b.at("consent")
	if n := eval[int](b, "document.getAnimations().filter(a => a.effect.getTiming().duration > 0).length"); n != 0 {
		t.Errorf("%d things move", n)
	}
}

// Changes that nobody pressed for are told to those who listen.
func TestD09_ChangesAreAnnounced(t *testing.T) {
	t.Parallel()
	_, b := atTheCamera(t, shared(), collins, func(b *tab) {
		b.before(`window.heard = []; addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
			for (const e of document.querySelectorAll('[role=status], [aria-live=polite]')) if (e.textContent && !heard.includes(e.textContent)) heard.push(e.textContent)
		}).observe(document.body, { subtree: true, childList: true, characterData: true }))`)
	})
	b.shoots(inEnglish).at("passed")
	heard := eval[string](b, "heard.join('|')")
	for _, want := range []string{"Your browser asks whether it may use the camera", "When your face is in the oval", "Your photo is being checked"} {
		if !strings.Contains(heard, want) {
			t.Errorf("%q is not announced: %s", want, heard)
		}
	}
}
