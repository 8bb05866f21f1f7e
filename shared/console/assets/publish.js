// Publishing a notice: the form, what it will look like and change, and only then the
// button that publishes.
import { all, call, unique } from './api.js'
import { announce, button, h, redrawn, show } from './dom.js'
import { area, checks, count, faultsOf, form, select, text, tick, time } from './form.js'
import { called, changed, open as list } from './notices.js'
import { instant, me } from './state.js'
import { asSeen } from './preview.js'
import { kinds, recipients } from './parts.js'
import { doing, grid, mark, problem, sure } from './ui.js'

const locales = ['zh-CN', 'en'], told = ['necessity', 'impact', 'rights', 'contact'], written = ['title', 'summary', 'body', 'agree', 'alternative']

let delegations

// open begins with a notice to change, with what was begun, or with nothing.
export async function open(from) {
  const t = me.t.c.publish
  if (from && me.drafts.has('notice') && !await sure(t.begun, t.begunText, t.beginAnew)) from = null
  if (from) me.drafts.delete('notice')
  show('publish', t.title, h('p', { class: 'note', role: 'status' }, me.t.c.loading))
  try {
    delegations = await all('/v1/delegations')
  } catch (e) {
    return show('publish', t.title, problem(e, () => open(from)))
  }
  edit(me.drafts.get('notice') ?? draftOf(from))
}

const texts = v => Object.fromEntries(locales.map(l => [l, v?.[l] ?? '']))

// draftOf is a form's content: of a notice, of a file like those in docs/notices, or empty.
function draftOf(n) {
  const f = n?.facts ?? {}
  const usable = delegations.filter(d => d.status === 'in_force' || d.status === 'pending')
  const same = usable.find(d => d.id === (n?.delegation?.id ?? n?.delegation_id))
  return {
    purpose: n?.purpose ?? 'training', audience: n?.audience ?? 'adult', delegation: (same ?? usable.at(-1))?.id ?? '',
    routes: f.routes ?? [], liveness: !!f.liveness, recipients: (f.recipients ?? []).map(r => ({ ...r })), kinds: f.data_kinds ?? [],
    retention: f.retention_days ?? 1096, consent: f.consent_days ?? 365, ...Object.fromEntries(told.map(name => [name, texts(f[name])])),
    contents: Object.fromEntries(locales.map(l => [l, Object.fromEntries(written.map(name => [name, n?.contents?.[l]?.[name] ?? '']))])),
    effective: '', material: false,
  }
}

// bodyOf is what the interface takes. A language in which nothing is written is left out.
function bodyOf(d) {
  const has = l => l === 'zh-CN' || written.some(name => d.contents[l][name].trim())
  const pick = v => Object.fromEntries(locales.filter(l => has(l) || v[l].trim()).map(l => [l, v[l]]))
  const body = {
    purpose: d.purpose, audience: d.audience, delegation_id: d.delegation,
    facts: {
      routes: d.routes, liveness: d.liveness, recipients: d.recipients, data_kinds: d.kinds, retention_days: d.retention, consent_days: d.consent,
      ...Object.fromEntries(told.map(name => [name, pick(d[name])])),
    },
    contents: Object.fromEntries(locales.filter(has).map(l => [l, d.contents[l]])), material: d.material,
  }
  if (d.effective) body.effective_from = new Date(d.effective).toISOString()
  return body
}

