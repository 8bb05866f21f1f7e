// What the page knows: the enterprise, the language, the token, and the session as it
// was last read. What must outlast a reload is kept for this tab alone.
import { load } from './load.js'

const languages = { 'zh-CN': () => load('zh-CN.js'), en: () => load('en.js') }

export const page = {
  enterprise: JSON.parse(document.getElementById('enterprise').textContent),
  t: null, // its texts, from the first speak on
  token: null,
  view: null,
  skew: 0, // of this device's clock, in milliseconds
}

// now is the present by Nod's clock: that of the device may be off by days.
export const now = () => Date.now() + page.skew

// inLanguage picks the page's language out of a text that is written in several.
export const inLanguage = texts => texts[page.t.lang] ?? texts['zh-CN'] ?? Object.values(texts)[0] ?? ''

let asked = 0 // for languages: the last one counts

// speak chooses the page's language, and gets its texts first.
export async function speak(lang) {
  const mine = ++asked
  const { default: texts } = await (languages[lang] ?? languages['zh-CN'])()
  if (mine !== asked) return
  page.t = texts
  document.documentElement.lang = page.t.lang
  document.dispatchEvent(new Event('language'))
}

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
