// The page behind a receipt's link: one press withdraws. It needs no session and
// nobody's help, and works long after the person has left the platform.
import { call, NoAnswer, unique } from './api.js'
import { button, h, redrawn, show } from './dom.js'
import { inLanguage, kept, ofThisEnterprise, page, takeCode } from './page.js'
import { receipt } from './receipt.js'
import { offline, serviceDown } from './ends.js'

export function open() {
  const code = takeCode('w')
  if (code === '') return sorry('broken')
  if (code && code !== kept.get().withdrawal) kept.put({ withdrawal: code, withdrawing: unique(), withdrawn: null })
  const { withdrawal, withdrawn } = kept.get()
  if (withdrawn) return receipt(withdrawn)
  if (withdrawal && ofThisEnterprise(withdrawal)) return ask()
  sorry('broken')
}

function ask() {
  const t = page.t.withdrawal
  show('withdraw', t.title, t.text(inLanguage(page.enterprise.name)), button(t.title, withdraw, 'main'))
  redrawn(ask)
}

async function withdraw() {
  const { withdrawal: code, withdrawing } = kept.get()
  try {
    const answer = await call('POST', '/v1/withdraw', { code }, withdrawing)
    kept.put({ withdrawn: answer.receipt })
    receipt(answer.receipt)
  } catch (e) {
    if (e instanceof NoAnswer) return (e.offline ? offline : serviceDown)(withdraw)
    if (e.slug === 'no-consent-to-withdraw') return sorry('none')
    if (e.slug === 'unauthenticated') return sorry('broken')
    serviceDown(withdraw, e.slug ? e : undefined)
  }
}

function sorry(name) {
  const [title, text] = page.t.withdrawal[name]
  show('withdraw-' + name, title, text)
  redrawn(() => sorry(name))
}
