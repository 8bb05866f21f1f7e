// The steps at which nothing more is done here: what happened, and what to do now. The
// alternative is in reach of every one of them.
import { button, details, h, paragraphs, redrawn, show, stillShown } from './dom.js'
import { forget, inLanguage, instant, kept, page, said } from './page.js'
import { receiptLink } from './receipt.js'
import { consent, standing } from './consent.js'
import { run, tell } from './session.js'
import { watchTime } from './time.js'

// alternative is what to do without a face check: the enterprise's own words where the
// page has them, also after a reload.
export function alternative() {
  const contents = page.view?.notice?.contents ?? kept.get().contents
  const text = contents ? inLanguage(contents).alternative : page.t.noAlternative
  return h('section', 'alternative', h('h2', {}, page.t.alternative), paragraphs(text))
}

export const alternativeNearby = () => {
  const { children } = alternative()
  return details(children[0].textContent, ...[...children].slice(1))
}

// leave brings the person back: to the page around this one, to the address that the
// platform gave, or says that the page can be closed.
export function leave() {
  const { return_url, session } = kept.get()
  if (page.view?.as === 'guardian') return h('p', 'note', page.t.guardian.close)
  const state = page.view?.state ?? ''
  if (window.parent !== window || window.opener) {
    return button(['passed', 'consented'].includes(state) ? page.t.goOn : page.t.toPlatform, () => { tell('close'); if (window.opener) window.close() }, 'main')
  }
  if (!return_url) return h('p', 'note', page.t.closeTab)
  const back = new URL(return_url)
  back.searchParams.set('nod_session', session)
  back.searchParams.set('nod_state', state)
  return h('a', { class: 'button main', href: back.href, rel: 'noreferrer' }, page.t.toPlatform)
}

// plain is a step that is two sentences and the alternative.
export function plain(name) {
  const { title, text } = page.t[name]
  show(name, title, text, alternative(), leave())
  redrawn(() => plain(name))
}

export const elsewhere = () => plain('elsewhere')

const marks = { passed: '✓' }
const names = { alternative: 'otherwise' }

// ended is a final state.
export function ended(state) {
  forget()
  if (page.view) {
    page.view.state = state
    watchTime()
  }
  const { title, text, review } = said(names[state] ?? state)
  const { officer, phone, email } = page.enterprise.contact
  show(state, title,
    marks[state] && h('div', { class: 'mark', 'aria-hidden': 'true' }, marks[state]),
    text,
    review && h('p', {}, review, h('br'), [officer, phone, email].filter(Boolean).join(' · ')),
    state === 'withdrawn' && h('p', {}, receiptLink()),
    page.view && state !== 'expired' && standing(),
    state === 'passed' || state === 'alternative' ? '' : alternative(),
    leave())
  redrawn(() => ended(state))
}

// refused shows the alternative; only the person asks again.
export function refused(again = consent) {
  const t = page.t, { ask_again_at, consent: last } = page.view
  const withdrawn = last?.state === 'withdrawn'
  const { title, text } = withdrawn ? t.withdrawnBefore : t.refused
  show('refused', title, text, withdrawn && receiptLink(), alternative(), leave(),
    ask_again_at && h('p', 'note', t.refused.until(instant(ask_again_at))),
    button(t.readAgain, () => run(() => again()), 'link'))
}

// done ends a session that only asked for consent.
export function done() {
  if (page.view.state === 'refused') return refused()
  const { title, text } = said('consented')
  show('consented', title, text, standing(), leave())
}

// unavailable is where the enterprise's side does not allow a check.
export function unavailable(problem) {
  show('unavailable', problem?.title ?? page.t.unavailable, problem && problem.detail, alternative(), leave())
}

// serviceDown is a fault that nobody here can mend.
export function serviceDown(again, problem) {
  const { title, text } = page.t.down
  show('down', problem?.title || title, problem?.detail || text,
    again && button(page.t.again, again, 'main'), alternative(), page.view && standing(),
    problem?.request_id && h('p', 'note', page.t.reference + ' ', h('code', {}, problem.request_id)))
  redrawn(() => serviceDown(again, problem))
}

// offline waits for the network and goes on by itself, unless another step is shown
// meanwhile: nothing may be decided that somebody has turned away from.
export function offline(again) {
  const { title, text } = page.t.offline
  show('offline', title, h('p', { role: 'status' }, text), button(page.t.again, () => go(), 'main'), alternative(), page.view && standing())
  const shown = stillShown()
  const end = () => { clearInterval(timer); removeEventListener('online', go) }
  const go = () => {
    end()
    if (shown()) again()
  }
  const timer = setInterval(() => shown() ? navigator.onLine && go() : end(), 5000)
  addEventListener('online', go)
  redrawn(() => offline(again))
}
