// The person's own page: what is held about them, every decision with the words it was made
// on and the way to take it back, what they ask the enterprise for, and a copy of it all.
import { call, unique } from './api.js'
import { announce, button, details, h, redrawn, show, table } from './dom.js'
import { load } from './load.js'
import { day, inLanguage, instant, page } from './page.js'
import { receipt } from './receipt.js'
import { leave } from './ends.js'
import { run } from './session.js'

const { field } = await load('field.js')

let me

// home reads what is held and shows it.
export async function home() {
  me = await call('GET', '/v1/me')
  draw()
}

function draw() {
  const t = page.t.me, { held, consents, checks, requests } = me
  const never = ['face_images', 'scores']
  show('me', t.title,
    h('p', 'lead', t.lead(inLanguage(me.enterprise.name))),
    h('ul', {}, held.filter(x => x.count || never.includes(x.what)).map(x => h('li', {}, inLanguage(x.words)))),
    h('section', {}, h('h2', {}, t.decisions), consents.length ? consents.map(decision) : h('p', {}, t.none)),
    h('section', {}, h('h2', {}, t.checks), checks.length ? details(t.checkCount(checks.length), table(checks.map(check))) : h('p', {}, t.noChecks),
      checks.some(c => c.outcome === 'fail') && button(t.askReview, () => wish('review'))),
    h('section', {}, h('h2', {}, t.requests), requests.map(request), h('p', {}, t.requestsText), button(t.ask, () => wish(''))),
    h('section', {}, h('h2', {}, t.copy), h('p', {}, t.copyText), button(t.getCopy, () => run(copy))),
    leave())
  redrawn(draw)
}

// decision is one consent: the line about it, the way out, and the words one tap away.
function decision(c) {
  const t = page.t, m = t.me
  const state = c.current || c.state !== 'granted' ? m.states[c.state] : m.replaced
  return h('article', 'alternative',
    h('p', {}, h('strong', {}, t.purposes[c.purpose]), ' · ', state(day(c.state === 'withdrawn' ? c.ended_at : c.at), c.until && day(c.until)), c.by === 'guardian' && me.as === 'self' && ' ' + m.byGuardian),
    c.cause && h('p', 'note', m.causes[c.cause]),
    c.may_withdraw && h('p', {}, button(t.aside(t.withdraw, t.purposes[c.purpose]), () => withdraw(c))),
    details(m.words,
      h('div', { lang: c.notice.locale }, h('strong', {}, c.title), h('p', {}, c.agree)),
      table([
        [t.receipts.at, instant(c.at)],
        [t.fact.route, t.list(c.routes.map(r => t.routes[r]))],
        [t.fact.notice, t.version(c.notice.version), ' ', h('code', {}, c.notice.sha256)],
        [m.kept, day(c.kept_until)],
      ])))
}

const check = c => [instant(c.at, { dateStyle: 'medium', timeStyle: 'short' }),
  `${page.t.purposes[c.purpose]} · ${page.t.routes[c.route]} · ${page.t.me.outcomes[c.outcome ?? 'running']}`,
  h('div', 'note', page.t.me.keptUntil(day(c.kept_until)))]

function request(r) {
  const t = page.t.me
  const answer = r.outcome ? t.answered[r.outcome](day(r.resolved_at)) : r.overdue ? t.overdue(day(r.due_at)) : t.due(day(r.due_at))
  return h('article', 'alternative',
    h('p', {}, h('strong', {}, t.kinds[r.kind]), ' · ', answer),
    r.reason && h('p', {}, t.grounds[r.reason]), r.answer && h('p', {}, r.answer),
    r.text && details(t.wrote, h('p', {}, r.text)))
}

// withdraw takes one step, like agreeing. The receipt is there at once.
function withdraw({ id }) {
  const name = unique()
  return run(async () => {
    const answer = await call('POST', '/v1/me/withdraw', { consent: id }, name)
    receipt(answer.receipt, () => run(home))
  })
}

// wish goes to the form, with a kind chosen or none.
const wish = kind => run(async () => (await load('ask.js')).ask(kind, home))

// copy gets all parts of the copy, and offers them as a file and as text: browsers within
// apps often save nothing.
async function copy() {
  const whole = await call('GET', '/v1/me/copy')
  for (let { next } = whole; next;) {
    const part = await call('GET', '/v1/me/copy?after=' + next)
    whole.records.push(...part.records)
    next = part.next
  }
  delete whole.next
  const text = JSON.stringify(whole, null, 1)
  copied(text, URL.createObjectURL(new Blob([text], { type: 'application/json' })))
}

function copied(text, href) {
  const t = page.t.me
  const area = h('textarea', { readonly: true, rows: 8, spellcheck: 'false' })
  const press = async event => {
    await navigator.clipboard.writeText(text)
    event.target.textContent = page.t.receipts.copied
    announce(page.t.receipts.copied)
  }
  show('copy', t.copyTitle, t.copyHow,
    h('a', { class: 'button main', href, download: 'nod-copy.json' }, t.save),
    h('details', { toggle: () => { area.value ||= text } }, h('summary', {}, t.asText), field('copy', t.copyTitle, area),
      navigator.clipboard && h('p', {}, button(t.copyAll, press))),
    h('p', {}, button(page.t.back, () => { URL.revokeObjectURL(href); draw() })))
  redrawn(() => copied(text, href))
}
