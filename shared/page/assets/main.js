// The page of a session (/s/{enterprise}) and that of a receipt's link (/w/{enterprise}).
import { banner, h, pause, redraw } from './dom.js'
import { load } from './load.js'
import { page, kept, preferred, speak } from './page.js'
import { open, refresh, run } from './session.js'

// frame fills in what is around every step: the enterprise, the language, whom to ask.
function frame() {
  const { enterprise, t } = page
  const name = enterprise.name[t.lang] ?? enterprise.name['zh-CN']
  document.getElementById('name').textContent = name
  const other = document.getElementById('language')
  other.textContent = t.other
  other.setAttribute('aria-label', t.switchTo)
  other.lang = t.lang === 'en' ? 'zh-CN' : 'en'
  const { officer, phone, email, address } = enterprise.contact
  const line = (what, value) => h('li', {}, h('span', {}, what + ' '), value)
  document.getElementById('contact').replaceChildren(h('summary', {}, t.contact), h('ul', {},
    line(t.officer, officer), line(t.phone, phone), line(t.email, email), line(t.address, address)))
  document.getElementById('mode').textContent = enterprise.mode === 'test' ? t.test : ''
}

// another changes the language, of the step that is shown too. The notice is asked for
// again, so that the log says in which languages it was shown. Where the texts do not
// come, the step stays as it is: something may have been typed there, or be on its way.
async function another() {
  const lang = page.t.lang === 'en' ? 'zh-CN' : 'en'
  try {
    await speak(lang)
  } catch {
    return banner(page.t.down)
  }
  kept.put({ lang })
  if (!redraw()) run(refresh)
}

const { style } = document.documentElement
if (page.enterprise.accent) style.setProperty('--accent', page.enterprise.accent)
if (page.enterprise.on_accent) style.setProperty('--on-accent', page.enterprise.on_accent)
document.addEventListener('language', frame)
// Without its texts the page has nothing to say: what stands in it says so, in both
// languages, until they come.
for (;;) {
  try {
    await speak(kept.get().lang ?? preferred())
    break
  } catch {
    await pause(3000)
  }
}
document.getElementById('language').addEventListener('click', another)
// Another link to the same page changes the fragment alone, and loads nothing by itself.
addEventListener('hashchange', () => location.hash && location.reload())
// Paper has no taps.
addEventListener('beforeprint', () => document.querySelectorAll('main details').forEach(d => { d.open = true }))
// What comes back from the browser's memory is as old as when it was left.
addEventListener('pageshow', e => e.persisted && page.token && run(refresh))
await (location.pathname.startsWith('/w/') ? run(async () => (await load('withdraw.js')).open()) : open())
