// What happens, and what wants attention.
import { all, call } from './api.js'
import { chart } from './chart.js'
import { h, redrawn, show } from './dom.js'
import { day, instant, isAdmin, me, number, percent } from './state.js'
import { beginning, dateOf, days, midnight, oneDay } from './time.js'
import { grid, mark, panel } from './ui.js'

const view = { days: 30, purpose: '', unit: 'day' } // as it was left

export function open() {
  const t = me.t.c.overview, rates = once(failRates)
  show('overview', t.title, panel(t.attention, () => attention(rates)), happened(), panel(t.rates, () => compared(rates)))
  redrawn(open)
}

// once asks for something that two parts of the page need, again after it failed.
function once(ask) {
  let asked
  return () => asked ??= ask().catch(e => { asked = null; throw e })
}

const soon = 30 * oneDay, soonDue = 5 * oneDay

// attention lists what somebody has to see to, the worst first. Each line leads to where
// that is done.
async function attention(rates) {
  const [{ items: drifting }, requests, delegations, notices, waiting, service, purposes, failed] = await Promise.all([
    rates(), all('/v1/requests?state=open'), all('/v1/delegations'), all('/v1/notices'), call('GET', '/v1/stats/waiting'),
    call('GET', '/v1/settings'), Promise.all(['training', 'exam', 'realname'].map(p => call('GET', '/v1/settings/' + p))),
    isAdmin() ? call('GET', '/v1/webhooks?state=failed&limit=200') : { items: [] },
  ])
  const t = me.t.c.overview, now = Date.now(), lines = []
  const add = (how, text, to) => lines.push({ how, text, to })
  const overdue = requests.filter(r => r.overdue), due = requests.filter(r => !r.overdue && Date.parse(r.due_at) - now < soonDue)
  if (overdue.length) add('bad', t.overdue(overdue.length), 'requests')
  if (!service.face_service) add('bad', t.serviceOff)
  for (const n of inForce(notices)) {
    const d = delegations.find(d => d.id === n.delegation.id)
    if (d && ['revoked', 'expired'].includes(d.status)) add('bad', t.delegationOver(me.t.purposes[n.purpose], me.t.c.audiences[n.audience], d.agreement_ref), 'delegations')
    else if (d && Date.parse(d.valid_until) - now < soon) add('warn', t.delegationEnds(d.agreement_ref, day(d.valid_until)), 'delegations')
  }
  for (const p of purposes) {
    const until = p.impact_assessment?.valid_until
    if (p.enabled && until && Date.parse(until) - now < soon) add(Date.parse(until) < now ? 'bad' : 'warn', t.assessmentEnds(me.t.purposes[p.purpose], until))
  }
  for (const w of service.warnings) add('warn', `${w.title} ${w.detail}`)
  if (due.length) add('warn', t.due(due.length, day(due[0].due_at)), 'requests')
  if (failed.items.length) add('warn', t.failed(failed.items.length, !!failed.cursor), 'webhooks')
  for (const x of drifting.filter(x => x.drift)) add('warn', t.drifts[x.drift](me.t.purposes[x.purpose], me.t.routes[x.route], percent(x.now.fail_rate), percent(x.before.fail_rate)))
  for (const w of waiting.items) add('', t.waiting(number(w.people) + (w.more ? '+' : ''), w.people, me.t.purposes[w.purpose], me.t.c.audiences[w.audience], t.causes[w.cause]))
  const seen = new Set()
  const unlike = lines.filter(l => !seen.has(l.text) && seen.add(l.text))
  if (!unlike.length) return h('p', {}, mark(t.allWell, 'good'), ' ', t.nothing)
  return h('ul', 'attention', unlike.map(l => h('li', l.how, l.how && mark(t.marks[l.how], l.how), ' ', l.text, ' ', l.to && h('a', { href: '#' + l.to }, me.t.c.nav[l.to]))))
}

// inForce are the notices that people are shown now, of a list that is newest first.
export function inForce(notices, now = Date.now()) {
  const seen = new Set()
  return notices.filter(n => Date.parse(n.effective_from) <= now && !seen.has(n.purpose + n.audience) && seen.add(n.purpose + n.audience))
}