function edit(d) {
  const t = me.t.c.publish, changed = () => me.drafts.set('notice', d)
  const both = (name, label, write, path) => h('div', 'pairs', locales.map(l => write(l, path(l), `${label} (${t.languages[l]})`)))
  const usable = delegations.filter(x => ['in_force', 'pending'].includes(x.status) || x.id === d.delegation)
  show('publish', t.title, h('p', {}, button(me.t.c.notices.back, list, 'link')), h('p', {}, t.text), fromFile(),
    form(t.title,
      h('h2', {}, t.whom),
      h('div', 'pairs', select(d, 'purpose', t.purpose, Object.entries(me.t.purposes), { changed }),
        select(d, 'audience', t.audience, Object.entries(me.t.c.audiences), { changed })),
      select(d, 'delegation', t.delegation, [['', me.t.c.form.choose], ...usable.map(x => [x.id, `${x.agreement_ref} · ${me.t.version(x.version)} · ${me.t.c.delegations.states[x.status]}`])], { changed, as: 'delegation_id', hint: t.delegationHint }),
      h('h2', {}, t.facts), h('p', 'note', t.factsHint),
      checks(d, 'routes', me.t.fact.route, Object.entries(me.t.routes), { changed, as: 'facts.routes' }),
      tick(d, 'liveness', t.liveness, { changed }),
      recipients(d, 'recipients', 'facts.recipients', me.t.fact.recipients, changed),
      checks(d, 'kinds', me.t.fact.data, kinds(), { changed, as: 'facts.data_kinds' }),
      h('div', 'pairs', count(d, 'retention', t.retention, { changed, as: 'facts.retention_days', min: 1096, max: 3660 }),
        count(d, 'consent', t.consent, { changed, as: 'facts.consent_days', min: 1, max: 1096 })),
      told.map(name => both(name, me.t.fact[name], (l, as, label) => area(d[name], l, label, { changed, as }), l => `facts.${name}.${l}`)),
      h('h2', {}, t.contents),
      both('title', t.words.title, (l, as, label) => text(d.contents[l], 'title', label, { changed, as }), l => `contents.${l}.title`),
      written.slice(1).map(name => both(name, t.words[name], (l, as, label) => area(d.contents[l], name, label, { changed, as, rows: name === 'body' ? 12 : 4 }), l => `contents.${l}.${name}`)),
      h('h2', {}, t.when),
      time(d, 'effective', t.effective, { changed, as: 'effective_from', hint: t.effectiveHint, optional: true }),
      tick(d, 'material', t.raise, { changed, hint: t.raiseHint }),
      h('div', 'acts', button(t.preview, event => doing(event, async () => {
        const body = bodyOf(d)
        try {
          preview(d, body, await call('POST', '/v1/notices/preview', body))
        } catch (e) {
          throw faultsOf(e)
        }
      }), 'main'), me.drafts.has('notice') && button(t.discard, async () => {
        if (!await sure(t.discard, t.discardText, t.discard)) return
        me.drafts.delete('notice')
        list()
      }))))
  redrawn(() => edit(d))
}

// fromFile takes what stands in a file, as one could send it.
function fromFile() {
  const t = me.t.c.publish, id = 'notice-file'
  const input = h('input', { type: 'file', id, accept: '.json,application/json', change: async () => {
    try {
      const n = JSON.parse(await input.files[0].text())
      const d = draftOf(n.facts ? n : null)
      me.drafts.set('notice', d)
      edit(d)
      announce(t.taken)
    } catch {
      input.after(h('p', { class: 'fault', role: 'alert' }, t.noFile))
    }
  } })
  return h('details', {}, h('summary', {}, t.file), h('div', 'field', h('label', { for: id }, t.fileLabel), h('p', 'note', t.fileHint), input))
}

// preview shows what publishing would make, and asks.
function preview(d, body, n) {
  const t = me.t.c.publish, name = unique()
  show('preview', t.previewTitle, h('p', {}, button(t.backToForm, () => edit(d), 'link')),
    h('div', 'panel', h('h2', {}, `${called(n)} · ${me.t.version(n.version)}`),
      h('p', {}, n.material ? [mark(me.t.c.notices.material, 'warn'), ' ', n.version > 1 ? t.materialText : t.firstText] : [mark(me.t.c.notices.immaterial, 'good'), ' ', t.immaterialText]),
      n.version > 1 && h('p', {}, n.changes.length ? me.t.c.notices.changes(changed(n)) : t.nothingChanged),
      h('p', {}, t.from(instant(n.effective_from))),
      grid(t.hashes, [t.language, 'SHA-256'], Object.entries(n.sha256).map(([l, sum]) => [t.languages[l], h('code', {}, sum)])),
      h('p', 'note', t.hashesText)),
    asSeen(n),
    h('div', 'acts', button(t.publish, event => doing(event, async () => {
      if (!await sure(t.sure, [t.sureText(called(n), me.t.version(n.version)), n.material && n.version > 1 && t.materialText], t.publish)) return
      const made = await call('POST', '/v1/notices', body, name)
      me.drafts.delete('notice')
      list()
      announce(t.published(called(made), me.t.version(made.version)))
    }), 'main'), button(t.backToForm, () => edit(d))))
  redrawn(() => preview(d, body, n))
}
