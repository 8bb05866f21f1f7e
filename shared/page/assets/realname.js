// Name and ID number: the form, for the ways of checking that need both and where the
// platform has not given them. They stay in this page's memory until there is a verdict,
// and nowhere else.
import { button, h, redrawn, show } from './dom.js'
import { load } from './load.js'
import { page, recipient } from './page.js'
import { standing } from './consent.js'
import { alternativeNearby } from './ends.js'
import { run } from './session.js'

const { field, faults } = await load('field.js')
const { failed, hasFailed, retake, send } = await load('send.js')

// ready is the step before the check: the form, the camera once that is filled in, or one
// press where there is nothing to fill in.
export function ready() {
  const { route, identity_given: given } = page.view, t = page.t
  if (route === 'authority' && page.identity) return camera('ready')
  if (hasFailed()) return failed(() => given ? button(t.again, check, 'main') : button(t.realname.anew, () => form(), 'main'))
  if (!given) return form()
  const { title, text } = t.realname.given
  show('ready', title, standing(), text, sentTo(), button(t.realname.check, check, 'main'), alternativeNearby())
}

// sentTo says where both go.
const sentTo = () => h('p', {}, page.t[page.view.route].to(recipient()), page.t.realname.kept)

// camera goes on to the face, where the way of checking needs one.
const camera = step => run(async () => (await load('check.js'))[step]())

// form asks for both. A problem says what was wrong with them.
export function form(problem) {
  const t = page.t.realname
  page.typed ??= { name: '', id_number: '' }
  page.identity = null // until it is found sound again
  const input = (name, props) => {
    const e = h('input', { type: 'text', required: true, spellcheck: 'false', ...props, input: () => { page.typed[name] = e.value } })
    e.value = page.typed[name]
    return field(name, t[name], e, t.hints[name])
  }
  show('realname', t.title, problem && h('p', { class: 'banner', role: 'status' }, problem.title),
    h('form', { novalidate: true, autocomplete: 'off', submit: e => { e.preventDefault(); submit() } },
      input('name', { autocomplete: 'name', autocapitalize: 'words', maxlength: 100 }),
      input('id_number', { autocomplete: 'off', autocapitalize: 'characters', inputmode: 'text', maxlength: 40 }),
      sentTo(),
      h('button', { type: 'submit', class: 'main' }, page.view.route === 'authority' ? page.t.goOn : t.check)),
    standing(), alternativeNearby())
  redrawn(() => form(problem))
  if (problem) faults(blamed(problem))
}

// blamed are the fields that a problem is about, with what to say there.
function blamed({ slug, detail }) {
  const name = slug !== 'id-number-invalid', number = slug !== 'name-invalid'
  return { ...name && { name: detail }, ...number && { id_number: detail } }
}

// submit looks at both before they go anywhere.
function submit() {
  const t = page.t.realname
  const name = soundName(page.typed.name), id_number = plain(page.typed.id_number)
  const wrong = numberFault(id_number)
  if (faults({ ...!name && { name: t.faults.name }, ...wrong && { id_number: t.faults[wrong] } })) return
  document.querySelectorAll('form input').forEach(e => { e.value = '' })
  page.typed = page.identity = { name, id_number }
  page.view.route === 'authority' ? camera('prepare') : check()
}

// check sends name and number alone.
function check() {
  return run(() => send({
    body: attempt => ({ attempt_id: attempt, ...page.identity }),
    otherwise: problem => retake(problem, () => button(page.t.again, check, 'main')),
  }))
}

// soundName is a name without what nobody meant to type, or nothing if it cannot be one:
// letters of any script, and what stands between the parts of a name. Within a Chinese
// name nothing does.
function soundName(typed) {
  const name = typed.normalize('NFC').trim().replace(/\s+/g, ' ').replace(/(\p{Script=Han}) (?=\p{Script=Han})/gu, '$1')
  return /^[\p{L}\p{M}·•.\-' ]{2,50}$/u.test(name) && name.match(/[\p{L}\p{M}]/gu)?.length > 1 ? name : ''
}

// plain is a number without spaces and hyphens, as keyboards for Chinese may write it too.
const plain = typed => typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

// numberFault says what is wrong with an ID number: its form, or its last character, which
// is computed from the others (GB 11643-1999, by ISO 7064 MOD 11-2).
function numberFault(number) {
  if (number.length !== 18) return 'length'
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return 'form'
  const sum = [...number].slice(0, 17).reduce((sum, d, i) => sum + d * (2 ** (17 - i) % 11), 0)
  return '10X98765432'[sum % 11] === number[17] ? null : 'digit'
}
