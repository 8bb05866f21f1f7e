// Recording a delegation: the form, all of it to be read once more, and then the button.
// The file's hash is computed here, so that what is recorded is what lies on this device.
import { all, call, unique } from './api.js'
import { announce, button, h, redrawn, show } from './dom.js'
import { area, checks, faultsOf, form, select, text, time } from './form.js'
import { open as list, terms } from './delegations.js'
import { kinds, recipients } from './parts.js'
import { me } from './state.js'
import { doing, problem, sure } from './ui.js'

const most = 3 << 20 // bytes of a file
const said = ['safeguards', 'duties', 'supervision', 'return_and_deletion']

let known = []

export async function open(from) {
  const t = me.t.c.record
  if (from && me.drafts.has('delegation') && !await sure(me.t.c.publish.begun, me.t.c.publish.begunText, me.t.c.publish.beginAnew)) from = null
  if (from) me.drafts.delete('delegation')
  show('record', t.title, h('p', { class: 'note', role: 'status' }, me.t.c.loading))
  try {
    known = await all('/v1/delegations')
  } catch (e) {
    return show('record', t.title, problem(e, () => open(from)))
  }
  edit(me.drafts.get('delegation') ?? draftOf(from))
}

function draftOf(d) {
  return {
    agreement_ref: '', agreement_sha256: '', file: '', fileName: '', handler: d?.handler ?? 'enterprise', instructed_by: d?.instructed_by ?? '',
    purposes: d?.purposes ?? [], routes: d?.routes ?? [], data_kinds: d?.data_kinds ?? [], subprocessors: (d?.subprocessors ?? []).map(s => ({ ...s })),
    ...Object.fromEntries(said.map(name => [name, d?.[name] ?? ''])),
    valid_from: '', valid_until: '', supersedes: d?.id ?? '',
  }
}

function edit(d) {
  const t = me.t.c.record, words = me.t.c.delegations.terms, changed = () => me.drafts.set('delegation', d)
  const hash = text(d, 'agreement_sha256', words.agreement_sha256, { changed, hint: t.hashHint })
  show('record', t.title, h('p', {}, button(me.t.c.delegations.back, list, 'link')), h('p', {}, t.text),
    form(t.title,
      text(d, 'agreement_ref', words.agreement_ref, { changed }),
      file(d, hash, changed), hash,
      h('div', 'pairs', time(d, 'valid_from', words.valid_from, { changed, hint: t.clock }), time(d, 'valid_until', words.valid_until, { changed, hint: t.clock })),
      h('div', 'pairs', select(d, 'handler', words.handler, Object.entries(me.t.c.delegations.handlers), { changed }),
        text(d, 'instructed_by', words.instructed_by, { changed, hint: t.instructedHint })),
      select(d, 'supersedes', t.supersedes, [['', t.supersedesNone], ...known.map(x => [x.id, `${x.agreement_ref} · ${me.t.version(x.version)} · ${me.t.c.delegations.states[x.status]}`])], { changed, hint: t.supersedesHint }),
      checks(d, 'purposes', words.purposes, Object.entries(me.t.purposes), { changed }),
      checks(d, 'routes', words.routes, Object.entries(me.t.routes), { changed }),
      checks(d, 'data_kinds', words.data_kinds, kinds(), { changed }),
      recipients(d, 'subprocessors', 'subprocessors', words.subprocessors, changed),
      said.map(name => area(d, name, words[name], { changed, rows: 5 })),
      h('div', 'acts', button(t.preview, () => preview(d), 'main'), me.drafts.has('delegation') && button(me.t.c.publish.discard, async () => {
        if (!await sure(me.t.c.publish.discard, me.t.c.publish.discardText, me.t.c.publish.discard)) return
        me.drafts.delete('delegation')
        list()
      }))))
  redrawn(() => edit(d))
}

// file reads the agreement, and computes its hash.
function file(d, hash, changed) {
  const t = me.t.c.record, id = 'field-agreement_file', words = h('p', 'note', d.fileName && t.read(d.fileName))
  const fault = h('p', { class: 'fault', 'data-of': 'agreement_file', id: id + '-fault' })
  const input = h('input', { type: 'file', id, 'aria-describedby': `${id}-hint ${id}-fault`, change: async () => {
    const [chosen] = input.files
    fault.textContent = ''
    if (!chosen) return
    if (chosen.size > most) return void (fault.textContent = t.tooLarge)
    const bytes = new Uint8Array(await chosen.arrayBuffer()), sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    d.agreement_sha256 = hash.querySelector('input').value = [...sum].map(b => b.toString(16).padStart(2, '0')).join('')
    d.file = base64(bytes)
    d.fileName = chosen.name
    words.textContent = t.read(chosen.name)
    changed()
    announce(words.textContent)
  } })
  return h('div', 'field', h('label', { for: id }, t.file), h('p', { class: 'note', id: id + '-hint' }, t.fileHint), input, words, fault)
}

function base64(bytes) {
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

const utc = local => local && new Date(local).toISOString()

function bodyOf(d) {
  const { file, fileName, ...body } = { ...d, valid_from: utc(d.valid_from), valid_until: utc(d.valid_until) }
  if (file) body.agreement_file = file
  for (const name of ['supersedes', 'valid_from', 'valid_until']) if (!body[name]) delete body[name]
  return body
}

// preview is all of it, to be read before it is recorded for good.
function preview(d) {
  const t = me.t.c.record, body = bodyOf(d), name = unique()
  if (!body.valid_from || !body.valid_until) return missing(d)
  show('record-preview', t.previewTitle, h('p', {}, button(me.t.c.publish.backToForm, () => edit(d), 'link')), h('p', {}, t.previewText),
    h('div', 'panel', terms(body), h('p', {}, d.file ? t.withFile(d.fileName) : t.withoutFile)),
    h('div', 'acts', button(t.record, event => doing(event, async () => {
      if (!await sure(t.sure, t.sureText, t.record)) return
      let made
      try {
        made = await call('POST', '/v1/delegations', body, name)
      } catch (e) {
        if (!e.errors?.length) throw e
        edit(d) // where the fields are that it is about
        const left = faultsOf(e)
        document.querySelector('form').prepend(problem(left))
        return
      }
      me.drafts.delete('delegation')
      list()
      announce(t.recorded(made.agreement_ref, me.t.version(made.version)))
    }), 'main'), button(me.t.c.publish.backToForm, () => edit(d))))
  redrawn(() => preview(d))
}

// missing says that there is no time yet, which could not be shown.
function missing(d) {
  const t = me.t.c.record
  faultsOf({ errors: ['valid_from', 'valid_until'].filter(name => !d[name]).map(field => ({ field, detail: t.noTime })) })
}
