// The console (/console): its frame, and which section is shown. The address names the
// section and nothing else.
import { h, pause, redraw, show } from './dom.js'
import { problem } from './ui.js'
import { inLanguage, me, speak } from './state.js'
import { signIn, signOut } from './signin.js'

// sections in their order: whose they are, and where they are.
const sections = {
  overview: { file: 'overview.js' },
  notices: { file: 'notices.js' },
  delegations: { file: 'delegations.js' },
  requests: { file: 'requests.js' },
  exports: { file: 'exports.js', role: 'auditor' },
  webhooks: { file: 'webhooks.js', role: 'admin' },
}

const offered = () => Object.keys(sections).filter(name => (sections[name].role ?? me.role) === me.role)

const $ = id => document.getElementById(id)

// frame fills in what is around every section.
function frame() {
  const { t, enterprise } = me, inside = !!enterprise
  Object.assign($('language'), { textContent: t.other, lang: t.lang === 'en' ? 'zh-CN' : 'en' })
  $('language').setAttribute('aria-label', t.switchTo)
  $('name').textContent = inside ? inLanguage(enterprise.name) : t.c.title
  $('who').textContent = inside ? t.c.as(me.holder, t.c.roles[me.role]) : ''
  Object.assign($('leave'), { hidden: !inside, textContent: t.c.signIn.out })
  Object.assign($('skip'), { hidden: !inside, textContent: t.c.skip })
  $('nav').hidden = !inside
  $('nav').setAttribute('aria-label', t.c.sections)
  $('mode').textContent = !inside ? '' : enterprise.closed_at ? t.c.closed : enterprise.mode === 'test' ? t.c.test : ''
  if (inside) $('nav').replaceChildren(h('ul', {}, offered().map(name =>
    h('li', {}, h('a', { href: '#' + name, 'aria-current': current() === name && 'page' }, t.c.nav[name])))))
}

const current = () => offered().find(name => '#' + name === location.hash) ?? 'overview'

// section shows the one that the address names.
async function section() {
  frame()
  const name = current()
  try {
    (await import('./' + sections[name].file)).open()
  } catch (e) {
    show(name, me.t.c.nav[name], problem(e, section))
  }
}

async function another() {
  await speak(me.t.lang === 'en' ? 'zh-CN' : 'en')
  frame()
  if (!redraw()) section()
}

for (;;) {
  try {
    await speak((navigator.language ?? '').startsWith('zh') ? 'zh-CN' : 'en')
    break
  } catch {
    await pause(3000)
  }
}
$('language').addEventListener('click', another)
$('leave').addEventListener('click', signOut)
$('skip').addEventListener('click', event => {
  event.preventDefault()
  document.querySelector('h1').focus()
})
addEventListener('hashchange', () => me.enterprise && section())
// What is written and not sent goes with the page, and so does the key: the browser asks.
addEventListener('beforeunload', event => { if (me.drafts.size) event.preventDefault() })
// Paper has no taps.
addEventListener('beforeprint', () => document.querySelectorAll('main details').forEach(d => { d.open = true }))
frame()
signIn(section)
