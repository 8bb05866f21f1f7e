// The receipt: the person's own copy of what they said, as a page that can be printed,
// because in-app browsers often cannot download.
import { announce, button, details, h, redrawn, show, table } from './dom.js'
import { day, inLanguage, instant, kept, page } from './page.js'
import { refresh, run } from './session.js'

// receiptLink leads to the receipt of this tab's last decision, if it has one.
export const receiptLink = () => kept.get().receipt && button(page.t.receipt, () => receipt(kept.get().receipt, () => run(refresh)), 'link')

// receipt shows it. back is where it leads to; nowhere if there is none.
export function receipt(r, back) {
  const t = page.t, words = t.receipts
  const granted = r.event === 'consent.granted', json = JSON.stringify(r.document, null, 2)
  show('receipt', words[r.event],
    h('p', 'screen', granted ? words.keep : t.withdrawn.text),
    table([
      [words.at, instant(r.at, { dateStyle: 'long', timeStyle: 'long' })],
      [t.fact.who, inLanguage(r.enterprise.name)],
      [t.fact.purpose, t.purposes[r.purpose]],
      [t.fact.route, t.list(r.routes.map(x => t.routes[x]))],
      r.agreed && [words.agreed, h('span', { lang: r.notice.locale }, r.agreed)],
      r.until && [words.until, day(r.until)],
      [t.fact.notice, t.version(r.notice.version), h('code', {}, r.notice.sha256)],
      [t.fact.delegation, t.version(r.delegation.version), h('code', {}, r.delegation.sha256)],
      [t.fact.contact, ['officer', 'phone', 'email', 'address'].map(k => h('div', {}, r.enterprise.contact[k]))],
      r.withdraw_url && [words.link, h('a', { href: r.withdraw_url, class: 'long', rel: 'noreferrer' }, r.withdraw_url)],
    ]),
    details(words.proof,
      [['leaf', r.leaf_hash], ['record', r.record], ['opening', r.opening]].map(([name, value]) =>
        value && [h('p', {}, words[name]), h('code', 'long', value)]),
      json && (navigator.clipboard ? button(words.document, copy(json)) : h('code', 'long', json))),
    h('div', 'row screen',
      button(words.print, () => print(), 'main'),
      r.withdraw_url && navigator.clipboard && button(words.copy, copy(r.withdraw_url)),
      back && button(t.back, back)))
  redrawn(() => receipt(r, back))
}

const copy = text => async event => {
  await navigator.clipboard.writeText(text)
  announce(event.target.textContent = page.t.receipts.copied)
}
