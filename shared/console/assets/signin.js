// Signing in: a key is all that it takes. It stays in the page's memory, see package
// console.
import { NoAnswer, unique, whenEnded, whose } from './api.js'
import { button, h, redrawn, show } from './dom.js'
import { faults, field } from './field.js'
import { me } from './state.js'

const roles = ['admin', 'auditor']

// asked is a form that asks for a key, and hands it on once it works.
function asked(id, submit, ...besides) {
  const t = me.t.c.signIn
  const key = h('input', { type: 'password', autocomplete: 'current-password', spellcheck: 'false', autocapitalize: 'off', required: true, maxlength: 400 })
  return h('form', {
    id, novalidate: true, submit: async event => {
      event.preventDefault()
      const go = event.target.querySelector('button[type=submit]'), value = key.value.trim()
      if (go.disabled) return
      go.disabled = true
      try {
        faults({})
        const caller = await check(value)
        key.value = ''
        submit(value, caller)
      } catch (e) {
        go.disabled = false
        faults({ [id]: said(e) })
      }
    },
  }, field(id, t.key, key, t.hint), h('div', 'acts', h('button', { type: 'submit', class: 'main' }, t.go), ...besides))
}

const shape = /^nod_([a-z]+)_[\x21-\x7e]+$/

// check asks Nod whose the key is. One that is not for the console is not even sent.
async function check(key) {
  const role = shape.exec(key)?.[1]
  if (!role) throw new Refused('form')
  if (!roles.includes(role)) throw new Refused('role')
  return whose(key)
}

class Refused extends Error {}

function said(e) {
  const t = me.t.c.signIn
  if (e instanceof Refused) return t[e.message]
  if (e instanceof NoAnswer) return me.t.c.noAnswer.join(' ')
  return e.slug === 'unauthenticated' ? t.unknown : e.slug === 'wrong-role' ? t.role : e.slug ? `${e.title} ${e.detail}` : me.t.c.broken.join(' ')
}

const takes = (key, { role, holder, enterprise }) => Object.assign(me, { key, role, holder, enterprise })

// signIn shows the first step; then is what follows.
export function signIn(then) {
  const t = me.t.c.signIn
  show('sign-in', t.title, t.text, asked('key', (key, caller) => { takes(key, caller); then() }), h('p', 'note', t.kept))
  redrawn(() => signIn(then))
  document.getElementById('field-key').focus()
}

// signOut forgets everything: the page begins anew.
export function signOut() {
  me.drafts.clear()
  history.replaceState(null, '', location.pathname)
  location.reload()
}

let open = null

// again asks for a key in the place of one that does not work any more, above what is
// shown. Another enterprise's, or one for another role, begins anew.
whenEnded(ended => {
  if (ended !== me.key) return // there is another one already
  open ??= new Promise(done => {
    const t = me.t.c.signIn, before = document.activeElement
    const dialog = h('dialog', { 'aria-labelledby': 'ended', cancel: event => event.preventDefault() },
      h('h2', { id: 'ended' }, t.ended), h('p', {}, t.endedText(me.holder)),
      asked('again-' + unique().slice(0, 4), (key, caller) => {
        if (caller.enterprise.id !== me.enterprise.id || caller.role !== me.role) return signOut()
        takes(key, caller)
        dialog.close()
      }, button(t.out, signOut)))
    dialog.addEventListener('close', () => {
      dialog.remove()
      before?.focus()
      open = null
      done()
    })
    document.body.append(dialog)
    dialog.showModal()
  })
  return open
})
