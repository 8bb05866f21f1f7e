// Bundles of the log: having one made, looking how far it is, and fetching it.
import { all, call, unique } from './api.js'
import { announce, button, h, redrawn, show } from './dom.js'
import { checks, date, faultsOf, form, select, text } from './form.js'
import { day, instant, me, number, percent } from './state.js'
import { days, midnight, oneDay } from './time.js'
import { doing, grid, mark, offer, panel } from './ui.js'

const every = 2000 // milliseconds between two looks at what is being made

const iso = date => new Date(date).toISOString().slice(0, 10)

// fresh is a form that nobody has touched: the last thirty days.
function fresh() {
  const dates = days(30, me.enterprise.time_zone)
  return { from: iso(dates[0]), to: iso(dates.at(-1)), purposes: [], subject: '', identifiers: 'pseudonyms', reason: '', name: unique() }
}

export function open() {
  const t = me.t.c.exports
  let again
  show('exports', t.title, h('p', {}, t.text), wish(() => again(true)), panel(t.made, draw => { again = draw; return list(draw) }))
  redrawn(open)
}

// wish is the form. What is sent is known by a name, until something in it is changed.
function wish(made) {
  const t = me.t.c.exports, kept = me.drafts.get('export') ?? fresh()
  const changed = () => { kept.name = unique(); me.drafts.set('export', kept) }
  const reason = select(kept, 'reason', t.reason, [['', t.noReason], ...Object.entries(t.reasons)], { changed })
  const named = () => { reason.hidden = kept.identifiers === 'pseudonyms' }
  const whole = form(t.make,
    h('div', 'pairs', date(kept, 'from', t.from, { changed }), date(kept, 'to', t.to, { changed, hint: t.zone(me.enterprise.time_zone) })),
    checks(kept, 'purposes', t.purposes, Object.entries(me.t.purposes), { changed, hint: t.purposesHint }),
    text(kept, 'subject', t.subject, { changed, hint: t.subjectHint, optional: true }),
    select(kept, 'identifiers', t.identifiers, Object.entries(t.identifierWords), { changed: () => { changed(); named() } }),
    reason,
    h('div', 'acts', button(t.order, event => doing(event, async () => {
      const zone = me.enterprise.time_zone
      const body = { from: at(kept.from, 0, zone), to: at(kept.to, oneDay, zone), identifiers: kept.identifiers }
      if (kept.purposes.length) body.purposes = kept.purposes
      if (kept.subject) body.subject = kept.subject
      if (kept.identifiers === 'subjects' && kept.reason) body.reason = kept.reason
      try {
        await call('POST', '/v1/exports', body, kept.name)
      } catch (e) {
        throw faultsOf(e)
      }
      me.drafts.delete('export')
      kept.name = unique()
      announce(t.ordered)
      made()
    }), 'main')))
  named()
  return h('details', { class: 'panel', open: me.drafts.has('export') }, h('summary', {}, t.make), whole)
}

// at is when a day begins, or the one after it; what is no date stays, for Nod to say so.
function at(value, more, zone) {
  const date = Date.parse(value)
  return Number.isNaN(date) ? value : new Date(midnight(date + more, zone)).toISOString()
}

let timer

async function list(draw) {
  clearTimeout(timer)
  const t = me.t.c.exports, items = (await all('/v1/exports')).reverse()
  if (!items.length) return h('p', {}, t.none)
  const bars = new Map()
  const rows = items.map(e => {
    const range = `${day(e.from)} – ${day(new Date(Date.parse(e.to) - 1).toISOString())}`
    const what = [range, e.purposes && me.t.list(e.purposes.map(p => me.t.purposes[p])), e.one_person && t.onePerson, e.identifiers === 'subjects' && `${t.identifierWords.subjects}: ${t.reasons[e.reason] ?? e.reason}`].filter(Boolean)
    return [h('div', {}, h('strong', {}, what[0]), what.slice(1).map(x => h('div', {}, x))), instant(e.made_at), state(e, bars), e.state === 'ready' ? fetching(e, range) : '']
  })
  if (bars.size) timer = setTimeout(() => follow(bars, draw), every)
  return grid(t.made, [...t.heads, me.t.c.act], rows)
}

function state(e, bars) {
  const t = me.t.c.exports
  if (e.state === 'ready') return [mark(t.states.ready, 'good'), h('div', 'note', t.until(instant(e.expires_at)), ' · ', size(e.bytes)), h('details', {}, h('summary', {}, 'SHA-256'), h('code', {}, e.sha256))]
  if (!['waiting', 'running'].includes(e.state)) return mark(t.states[e.state], e.state === 'failed' ? 'bad' : '')
  const words = h('div', 'note'), bar = h('progress', { max: 1, 'aria-label': t.progress })
  bars.set(e.id, { bar, words, quarter: 0 })
  tell(e, bars.get(e.id))
  return [bar, words]
}

// tell shows how far an export is, and says each quarter to those who listen.
function tell(e, { bar, words }) {
  const t = me.t.c.exports
  if (e.state === 'waiting') {
    bar.removeAttribute('value')
    words.textContent = t.states.waiting
    return
  }
  const share = e.of ? e.done / e.of : 0
  bar.value = share
  words.textContent = t.doneOf(percent(share), number(e.done), number(e.of)) + (e.left_s == null ? '' : ' · ' + t.left(e.left_s))
}

// follow looks at what is being made, and only changes what has changed: whoever reads or
// presses something on the page is not disturbed.
async function follow(bars, draw) {
  const gone = () => [...bars.values()].every(({ bar }) => !bar.isConnected)
  if (gone()) return
  try {
    for (const [id, shown] of bars) {
      const e = await call('GET', '/v1/exports/' + id)
      if (gone()) return
      if (!['waiting', 'running'].includes(e.state)) {
        announce(me.t.c.exports.ended[e.state] ?? '')
        return void draw(true)
      }
      tell(e, shown)
      const quarter = e.of ? Math.floor(e.done / e.of * 4) : 0
      if (quarter > shown.quarter) announce(shown.words.textContent)
      shown.quarter = quarter
    }
  } catch { /* the next look may find it */ }
  timer = setTimeout(() => follow(bars, draw), every)
}

// fetching is the button. Where the bundle lies in an object storage, the browser fetches it
// there by itself; else it comes here, in pieces, with a bar of its own.
function fetching(e, range) {
  const t = me.t.c.exports, words = h('div', { class: 'note' })
  return h('div', {}, h('div', 'acts', button(t.fetch, event => doing(event, async () => {
    const answer = await call('GET', `/v1/exports/${e.id}/bundle?as=link`)
    if (!(answer instanceof Response)) return void h('a', { href: answer.url, download: answer.name, rel: 'noreferrer' }).click()
    const pieces = [], bar = h('progress', { max: e.bytes, value: 0, 'aria-label': t.fetching })
    words.replaceChildren(bar)
    for (const reader = answer.body.getReader(); ;) {
      const { done, value } = await reader.read()
      if (done) break
      pieces.push(value)
      bar.value += value.length
    }
    offer(new Blob(pieces, { type: 'application/zip' }), `nod-${e.id}.zip`)
    words.replaceChildren(t.fetched)
    announce(t.fetched)
  }), { 'aria-label': `${t.fetch}: ${range}` })), words)
}

function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB']
  let n = bytes, unit = 0
  while (n >= 1000 && unit < 3) { n /= 1000; unit++ }
  return `${new Intl.NumberFormat(me.t.lang, { maximumFractionDigits: unit ? 1 : 0 }).format(n)} ${units[unit]}`
}

