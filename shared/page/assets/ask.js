// What a person asks the enterprise for: the form. What is typed stays in this page's
// memory until it was sent.
import { call, unique } from './api.js'
import { banner, button, h, redrawn, show } from './dom.js'
import { load } from './load.js'
import { inLanguage, page } from './page.js'
import { run } from './session.js'

const { field, faults } = await load('field.js')
const needText = ['correct', 'complaint', 'relative']
const largest = 3 << 20 // bytes of a file

let typed = {}, sent = {}

// ask shows the form. back reads and shows the page that it was opened from.
export function ask(kind, back) {
  if (kind) typed.kind = kind
  draw(back)
}

function draw(back) {
  const t = page.t.me
  const choose = (name, options) => {
    const e = h('select', { required: true, change: () => { typed[name] = e.value; fit() } }, h('option', { value: '' }, t.choose),
      Object.entries(options).map(([value, text]) => h('option', { value, selected: typed[name] === value }, text)))
    return e
  }
  const kind = choose('kind', t.kinds)
  const text = h('textarea', { rows: 5, maxlength: 4000, input: () => { typed.text = text.value } })
  text.value = typed.text ?? ''
  const file = h('input', { type: 'file', accept: 'application/pdf,image/jpeg,image/png', change: () => { typed.file = file.files[0] } })
  const relative = h('div', {}, field('relation', t.relation, choose('relation', t.kin)), field('proof_file', t.proof, file, t.proofHint + (typed.file ? ' · ' + typed.file.name : '')))
  const fit = () => { relative.hidden = typed.kind !== 'relative' }
  fit()
  show('ask', t.ask, t.askText(inLanguage(page.enterprise.name)),
    h('form', { novalidate: true, autocomplete: 'off', submit: e => { e.preventDefault(); submit(back) } },
      field('kind', t.kind, kind), relative, field('text', t.text, text, t.textHint),
      h('button', { type: 'submit', class: 'main' }, t.send)),
    button(page.t.back, () => run(back)))
  redrawn(() => draw(back))
}

// missing says what is not there yet, by field.
function missing() {
  const t = page.t.me.faults, { kind, text, relation, file } = typed, relative = kind === 'relative'
  return {
    ...!kind && { kind: t.choose },
    ...needText.includes(kind) && !text?.trim() && { text: t.text },
    ...relative && !relation && { relation: t.choose },
    ...relative && (!file || file.size > largest) && { proof_file: file ? t.large : t.file },
  }
}

function submit(back) {
  if (faults(missing())) return
  return run(async () => {
    const { kind, text, relation, file } = typed
    const body = { kind, text: text ?? '', ...kind === 'relative' && { relation, proof_file: await base64(file) } }
    const what = JSON.stringify(body)
    if (sent.what !== what) sent = { what, name: unique() } // the same again is one request
    try {
      await call('POST', '/v1/me/requests', body, sent.name)
    } catch (e) {
      if (e.status === 422 || e.slug === 'too-many-requests') return banner(e)
      throw e
    }
    typed = sent = {}
    await back()
    banner({ title: page.t.me.sent, text: page.t.me.sentText })
  })
}

const base64 = file => new Promise((done, fail) => {
  const reader = new FileReader()
  reader.onload = () => done(reader.result.split(',')[1])
  reader.onerror = fail
  reader.readAsDataURL(file)
})
