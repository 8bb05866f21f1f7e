// What the page knows: the enterprise, the language, the token, and the session as it
// was last read. What must outlast a reload is kept for this tab alone.
import { load } from './load.js'

const apart = ['me', 'minor', 'child', 'two_factor', 'authority', 'hosted']

// kinds are those of the page that is shown: each has texts of its own, in a file and under
// a name like it.
function kinds() {
  if (location.pathname.startsWith('/w/')) return ['withdrawal']
  const { as, age_group, route, kind } = page.view ?? {}
  const list = [kind, age_group, route].filter(kind => apart.includes(kind))
  if (as === 'guardian') return kind === 'me' ? [as, kind] : [as]
  return ['two_factor', 'authority'].includes(route) ? [...list, 'realname'] : list
}

export const page = {
  enterprise: JSON.parse(document.getElementById('enterprise').textContent),
  t: null, // its texts, from the first speak on
  token: null,
  view: null,
  skew: 0, // of this device's clock, in milliseconds
  typed: null, // name and ID number as they stand in the form; in this page's memory alone
  identity: null, // the same, sound and ready to be sent
}

// forget lets go of what was typed.
export const forget = () => { page.typed = page.identity = null }

// recipient is who receives what is sent for the check, by the notice.
export function recipient() {
  const { route, notice } = page.view, list = notice?.facts.recipients ?? []
  const names = list.filter(r => r.route === route).map(r => r.name)
  return page.t.list(names.length ? names : list.map(r => r.name))
}

// said is a text in the words for a guardian or for somebody under age, or of the way that
// this session checks by, where those are others.
export function said(name) {
  const { t, view } = page
  const other = [view?.kind, view?.as, view?.age_group, view?.route].map(kind => t[kind]?.[name]).find(Boolean)
  return typeof other === 'object' ? { ...t[name], ...other } : other || t[name]
}

// now is the present by Nod's clock: that of the device may be off by days.
export const now = () => Date.now() + page.skew

// inLanguage picks the page's language out of a text that is written in several.
export const inLanguage = texts => texts[page.t.lang] ?? texts['zh-CN'] ?? Object.values(texts)[0] ?? ''

let wanted, asked = 0 // the language, and how often: the last time counts

// speak chooses the page's language, and gets its texts first.
export async function speak(lang) {
  wanted = lang
  const mine = ++asked, known = lang === 'en' ? lang : 'zh-CN'
  const parts = await Promise.all([known, ...kinds().map(kind => `${kind}.${known}`)].map(name => load(name + '.js')))
  if (mine !== asked) return
  page.t = Object.assign({}, ...parts.map(part => part.default))
  document.documentElement.lang = page.t.lang
  document.dispatchEvent(new Event('language'))
}

// words gets the texts that are missing for the kind of page that this has become.
export const words = async () => { if (kinds().some(kind => !page.t[kind])) await speak(wanted) }

export const preferred = () => (navigator.language ?? '').startsWith('zh') ? 'zh-CN' : 'en'

// instant writes a time for people, where they are.
export const instant = (iso, style = { dateStyle: 'long', timeStyle: 'short' }) =>
  new Intl.DateTimeFormat(page.t.lang, style).format(new Date(iso))

export const day = iso => instant(iso, { dateStyle: 'long' })

// kept outlasts a reload. Where the browser denies storage, it lasts as long as the page.
const place = 'nod ' + page.enterprise.id
let memory = {}

export const kept = {
  get() {
    try {
      return JSON.parse(sessionStorage.getItem(place)) ?? memory
    } catch {
      return memory
    }
  },
  put(more) {
    memory = { ...kept.get(), ...more }
    try {
      sessionStorage.setItem(place, JSON.stringify(memory))
    } catch { /* denied: memory is what there is */ }
  },
  begin(fresh) {
    memory = {}
    try {
      sessionStorage.removeItem(place)
    } catch { /* as above */ }
    kept.put(fresh)
  },
}

// takeCode is the code that the page was opened with, which fragment.js took out of the
// address: empty if it was cut off, and undefined if there was none.
export function takeCode(mark) {
  const at = 'nod fragment ' + location.pathname
  let fragment = window.nodFragment
  delete window.nodFragment
  try {
    fragment ??= sessionStorage.getItem(at)
    sessionStorage.removeItem(at)
  } catch { /* denied: what the window has is all */ }
  return fragment?.startsWith(`#${mark}=`) ? fragment.slice(mark.length + 2) : undefined
}

// ofThisEnterprise tells whether a code belongs to the page it was opened on.
export const ofThisEnterprise = code => code.split('_')[2] === page.enterprise.id
