// Notices: what people are shown now, what comes, and what was.
import { all } from './api.js'
import { button, details, h, redrawn, show } from './dom.js'
import { day, instant, isAdmin, me } from './state.js'
import { inForce } from './overview.js'
import { asSeen } from './preview.js'
import { grid, mark, panel } from './ui.js'

export function open() {
  const t = me.t.c.notices
  show('notices', t.title, h('p', {}, t.text),
    isAdmin() && h('div', 'acts', button(me.drafts.has('notice') ? t.goOn : t.publish, () => publishing(), 'main')),
    panel('', list))
  redrawn(open)
}

const publishing = async from => (await import('./publish.js')).open(from)

async function list() {
  const t = me.t.c.notices
  const [notices, delegations] = await Promise.all([all('/v1/notices'), all('/v1/delegations')])
  if (!notices.length) return h('p', {}, t.none)
  const current = inForce(notices), coming = notices.filter(n => Date.parse(n.effective_from) > Date.now())
  const rest = notices.filter(n => !current.includes(n) && !coming.includes(n))
  const cards = list => list.map(n => card(n, delegations.find(d => d.id === n.delegation.id), notices))
  return [
    h('h2', {}, t.inForce), current.length ? cards(current) : h('p', {}, t.noneInForce),
    coming.length > 0 && [h('h2', {}, t.coming), cards(coming)],
    rest.length > 0 && details(t.former(rest.length), grid(t.formerTitle, [...t.heads, me.t.c.act], rest.map(n => [
      called(n), n.version, instant(n.effective_from), n.version === 1 ? t.first : n.material ? mark(t.material) : t.immaterial, button(t.look, () => look(n, notices), 'link')]))),
    notices.cut && h('p', 'note', me.t.c.cut),
  ]
}

export const called = n => `${me.t.purposes[n.purpose]} · ${me.t.c.audiences[n.audience]}`

export const changed = n => n.changes.length ? me.t.list(n.changes.map(c => (me.t.fields[c.field] ?? c.field) + (c.material ? me.t.changedMaterial : ''))) : me.t.c.notices.noChanges

function card(n, d, notices) {
  const t = me.t.c.notices
  const over = d && ['revoked', 'expired'].includes(d.status)
  return h('article', 'card', h('h3', {}, called(n), ' · ', me.t.version(n.version)),
    h('p', {}, t.since(instant(n.effective_from)), ' ', n.version > 1 && [mark(n.material ? t.material : t.immaterial), ' ', t.changes(changed(n))]),
    d && h('p', {}, t.delegation(d.agreement_ref, day(d.valid_until)), ' ', over && mark(me.t.c.delegations.states[d.status], 'bad')),
    h('div', 'acts', button(t.look, () => look(n, notices), { 'aria-label': `${t.look}: ${called(n)}` }),
      isAdmin() && button(t.another, () => publishing(n), { 'aria-label': `${t.another}: ${called(n)}` })))
}

// look shows a notice as people see it, who agreed to none before.
function look(n, notices) {
  const t = me.t.c.notices
  show('notice', `${called(n)} · ${me.t.version(n.version)}`, h('p', {}, button(t.back, open, 'link')), asSeen({ ...n, changes: [] }))
  redrawn(() => look(n, notices))
}
