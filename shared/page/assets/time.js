// The session's time: shown when it gets short, and extended by whoever needs more. What
// goes wrong here leaves the step that is shown as it is.
import { call, NoAnswer } from './api.js'
import { announce, button, finals, h, step } from './dom.js'
import { now, page } from './page.js'
import { read, run } from './session.js'

const warning = 3 * 60_000 // from when on it is shown
const later = 5_000

let timer, text, more

// watchTime looks at the time again whenever it changes for the person.
export function watchTime() {
  clearTimeout(timer)
  const bar = document.getElementById('time')
  const { expires_at, longest_until, state, kind, handed_over } = page.view
  const left = Date.parse(expires_at) - now()
  const over = finals.includes(state) || handed_over || kind === 'consent' && state !== 'open'
  if (over || left > warning) {
    if (bar.contains(document.activeElement)) document.querySelector('h1')?.focus()
    bar.replaceChildren()
    if (!over) timer = setTimeout(watchTime, left - warning)
    return
  }
  if (left <= 0) return void timesUp()
  if (!bar.firstChild || bar.lang !== page.t.lang) {
    bar.lang = page.t.lang
    text = h('span')
    more = button(page.t.time.more, extend)
    bar.replaceChildren(text, more)
  }
  more.hidden = Date.parse(longest_until) <= Date.parse(expires_at)
  const words = page.t.time.left(Math.ceil(left / 60_000)) + (more.hidden ? ' · ' + page.t.time.none : '')
  if (text.textContent !== words) announce(text.textContent = words)
  timer = setTimeout(watchTime, Math.min(left, left % 60_000 || 60_000) + 50)
}

// timesUp asks whether the time was extended meanwhile. A check that is on its way has an
// answer to come, and a receipt is to be read in peace.
async function timesUp() {
  try {
    await read()
  } catch (e) {
    if (e instanceof NoAnswer) timer = setTimeout(watchTime, later)
    else if (['checking', 'receipt'].includes(step())) document.getElementById('time').replaceChildren()
    else run(() => { throw e })
  }
}

async function extend() {
  const words = text
  try {
    const { expires_at } = await call('POST', '/v1/session/extend', {})
    page.view.expires_at = expires_at
    watchTime()
    announce(page.t.time.given)
  } catch {
    announce(words.textContent = page.t.time.failed)
  }
}
