// The consent: a step of its own, with nothing ticked beforehand and nothing bundled.
// The notice, what it says at a glance, and two choices of equal weight.
import { call, unique } from './api.js'
import { button, h, redrawn, show } from './dom.js'
import { seen } from './notice.js'
import { day, forget, inLanguage, kept, page, said } from './page.js'
import { receipt, receiptLink } from './receipt.js'
import { plain, unavailable } from './ends.js'
import { read, refresh, render, run } from './session.js'

// consent shows the step. asking is what a guardian is asked besides: it draws that, and
// its statement is what was answered, or null where something is missing.
export async function consent(asking) {
  const { notice } = page.view
  if (!notice) return unavailable()
  const lang = notice.contents[page.t.lang] ? page.t.lang : 'zh-CN'
  if (!await sealed(notice, lang)) return plain('tampered')
  const t = page.t
  const choose = (text, decision, by) => button(text, () => decide(decision, notice, lang, asking), { class: 'equal', 'aria-describedby': by })
  show('consent', notice.contents[lang].title, seen(t, inLanguage, notice, lang, page.view, asking?.(),
    choose(t.refuse, 'refused', 'otherwise'), choose(t.agree, 'granted', 'agree-to')))
  underWay()
  keepInView()
  // The notice is asked for again, so that the log says in which languages it was shown.
  redrawn(() => run(async () => {
    await read()
    await (['open', 'refused'].includes(page.view.state) ? consent(asking) : render())
  }))
}

let deciding = false

// underWay shows that a decision is on its way: there is no second one until then.
const underWay = () => document.querySelectorAll('.pair button').forEach(b => b.setAttribute('aria-disabled', deciding))

// decide sends a decision on the notice that was shown. It is known by one name however
// often it has to be sent, so that it is taken once, and its receipt is not lost with an
// answer.
function decide(decision, notice, lang, asking) {
  const who = asking ? asking.statement() : { by: 'self' }
  if (!who) return
  const name = unique(), body = { decision, notice_id: notice.id, notice_sha256: notice.sha256[lang], locale: lang, ...who }
  return run(async () => {
    if (deciding) return
    deciding = true
    underWay()
    kept.put({ decided: { name, body } })
    try {
      took(await call('POST', '/v1/consent', body, name))
    } finally {
      deciding = false
      underWay()
    }
    await refresh()
  })
}

const took = ({ receipt }) => kept.put(receipt ? { receipt, decided: null } : { decided: null })

// recover gets the receipt of a decision whose answer was lost with the page. It is asked
// for only when Nod has taken that decision: nothing is decided by this.
export async function recover() {
  const { decided } = kept.get()
  const { state, age_group, consent } = page.view
  if (decided?.body.decision !== 'granted' || state === 'open' && age_group === 'adult' || consent?.state !== 'granted') return
  await call('POST', '/v1/consent', decided.body, decided.name).then(took, () => {})
}

// sealed computes the hash of what is about to be shown, so that what the person
// decides on is what was published, whoever stood in between. Where browsers deny
// cryptography (an insecure page) the camera is denied too, and the step after this says so.
async function sealed(notice, lang) {
  if (!crypto.subtle) return true
  const { id, version, audience, facts, contents, delegation: d } = notice
  const document = {
    id, version, purpose: page.view.purpose, audience, locale: lang, enterprise: page.view.enterprise.id, facts,
    contents: contents[lang], delegation: { id: d.id, version: d.version, sha256: d.sha256 },
  }
  const bytes = new TextEncoder().encode(canonical(document))
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...sum].map(b => b.toString(16).padStart(2, '0')).join('') === notice.sha256[lang]
}

// canonical writes the canonical form of RFC 8785: names sorted by their UTF-16 units,
// and the rest as JSON.stringify does it.
function canonical(v) {
  if (Array.isArray(v)) return '[' + v.map(canonical) + ']'
  if (v === null || typeof v !== 'object') return JSON.stringify(v)
  return '{' + Object.keys(v).sort().map(k => JSON.stringify(k) + ':' + canonical(v[k])) + '}'
}

// keepInView keeps the choices at the foot of the screen, unless they would take most of
// it: on a small screen, or with large text. What gets the focus scrolls clear of them.
function keepInView() {
  const choice = document.getElementById('choice'), root = document.documentElement
  const fit = () => {
    const stuck = choice.offsetHeight < innerHeight * 0.57
    choice.classList.toggle('stuck', stuck)
    // What scrolls must be reached by the keyboard.
    for (const e of choice.querySelectorAll('.agree, .otherwise')) e.scrollHeight > e.clientHeight ? e.tabIndex = 0 : e.removeAttribute('tabindex')
    root.style.scrollPaddingBottom = (stuck ? choice.offsetHeight : 0) + 'px'
  }
  new ResizeObserver(fit).observe(choice)
  onresize = fit
  fit()
}

// standing is the one line about a consent in force.
export function standing() {
  const { consent } = page.view
  return consent?.state === 'granted' && h('p', 'standing',
    h('span', {}, said('agreed')(day(consent.at), day(consent.until))), ' ',
    receiptLink(), withdrawal())
}

// withdrawal is the way out, also while a photo is on its way.
export const withdrawal = () => button(said('withdraw'), withdraw, 'link')

// withdraw takes one step, like agreeing.
function withdraw() {
  const name = unique(), { purpose } = page.view
  forget()
  const draw = () => {
    show('withdrawing', said('withdraw'), h('p', { role: 'status' }, page.t.withdrawing))
    redrawn(draw)
  }
  return run(async () => {
    draw() // what was on its way is left: nothing is sent any more
    const answer = await call('POST', '/v1/me/withdraw', { purpose }, name)
    took(answer)
    await refresh()
    if (page.view.state !== 'withdrawn') receipt(answer.receipt, () => run(refresh)) // of a check that is over
  })
}
