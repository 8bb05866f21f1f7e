// What people ask the enterprise for, until when it has to be answered, and the answer.
import { all, call, unique } from './api.js'
import { announce, button, h, paragraphs, redrawn, show, table } from './dom.js'
import { area, faultsOf, form, select } from './form.js'
import { day, instant, isAdmin, me } from './state.js'
import { bytesOf, doing, grid, mark, offer, panel, sure } from './ui.js'

let only = 'open'

export function open() {
  const t = me.t.c.requests
  let again
  const choice = h('select', { id: 'choose-only', change: e => { only = e.target.value; again() } },
    Object.entries(t.which).map(([value, text]) => h('option', { value, selected: value === only }, text)))
  show('requests', t.title, h('p', {}, t.text(isAdmin())),
    h('div', 'choices', h('div', 'choose', h('label', { for: 'choose-only' }, t.show), choice)),
    panel('', draw => { again = draw; return list() }))
  redrawn(open)
}

async function list() {
  const t = me.t.c.requests, items = await all('/v1/requests' + (only === 'open' ? '?state=open' : ''))
  if (!items.length) return h('p', {}, t.none)
  if (only !== 'open') items.reverse()
  return [grid(t.title, isAdmin() ? [...t.heads, me.t.c.act] : t.heads, items.map(r => [
    h('strong', {}, t.kinds[r.kind]), day(r.opened_at), standing(r),
    ...isAdmin() ? [h('div', 'acts', button(t.read, () => read(r.id), { 'aria-label': `${t.read}: ${t.kinds[r.kind]}, ${day(r.opened_at)}` }))] : [],
  ])), items.cut && h('p', 'note', me.t.c.cut)]
}

function standing(r) {
  const t = me.t.c.requests
  if (r.outcome) return t.outcomes[r.outcome](day(r.resolved_at))
  return r.overdue ? mark(t.overdue(day(r.due_at)), 'bad') : Date.parse(r.due_at) - Date.now() < 5 * 86_400_000 ? mark(t.due(day(r.due_at)), 'warn') : t.due(day(r.due_at))
}

// read shows one request. The log says who read it, so that is asked for by a press.
function read(id) {
  const t = me.t.c.requests
  show('request', t.one, h('p', {}, button(t.back, open, 'link')), h('p', 'note', t.recorded), panel('', async draw => one(await call('GET', '/v1/requests/' + id), draw)))
  redrawn(() => read(id))
}

function one(r, draw) {
  const t = me.t.c.requests
  return [
    table([
      [t.kind, t.kinds[r.kind]], [t.subject, r.subject], r.relation && [t.relation, t.kin[r.relation]], [t.by, r.by ? t.givers[r.by] : t.relative],
      [t.opened, instant(r.opened_at)], [t.state, standing(r)],
      [t.words, r.text ? paragraphs(r.text) : t.noWords],
      r.proof_given && [t.proof, r.proof_file ? button(t.save, () => offer(new Blob([bytesOf(r.proof_file)]), 'proof-' + r.id)) : t.noProof],
      r.reason && [t.ground, t.grounds[r.reason]], r.answer && [t.answer, paragraphs(r.answer)],
    ]),
    !r.outcome && answer(r, draw),
  ]
}

function answer(r, draw) {
  const t = me.t.c.requests, draft = 'request ' + r.id
  const kept = me.drafts.get(draft) ?? { outcome: 'done', reason: '', answer: '', name: unique() }
  const changed = () => { kept.name = unique(); me.drafts.set(draft, kept) }
  const ground = select(kept, 'reason', t.ground, [['', me.t.c.form.choose], ...Object.entries(t.grounds)], { changed })
  const look = () => { ground.hidden = kept.outcome !== 'refused' }
  const whole = form(t.answering, h('h2', {}, t.answering),
    select(kept, 'outcome', t.outcome, Object.entries(t.outcomeWords), { changed: () => { changed(); look() } }), ground,
    area(kept, 'answer', t.answer, { changed, hint: t.answerHint, rows: 6 }),
    h('div', 'acts', button(t.send, event => doing(event, async () => {
      const deletes = r.kind === 'delete' && kept.outcome === 'done'
      if (!await sure(t.sure, deletes ? [t.sureText, t.sureDelete] : t.sureText, t.send)) return
      const body = { outcome: kept.outcome, answer: kept.answer }
      if (kept.outcome === 'refused') body.reason = kept.reason || undefined
      try {
        await call('POST', `/v1/requests/${r.id}/resolve`, body, kept.name)
      } catch (e) {
        throw faultsOf(e)
      }
      me.drafts.delete(draft)
      announce(t.sent)
      await draw(true)
    }), 'main')))
  look()
  return whole
}
