// Going on with a phone, where this device has no camera: a QR code, and then following.
import { call } from './api.js'
import { announce, button, h, redrawn, show, status, step } from './dom.js'
import { forget, now, page, said } from './page.js'
import { alternative, alternativeNearby, leave } from './ends.js'
import { read, refresh, render, run } from './session.js'

const lookAgain = 2000
let watches = 0

let asking = false

// code asks for a code, one at a time: the last one that was made is the one that works.
async function code() {
  if (asking) return null
  asking = true
  try {
    return await call('POST', '/v1/session/handover', {})
  } finally {
    asking = false
  }
}

// held tells a phone or tablet from a desktop: going on with one's phone is no help on it.
export const held = () => matchMedia('(pointer: coarse)').matches

const loopback = /^(localhost|127\.|\[::1\])/

// handOver shows the code, and follows as soon as a phone has opened it.
export const handOver = () => run(async () => {
  const made = await code()
  if (!made) return
  await read().catch(() => {}) // for the time: this device's clock may have been set meanwhile
  shown(made)
})

function shown({ qr, expires_at }) {
  const t = page.t.handover
  const left = h('p', 'note')
  const picture = h('img', { src: qr, alt: t.alt, class: 'qr' })
  const fresh = button(t.fresh, handOver, { hidden: true, class: 'main' })
  show('handover', t.title, t.text, loopback.test(location.hostname) && h('p', 'note', t.local), picture, left, fresh, button(page.t.back, () => run(render)), alternativeNearby())
  const count = () => {
    const seconds = Math.ceil((Date.parse(expires_at) - now()) / 1000)
    left.textContent = seconds > 0 ? t.left(seconds) : t.over
    if (seconds > 0) return
    picture.remove()
    fresh.hidden = false
    clearInterval(counting)
  }
  const counting = setInterval(count, 1000)
  count()
  redrawn(() => { clearInterval(counting); shown({ qr, expires_at }) })
  watch('handover', () => page.view.handed_over, () => clearInterval(counting))
}

// alone opens the session in a window of its own, where a frame may not use the camera.
export const alone = () => run(async () => {
  const made = await code()
  if (!made) return
  if (!window.open(made.page_url, '_blank')) { // browsers allow it to links that people press
    const t = page.t
    show('alone', t.openAlone, h('a', { class: 'button main', href: made.page_url, target: '_blank', rel: 'opener' }, t.openAlone), alternative())
  }
  watch(step(), () => page.view.handed_over)
})

// follow shows how it goes on the other device.
export function follow() {
  forget() // it goes on over there
  const { state } = page.view, t = said('follow')
  show('follow', t.title, t.text, status(t[state] ?? page.t[state]?.title ?? ''),
    state === 'open' || state === 'consented' ? alternativeNearby() : [alternative(), leave()])
  redrawn(follow)
  const was = state
  if (state in t) watch('follow', () => page.view.state !== was)
}

// watch reads the session again and again while a step is shown, until something has
// happened; a hidden page waits.
export async function watch(name, happened, then = () => {}) {
  const mine = ++watches // the last one is enough
  const here = () => step() === name && mine === watches
  while (here()) {
    await new Promise(done => setTimeout(done, lookAgain))
    if (!here()) break
    if (document.hidden) continue
    try {
      await read()
    } catch (e) {
      if (e.slug) return then(), run(refresh) // it is over, or has moved
      continue // offline: go on when it is back
    }
    if (happened()) {
      then()
      announce(said('follow')[page.view.state] ?? '')
      return render()
    }
  }
  then()
}
