// What a person sees of a notice when they decide. The console shows the same to whoever is
// about to publish it.
import { details, h, paragraphs, table } from './dom.js'

// seen is a notice as it is shown in lang to a reader of t, for a purpose and the route
// that the session checks by, if it is there for a check: what stands above the choice,
// what is asked besides, and the two buttons. said picks a text's language.
export function seen(t, said, notice, lang, { purpose, route }, asked, refuse, agree) {
  const text = notice.contents[lang], changed = notice.changes_since_consent
  return [
    lang !== t.lang && h('p', 'note', t.onlyIn),
    h('div', { lang }, paragraphs(text.summary).map(p => (p.className = 'lead', p))),
    notice.facts.routes[1] && route && h('p', {}, t.fact.route + ': ', h('strong', {}, t.routes[route])),
    changed[0] && h('section', 'banner', h('strong', {}, t.changed),
      h('ul', {}, changed.map(c => h('li', {}, (t.fields[c.field] ?? c.field) + (c.material ? t.changedMaterial : ''))))),
    details(t.facts, facts(t, said, notice, purpose, route)),
    details(t.more, h('div', { lang }, paragraphs(text.body))),
    asked,
    h('section', { class: 'choice', id: 'choice' },
      h('p', { lang, id: 'agree-to', class: 'agree' }, text.agree),
      h('div', { lang, id: 'otherwise', class: 'otherwise', role: 'group', 'aria-label': t.alternative }, h('strong', { lang: t.lang }, t.alternative), ' ', text.alternative),
      h('div', 'pair', refuse, agree)),
  ]
}

function facts(t, said, notice, purpose, route) {
  const f = notice.facts, d = notice.delegation
  const row = (name, ...value) => [t.fact[name], ...value], texts = name => row(name, paragraphs(said(f[name])))
  return table([
    row('who', said(f.enterprise_name)),
    row('purpose', t.purposes[purpose]),
    row('route', t.list(f.routes.map(r => t.routes[r]))),
    row('recipients', f.recipients.map(r => h('div', {}, t.aside(r.name, t.routes[r.route]), h('br'), r.contact))),
    row('data', t.list(f.data_kinds.map(k => t.data[k]))),
    row('liveness', f.liveness || route === 'hosted' ? t.yes : t.no),
    row('retention', t.days(f.retention_days)),
    row('consent', t.days(f.consent_days)),
    f.high_risk && row('risk', t.risky),
    texts('necessity'), texts('impact'), texts('rights'), texts('contact'),
    row('delegation', `${d.agreement_ref} · ${t.version(d.version)}`, h('code', {}, d.sha256.slice(0, 16))),
    row('notice', t.version(notice.version), h('code', {}, notice.sha256[t.lang]?.slice(0, 16) ?? '')),
  ])
}
