// The page of a guardian, on a device of their own: what they are asked besides the
// notice, and what follows from their answer.
import { h, redrawn, show, status } from './dom.js'
import { load } from './load.js'
import { page } from './page.js'
import { consent, standing } from './consent.js'
import { alternative, ended, leave, refused } from './ends.js'
import { watch } from './phone.js'

const { field, faults } = await load('field.js')

export function guardian() {
  const { state, consent: mine } = page.view
  const over = ['passed', 'failed'].includes(state)
  if (over || mine?.state === 'granted' && ['open', 'consented'].includes(state)) return done()
  if (!['open', 'refused'].includes(state)) return ended(state)
  if (state === 'open') return consent(asking)
  if (['refused', 'withdrawn'].includes(mine?.state)) return refused(() => consent(asking))
  other()
}

// done says that all is said here, and follows what becomes of it on the other device.
function done() {
  const { state, awaiting } = page.view, t = page.t.guardian
  const now = awaiting.includes('self') ? 'open' : state
  show('guardian-done', t.done, t.elsewhere, status(t[now] ?? t.over), standing(), leave())
  redrawn(guardian)
  watch('guardian-done', () => page.view.state !== state || page.view.awaiting.length !== awaiting.length)
}

// other is where the young person has said no themselves.
function other() {
  const { title, text } = page.t.guardian.other
  show('other-refused', title, text, alternative(), leave())
  redrawn(guardian)
  watch('other-refused', () => page.view.state !== 'refused')
}

const questions = ['relation', 'reached_by']
const answers = {}

// asking draws what a guardian says of themselves, as they had answered it so far.
function asking() {
  const t = page.t.guardian
  return h('section', {}, h('h2', {}, t.about), questions.map(name => {
    const { label, ...options } = t[name]
    const select = h('select', { required: true, change: () => { answers[name] = select.value } },
      h('option', { value: '' }, t.choose), Object.entries(options).map(([value, text]) => h('option', { value, selected: answers[name] === value }, text)))
    return field(name, label, select)
  }))
}

asking.statement = () => {
  const missing = questions.filter(name => !answers[name])
  return faults(Object.fromEntries(missing.map(name => [name, page.t.guardian.missing]))) ? null
    : { by: 'guardian', guardian: { ...answers } }
}
