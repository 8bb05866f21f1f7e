// What the console knows: whose key it has, the texts, and what is written and not sent.
// All of it is in this page's memory alone, and goes with the page.
export const me = {
  key: '', role: '', holder: '', enterprise: null,
  t: null, // the texts, from the first speak on; t.c are the console's own
  drafts: new Map(), // forms that were begun, by their names
}

export const isAdmin = () => me.role === 'admin'

let wanted

// texts gets the texts of a language: those of people's pages, and the console's.
export const texts = lang => {
  const known = lang === 'en' ? 'en' : 'zh-CN'
  return Promise.all([import(`./page.${known}.js`), import(`./${known}.js`)]).then(([page, own]) => ({ ...page.default, c: own.default }))
}

// speak chooses the console's language. The last time counts.
export async function speak(lang) {
  wanted = lang
  const t = await texts(lang)
  if (wanted !== lang) return
  me.t = t
  document.documentElement.lang = t.lang
}

// inLanguage picks the console's language out of a text that is written in several.
export const inLanguage = texts => texts?.[me.t.lang] ?? texts?.['zh-CN'] ?? Object.values(texts ?? {})[0] ?? ''

export const number = n => new Intl.NumberFormat(me.t.lang).format(n)
export const percent = x => new Intl.NumberFormat(me.t.lang, { style: 'percent', maximumFractionDigits: 1 }).format(x)

// instant and day write a time for people, where the enterprise is.
export const instant = (iso, style = { dateStyle: 'medium', timeStyle: 'short' }) =>
  new Intl.DateTimeFormat(me.t.lang, { ...style, timeZone: me.enterprise.time_zone }).format(new Date(iso))
export const day = iso => instant(iso, { dateStyle: 'medium' })
