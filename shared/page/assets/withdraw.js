// The page behind a receipt's link: one press withdraws. It needs no session and
// nobody's help, and works long after the person has left the platform.
import { call } from './api.js'
import { button, h, show } from './dom.js'
import { inLanguage, kept, ofThisEnterprise, page, takeCode } from './page.js'
import { receipt } from './receipt.js'
import { offline, serviceDown } from './ends.js'
import { Offline } from './api.js'

export function open() {
  const code = takeCode('w')
  if (code) kept.put({ withdrawal: code })
  if (kept.get().withdrawal && ofThisEnterprise(kept.get().withdrawal)) return ask()
  sorry('broken')
}

function ask() {
  const t = page.t.withdrawal
  show('withdraw', t.title, h('p', {}, t.text(inLanguage(page.enterprise.name))), button(t.title, withdraw, { class: 'main' }))
}

async function withdraw() {
  try {
    const answer = await call('POST', '/v1/withdraw', { code: kept.get().withdrawal })
    receipt(answer.receipt)
  } catch (e) {
    if (e instanceof Offline) return offline(withdraw)
    if (e.slug === 'no-consent-to-withdraw') return sorry('none')
    if (e.status === 401) return sorry('broken')
    serviceDown(withdraw, e)
  }
}

function sorry(name) {
  const [title, text] = page.t.withdrawal[name]
  show('withdraw-' + name, title, h('p', {}, text))
}
