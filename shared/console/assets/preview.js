// A notice as people see it, made by the very part of their page that shows it there.
import { button, h } from './dom.js'
import { me, texts } from './state.js'
import { panel } from './ui.js'
import { seen } from './notice.js'
import { call } from './api.js'

// asSeen shows a notice in each of its languages, as the page of a check by each of its
// routes does. Its changes are told as to somebody who agreed to the version before.
export function asSeen(notice) {
  const t = me.t.c.preview
  let lang = notice.contents[me.t.lang] ? me.t.lang : 'zh-CN', route = notice.facts.routes[0], again
  const written = Object.keys(notice.contents)
  const choose = (id, label, options, chosen, change) => h('div', 'choose', h('label', { for: id }, label),
    h('select', { id, change: e => { change(e.target.value); again(true) } }, options.map(([value, text]) => h('option', { value, selected: value === chosen }, text))))
  return h('section', { class: 'seen', 'aria-label': t.title },
    h('h2', {}, t.title), h('p', 'note', t.text),
    h('div', 'choices',
      choose('seen-lang', t.language, ['zh-CN', 'en'].map(l => [l, t.languages[l] + (written.includes(l) ? '' : t.missing)]), lang, v => { lang = v }),
      notice.facts.routes.length > 1 && choose('seen-route', me.t.fact.route, notice.facts.routes.map(r => [r, me.t.routes[r]]), route, v => { route = v })),
    panel('', draw => { again = draw; return person(notice, lang, route) }))
}

const references = new Map()

async function person(notice, reader, route) {
  const t = await texts(reader), lang = notice.contents[reader] ? reader : 'zh-CN'
  if (!references.has(notice.delegation.id)) {
    const list = (await call('GET', '/v1/delegations?limit=200')).items
    for (const d of list) references.set(d.id, d.agreement_ref)
  }
  const shown = { ...notice, changes_since_consent: notice.changes ?? [], delegation: { ...notice.delegation, agreement_ref: references.get(notice.delegation.id) ?? '' } }
  const said = texts => texts?.[t.lang] ?? texts?.['zh-CN'] ?? ''
  const dead = text => button(text, () => {}, { class: 'equal', 'aria-disabled': 'true' })
  const children = seen(t, said, shown, lang, { purpose: notice.purpose, route }, null, dead(t.refuse), dead(t.agree))
  return h('article', { class: 'person', lang: t.lang }, h('h3', { lang }, notice.contents[lang].title), children.filter(x => x))
}