// happened is the numbers over time, with what they are chosen by.
function happened() {
  const t = me.t.c.overview
  let drawAgain, read = null
  const choose = (name, label, options, change) => {
    const select = h('select', { id: 'choose-' + name, change: e => { view[name] = name === 'days' ? +e.target.value : e.target.value; change() } },
      options.map(([value, text]) => h('option', { value, selected: String(view[name]) === String(value) }, text)))
    return h('div', 'choose', h('label', { for: 'choose-' + name }, label), select)
  }
  const again = fresh => { if (fresh) read = null; drawAgain() }
  const numbers = panel('', async draw => {
    drawAgain = draw
    const dates = days(view.days, me.enterprise.time_zone)
    const [from, to] = span(dates)
    read ??= call('GET', `/v1/stats?from=${from}&to=${to}`)
    const mine = read
    try {
      return charts(await mine, dates)
    } catch (e) {
      read = null
      throw e
    }
  })
  return h('section', { class: 'panel', 'aria-labelledby': 'happened' }, h('h2', { id: 'happened' }, t.happened),
    h('div', 'choices',
      choose('days', t.range, [7, 30, 90, 365].map(n => [n, t.lastDays(n)]), () => again(true)),
      choose('purpose', t.purpose, [['', t.all], ...Object.entries(me.t.purposes)], () => again()),
      choose('unit', t.by, Object.entries(t.units), () => again())),
    numbers)
}

const kinds = {
  decisions: ['granted', 'refused', 'withdrawn', 'lapsed'],
  outcomes: ['passed', 'failed', 'not_performed', 'unknown'],
  others: ['alternatives'],
}
const names = Object.values(kinds).flat()

const flatten = x => ({ ...x.consents, ...x.checks, alternatives: x.alternatives })

// charts adds up what Nod tells by the day, for the stretches that are chosen.
function charts(stats, dates) {
  const t = me.t.c.overview, zone = me.enterprise.time_zone
  const points = new Map(dates.map(d => beginning(d, view.unit)).map(date => [date, { date, ...Object.fromEntries(names.map(n => [n, 0])) }]))
  const chosen = stats.purposes.filter(p => !view.purpose || p.purpose === view.purpose)
  for (const b of chosen.flatMap(p => p.buckets)) {
    const p = points.get(beginning(dateOf(Date.parse(b.from), zone), view.unit)), numbers = flatten(b)
    if (p) for (const n of names) p[n] += numbers[n]
  }
  const style = view.unit === 'month' ? { year: 'numeric', month: 'short' } : { month: 'short', day: 'numeric' }
  const label = date => new Intl.DateTimeFormat(me.t.lang, { ...style, timeZone: 'UTC' }).format(date)
  const people = view.purpose ? chosen[0].total.people_checked : stats.people_checked
  const series = kind => kinds[kind].map(name => ({ name, label: t.names[name] }))
  return [
    h('p', {}, t.people(number(people), people), ' ', h('span', 'note', t.asOf(instant(stats.server_time)))),
    ...Object.keys(kinds).map(kind => chart(t.charts[kind], [...points.values()], series(kind), label)),
  ]
}

const span = dates => [dates[0], dates.at(-1) + oneDay].map(date => new Date(midnight(date, me.enterprise.time_zone)).toISOString())

// failRates are those of the last thirty days and of the thirty before.
function failRates() {
  const [from, to] = span(days(30, me.enterprise.time_zone))
  return call('GET', `/v1/stats/fail-rates?from=${from}&to=${to}`)
}

// compared sets them side by side.
async function compared(rates) {
  const t = me.t.c.overview, v = await rates()
  if (!v.items.length) return h('p', 'note', t.noRates)
  const rate = r => r.passed + r.failed ? `${percent(r.fail_rate)} (${number(r.failed)} / ${number(r.passed + r.failed)})` : '–'
  return [h('p', 'note', t.rule(v.least_checks, percent(v.least_difference))),
    grid(t.rates, t.rateHeads, v.items.map(x => [`${me.t.purposes[x.purpose]} · ${me.t.routes[x.route]}`, rate(x.now), rate(x.before),
      x.drift ? mark(t.drift[x.drift], x.drift === 'higher' ? 'bad' : 'warn') : t.noDrift]))]
}

