// Bundles of the log: having one made, looking how far it is, and fetching it.
import { all, call, unique } from './api.js'
import { announce, button, h, redrawn, show } from './dom.js'
import { checks, date, faultsOf, form, select, text } from './form.js'
import { day, instant, me, number, percent } from './state.js'
import { days, midnight, oneDay } from './time.js'
import { doing, grid, mark, offer, panel } from './ui.js'

const every = 2000 // milliseconds between two looks at what is being made
const most = 200 // exports that are shown

const iso = date => new Date(date).toISOString().slice(0, 10)

// fresh is a form that nobody has touched: the last thirty days, of everybody.
function fresh() {
  const dates = days(30, me.enterprise.time_zone)
  return { extent: 'range', from: iso(dates[0]), to: iso(dates.at(-1)), purposes: [], subject: '', identifiers: 'pseudonyms', reason: '', name: unique() }
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
  const range = [h('div', 'pairs', date(kept, 'from', t.from, { changed }), date(kept, 'to', t.to, { changed, hint: t.zone(me.enterprise.time_zone) })),
    checks(kept, 'purposes', t.purposes, Object.entries(me.t.purposes), { changed, hint: t.purposesHint })]
  const subject = text(kept, 'subject', t.subject, { changed, hint: t.subjectHint })
  const fits = () => {
    for (const part of range) part.hidden = kept.extent === 'dossier'
    reason.hidden = !forReason(kept)
    subject.querySelector('label').textContent = kept.extent === 'dossier' ? t.subject : `${t.subject} ${me.t.c.form.optional}`
  }
  const whole = form(t.make,
    select(kept, 'extent', t.extent, Object.entries(t.extents), { changed: () => { changed(); fits() }, hint: t.extentHint }),
    range,
    subject,
    select(kept, 'identifiers', t.identifiers, Object.entries(t.identifierWords), { changed: () => { changed(); fits() } }),
    reason,
    h('div', 'acts', button(t.order, event => doing(event, async () => {
      // Nod would miss the days, which are not asked for.
      if (kept.extent === 'dossier' && !kept.subject) return void faultsOf({ errors: [{ field: 'subject', detail: t.noSubject }] })
      try {
        await call('POST', '/v1/exports', bodyOf(kept), kept.name)
      } catch (e) {
        throw faultsOf(e)
      }
      me.drafts.delete('export')
      kept.name = unique()
      announce(t.ordered)
      made()
    }), 'main')))
  fits()
  return h('details', { class: 'panel', open: me.drafts.has('export') }, h('summary', {}, t.make), whole)
}

// forReason tells whether it is made for a reason only: where people are named, and where it
// is all about one.
const forReason = kept => kept.extent === 'dossier' || kept.identifiers === 'subjects'

function bodyOf(kept) {
  const zone = me.enterprise.time_zone, body = { identifiers: kept.identifiers }
  if (kept.extent !== 'dossier') {
    Object.assign(body, { from: at(kept.from, 0, zone), to: at(kept.to, oneDay, zone) })
    if (kept.purposes.length) body.purposes = kept.purposes
  }
  if (kept.subject) body.subject = kept.subject
  if (forReason(kept) && kept.reason) body.reason = kept.reason
  return body
}

// at is when a day begins, or the one after it; what is no date stays, for Nod to say so.
function at(value, more, zone) {
  const date = Date.parse(value)
  return Number.isNaN(date) ? value : new Date(midnight(date + more, zone)).toISOString()
}

let timer

async function list(draw) {
  clearTimeout(timer)
  // Nod lists the oldest first, and it is the newest that somebody looks for.
  const t = me.t.c.exports, items = (await all('/v1/exports', Infinity)).reverse()
  if (!items.length) return h('p', {}, t.none)
  const bars = new Map(), rows = items.slice(0, most).map(e => row(e, bars))
  if (bars.size) timer = setTimeout(() => follow(bars, draw), every)
  return [items.length > most && h('p', 'note', t.newest(number(most), number(items.length))), grid(t.made, [...t.heads, me.t.c.act], rows)]
}

// row is an export in the list. One that this page does not know how to show, as a newer
// Nod may have it, says so and leaves the others as they are.
function row(e, bars) {
  const t = me.t.c.exports
  try {
    const [name, ...more] = what(e)
    return [h('div', {}, h('strong', {}, name), more.map(x => h('div', {}, x))), instant(e.made_at), state(e, bars), e.state === 'ready' ? fetching(e, name) : '']
  } catch (fault) {
    console.warn(fault)
    bars.delete(e.id)
    return [h('div', {}, h('strong', {}, t.unknown), h('div', {}, h('code', {}, e.id))), '', '', '']
  }
}

// what tells what an export is, and first its name.
function what(e) {
  const t = me.t.c.exports
  return [e.last ? t.last : e.dossier ? t.dossier : range(e), e.last && t.lastText,
    e.purposes && me.t.list(e.purposes.map(p => me.t.purposes[p] ?? p)), e.one_person && !e.dossier && t.onePerson,
    e.identifiers !== 'pseudonyms' && (t.identifierWords[e.identifiers] ?? e.identifiers),
    e.reason && t.because(t.reasons[e.reason] ?? e.reason)].filter(Boolean)
}

// range is the time that was asked for, which need not be bounded.
function range(e) {
  const t = me.t.c.exports, from = e.from && day(e.from), to = e.to && day(new Date(Date.parse(e.to) - 1).toISOString())
  return from && to ? `${from} – ${to}` : from ? t.since(from) : to ? t.upTo(to) : t.allTime
}

function state(e, bars) {
  const t = me.t.c.exports
  if (e.state === 'ready') return [mark(t.states.ready, 'good'), e.records != null && h('div', 'note', t.records(e.records)), h('div', 'note', t.until(instant(e.expires_at)), ' · ', size(e.bytes)), h('details', {}, h('summary', {}, 'SHA-256'), h('code', {}, e.sha256))]
  if (!['waiting', 'running'].includes(e.state)) return mark(t.states[e.state] ?? e.state, e.state === 'failed' ? 'bad' : '')
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
function fetching(e, what) {
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
    offer(new Blob(pieces, { type: 'application/zip' }), `nod-${e.dossier ? 'dossier-' : ''}${e.id}.zip`)
    words.replaceChildren(t.fetched)
    announce(t.fetched)
  }), { 'aria-label': `${t.fetch}: ${what}` })), words)
}

function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB']
  let n = bytes, unit = 0
  while (n >= 1000 && unit < 3) { n /= 1000; unit++ }
  return `${new Intl.NumberFormat(me.t.lang, { maximumFractionDigits: unit ? 1 : 0 }).format(n)} ${units[unit]}`
}

