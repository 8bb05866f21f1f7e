// The session's time: shown when it gets short, and extended by whoever needs more.
import { call } from './api.js'
import { announce, button, h } from './dom.js'
import { now, page } from './page.js'
import { read, run } from './session.js'

const warning = 3 * 60_000 // from when on it is shown
const finals = ['passed', 'failed', 'withdrawn', 'expired', 'cancelled', 'alternative']

let timer

// watchTime looks at the time again whenever it changes for the person.
export function watchTime() {
  clearTimeout(timer)
  const bar = document.getElementById('time')
  const { expires_at, longest_until, state, kind, handed_over } = page.view
  const left = Date.parse(expires_at) - now()
  const over = finals.includes(state) || handed_over || kind === 'consent' && state !== 'open'
  if (over || left > warning) {
    bar.replaceChildren()
    if (!over) timer = setTimeout(watchTime, left - warning)
    return
  }
  if (left <= 0) return void run(read) // it was extended meanwhile, or the answer says that it is over
  const text = page.t.time.left(Math.ceil(left / 60_000))
  if (bar.dataset.text !== text) announce(text)
  bar.dataset.text = text
  const more = Date.parse(longest_until) > Date.parse(expires_at)
  bar.replaceChildren(h('span', {}, more ? text : text + ' · ' + page.t.time.none), more ? button(page.t.time.more, extend) : '')
  timer = setTimeout(watchTime, Math.min(left, left % 60_000 || 60_000) + 50)
}

async function extend() {
  await run(async () => {
    const { expires_at } = await call('POST', '/v1/session/extend', {})
    page.view.expires_at = expires_at
    watchTime()
    announce(page.t.time.given)
  })
}

