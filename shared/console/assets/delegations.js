// Delegations: which are in force, until when, and what they say.
import { all, call, unique } from './api.js'
import { announce, button, details, h, paragraphs, redrawn, show, table } from './dom.js'
import { day, instant, isAdmin, me } from './state.js'
import { bytesOf, doing, mark, offer, panel, sure } from './ui.js'

export function open() {
  const t = me.t.c.delegations
  show('delegations', t.title, h('p', {}, t.text),
    isAdmin() && h('div', 'acts', button(me.drafts.has('delegation') ? t.goOn : t.record, () => recording(), 'main')),
    panel('', list))
  redrawn(open)
}

const recording = async from => (await import('./record.js')).open(from)

const order = ['in_force', 'pending', 'superseded', 'expired', 'revoked']

async function list(draw) {
  const t = me.t.c.delegations, items = await all('/v1/delegations')
  if (!items.length) return h('p', {}, t.none)
  const live = items.filter(d => order.indexOf(d.status) < 2), over = items.filter(d => order.indexOf(d.status) >= 2)
  const cards = list => list.reverse().map(d => card(d, draw))
  return [h('h2', {}, t.live), live.length ? cards(live) : h('p', {}, t.noneInForce), over.length > 0 && details(t.over(over.length), cards(over))]
}

function card(d, draw) {
  const t = me.t.c.delegations, ends = Date.parse(d.valid_until) - Date.now() < 30 * 86_400_000
  const how = d.status === 'in_force' ? ends ? 'warn' : 'good' : d.status === 'pending' ? '' : 'bad'
  return h('article', 'card', h('h3', {}, d.agreement_ref, ' · ', me.t.version(d.version)),
    h('p', {}, mark(t.states[d.status], how), ' ', t.valid(day(d.valid_from), day(d.valid_until)), ' ', d.status === 'in_force' && ends && t.endsSoon, d.revoked_at && t.revokedAt(instant(d.revoked_at))),
    details(t.whole, terms(d)),
    h('div', 'acts', button(t.file, event => doing(event, () => file(d)), { 'aria-label': `${t.file}: ${d.agreement_ref}` }),
      isAdmin() && button(t.another, () => recording(d), { 'aria-label': `${t.another}: ${d.agreement_ref}` }),
      isAdmin() && ['in_force', 'pending'].includes(d.status) && button(t.revoke, event => doing(event, async () => {
        if (!await sure(t.sureRevoke, t.sureRevokeText(d.agreement_ref), t.revoke)) return
        await call('POST', `/v1/delegations/${d.id}/revoke`, {}, unique())
        announce(t.revoked)
        await draw(true)
      }), { class: 'danger', 'aria-label': `${t.revoke}: ${d.agreement_ref}` })))
}

// terms is all that a delegation says.
export function terms(d) {
  const t = me.t.c.delegations.terms
  return table([
    [t.agreement_ref, d.agreement_ref], [t.handler, me.t.c.delegations.handlers[d.handler]], [t.instructed_by, d.instructed_by],
    [t.valid_from, instant(d.valid_from)], [t.valid_until, instant(d.valid_until)],
    [t.purposes, me.t.list(d.purposes.map(p => me.t.purposes[p]))], [t.routes, me.t.list(d.routes.map(r => me.t.routes[r]))],
    [t.data_kinds, me.t.list(d.data_kinds.map(k => me.t.data[k]))],
    [t.subprocessors, d.subprocessors.map(s => h('div', {}, me.t.aside(s.name, me.t.routes[s.route]), h('br'), s.contact))],
    ...['safeguards', 'duties', 'supervision', 'return_and_deletion'].map(name => [t[name], paragraphs(d[name])]),
    [t.agreement_sha256, h('code', {}, d.agreement_sha256)], d.sha256 && [t.sha256, h('code', {}, d.sha256)],
    d.recorded_at && [t.recorded_at, instant(d.recorded_at)],
  ])
}

async function file(d) {
  const { agreement_file: content } = await call('GET', `/v1/delegations/${d.id}/agreement`)
  const t = me.t.c.delegations
  if (!content) return void announce(t.noFile)
  offer(new Blob([bytesOf(content)]), 'agreement-' + d.id)
}
