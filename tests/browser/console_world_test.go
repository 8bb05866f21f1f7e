package browser

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nod/shared/domain"
	"nod/shared/runtime/gateway"
)

// tick does what is due.
func (w *world) tick(t testing.TB) {
	t.Helper()
	if err := w.nod.Maintain().Run(t.Context(), gateway.Tick{Name: "every-minute"}); err != nil {
		t.Fatal(err)
	}
}

// exec changes the world's database.
func (w *world) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	err := w.nod.Store.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(context.Background(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hasPast gives the enterprise two months behind it: so many Records of each kind that a
// day has, as if they had been counted, and more fails lately.
func (w *world) hasPast(t testing.TB) {
	t.Helper()
	for day := range 60 {
		at := time.Now().Add(-time.Duration(day) * 24 * time.Hour)
		busy := 6 + (day*7)%5
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			busy = 1
		}
		fails := 1
		if day < 30 {
			fails = busy/2 + 1
		}
		for kind, n := range map[domain.RecordType]int{
			domain.ConsentGrantedType: busy, domain.ConsentRefusedType: busy / 3, domain.ConsentWithdrawnType: busy / 5,
			domain.CheckStarted: busy + fails, domain.CheckPassed: busy, domain.CheckFailed: fails, domain.CheckAlternative: busy / 4,
		} {
			for i := range n {
				w.exec(t, `INSERT INTO records (enterprise, id, type, at, purpose, route, subject, subject_seq, leaf, line) VALUES (?, ?, ?, ?, 'exam', 'photo', ?, ?, '', '{}')`,
					w.tenant.Enterprise, fmt.Sprint(kind, day, "-", i), kind, at.UnixMilli(), fmt.Sprint("past-", i), 100_000+people.Add(1))
			}
		}
	}
}

// hasFailed gives it messages that could not be delivered.
func (w *world) hasFailed(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		at := time.Now().Add(-time.Duration(i) * time.Hour).UnixMilli()
		w.exec(t, `INSERT INTO webhooks (enterprise, id, type, purpose, thing, step, at, data, state, tries, lease, next_at, until, ended_at, fault, status)
			VALUES (?, ?, 'session.completed', 'exam', ?, 'passed', ?, '', 'failed', 9, '', 0, 0, ?, 'not_taken', 503)`,
			w.tenant.Enterprise, fmt.Sprintf("0192f0c1-2a00-7b10-8c11-5d3e9a1b%04d", i), fmt.Sprintf("0192f0c1-2a00-7b10-8c11-5d3e9a1c%04d", i), at, at)
	}
}

// hasEveryExport has one of each kind made: of a range, of a time without an end, a dossier,
// and the last one of an enterprise that is closed.
func (w *world) hasEveryExport(t testing.TB) {
	t.Helper()
	for _, wish := range []object{
		{"from": "2025-12-31T16:00:00Z", "to": "2026-12-31T16:00:00Z", "identifiers": "pseudonyms"},
		{"from": "2025-12-31T16:00:00Z", "subject": "emp-17", "identifiers": "pseudonyms"},
		{"subject": "emp-17", "identifiers": "subjects", "reason": "legal_proceedings"},
	} {
		w.call(t, "POST", "/v1/exports", w.tenant.Auditor, wish)
	}
	w.call(t, "POST", "/v1/enterprises/"+w.tenant.Enterprise+"/close", string(w.nod.Config.OperatorKey), object{})
	w.tick(t)
}

// console opens the console and signs in with a key.
func (w *world) console(t testing.TB, key, lang string) *tab {
	t.Helper()
	b := newTab(t, noCamera, lang)
	b.do(chromedp.EmulateViewport(1280, 900))
	b.open(w.base + "/console")
	b.at("sign-in").signsIn(key)
	b.at("overview")
	return b
}

// signsIn enters a key in the form that asks for one.
func (b *tab) signsIn(key string) *tab {
	b.t.Helper()
	b.until("a form that is not on its way", "[...document.querySelectorAll('button[type=submit]')].at(-1).disabled === false")
	eval[bool](b, `(() => { const e = [...document.querySelectorAll('input[type=password]')].at(-1); e.value = `+quote(key)+`; e.focus(); return true })()`)
	b.do(chromedp.KeyEvent("\r"))
	return b
}

// turnsTo goes to a section by its name in the navigation, and waits until it has loaded.
func (b *tab) turnsTo(link, step string) *tab {
	b.t.Helper()
	b.click(link).at(step)
	return b.settled()
}

// settled waits until nothing of the section is on its way.
func (b *tab) settled() *tab {
	b.t.Helper()
	b.until("all of it", "!document.querySelector('[aria-busy]') && document.querySelector('#main h1')")
	return b
}
