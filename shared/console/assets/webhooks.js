// Messages to the learning platform that did not arrive, and sending them again.
import { all, call, unique } from './api.js'
import { announce, button, h, redrawn, show } from './dom.js'
import { instant, me } from './state.js'
import { doing, grid, mark, panel } from './ui.js'

let state = 'failed'

export function open() {
  const t = me.t.c.webhooks
  let again
  const select = h('select', { id: 'choose-state', change: e => { state = e.target.value; again() } },
    ['failed', 'waiting', 'delivered'].map(s => h('option', { value: s, selected: s === state }, t.states[s])))
  show('webhooks', t.title, h('p', {}, t.text),
    h('div', 'choices', h('div', 'choose', h('label', { for: 'choose-state' }, t.state), select)),
    panel('', draw => { again = draw; return list(draw) }))
  redrawn(open)
}

async function list(draw) {
  const t = me.t.c.webhooks, items = await all('/v1/webhooks?state=' + state)
  if (!items.length) return h('p', {}, t.none[state])
  const failed = state === 'failed'
  const resend = d => button(t.resend, event => doing(event, async () => {
    await call('POST', `/v1/webhooks/${d.id}/resend`, {}, unique())
    announce(t.resent)
    await draw(true)
  }), { 'aria-label': `${t.resend}: ${t.types[d.type]} ${instant(d.at)}` })
  const why = d => d.fault ? [mark(t.faults[d.fault] ?? d.fault, failed ? 'bad' : 'warn'), d.status ? ` HTTP ${d.status}` : ''] : '–'
  return [
    failed && items.length > 1 && h('div', 'acts', button(t.resendAll(items.length), event => doing(event, async () => {
      for (const d of items) await call('POST', `/v1/webhooks/${d.id}/resend`, {}, unique())
      announce(t.resent)
      await draw(true)
    }))),
    grid(t.title, [...t.heads, state === 'waiting' ? t.next : me.t.c.act], items.reverse().map(d => [
      t.types[d.type] ?? d.type, me.t.purposes[d.purpose], instant(d.at), why(d), d.tries,
      state === 'waiting' ? instant(d.next_at) : h('div', 'acts', resend(d)),
    ])),
    items.cut && h('p', 'note', me.t.c.cut),
  ]
}
