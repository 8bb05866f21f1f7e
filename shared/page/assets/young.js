// The page of somebody under age while it is their guardian's word that counts: a child
// is told what happens, a minor who has agreed waits.
import { button, h, redrawn, show, status } from './dom.js'
import { page, said } from './page.js'
import { standing } from './consent.js'
import { alternative, alternativeNearby, leave } from './ends.js'
import { watch } from './phone.js'
import { run } from './session.js'

export function young() {
  if (page.view.state === 'refused') return refused()
  if (page.view.age_group === 'child') return told()
  const { title, text, wait } = page.t.minor
  show('guardian', title, text, status(wait), alternative(), standing())
  follow('guardian')
}

// told says to a child, in words for one, what happens and who decides.
function told() {
  const { title, what, who, wait, no } = page.t.child
  show('child', title, page.t[page.view.route]?.child ?? what, who, status(wait),
    button(no, unwilling), alternativeNearby())
  follow('child')
}

// unwilling is for a child who does not want it. Nothing was agreed to yet, so nothing has
// to be taken back.
function unwilling() {
  const { fine } = page.t.child
  show('child-no', fine.title, fine.text, alternative(), h('div', 'row', leave(), button(page.t.back, () => run(young))))
  redrawn(unwilling)
}

// refused is where the guardian said no.
function refused() {
  const { title, text } = said('guardianRefused')
  show('guardian-refused', title, text, alternative(), leave())
  follow('guardian-refused')
}

// follow goes on by itself when the guardian has decided.
function follow(step) {
  redrawn(young)
  const { state, awaiting } = page.view
  watch(step, () => page.view.state !== state || page.view.awaiting.length !== awaiting.length)
}
