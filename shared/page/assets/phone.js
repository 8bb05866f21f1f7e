// Going on with a phone, where this device has no camera: a QR code, and then following.
import { call } from './api.js'
import { announce, button, h, show, step } from './dom.js'
import { now, page } from './page.js'
import { alternative, alternativeNearby, leave } from './ends.js'
import { read, refresh, render, run } from './session.js'

const lookAgain = 2000

// handOver shows the code, and follows as soon as a phone has opened it.
export const handOver = () => run(async () => {
  const { qr, expires_at } = await call('POST', '/v1/session/handover', {})
  const t = page.t.handover
  const left = h('p', { class: 'note' })
  const picture = h('img', { src: qr, alt: t.alt, class: 'qr' })
  const fresh = button(t.fresh, handOver, { hidden: true, class: 'main' })
  show('handover', t.title, h('p', {}, t.text), picture, left, fresh, button(page.t.back, render), alternativeNearby())
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
  watch('handover', () => page.view.handed_over, () => clearInterval(counting))
})

// alone opens the session in a window of its own, where a frame may not use the camera.
export const alone = () => run(async () => {
  const { page_url } = await call('POST', '/v1/session/handover', {})
  if (!window.open(page_url, '_blank')) location.assign(page_url)
  watch(step(), () => page.view.handed_over)
})

// follow shows how it goes on the other device.
export function follow() {
  const { state } = page.view, t = page.t.follow
  show('follow', t.title, h('p', {}, t.text), h('p', { role: 'status', class: 'lead' }, t[state] ?? page.t[state]?.title ?? ''),
    state in t ? alternativeNearby() : [alternative(), leave()])
  const was = state
  if (state in t) watch('follow', () => page.view.state !== was)
}

// watch reads the session again and again while a step is shown, until something has
// happened; a hidden page waits.
async function watch(name, happened, then = () => {}) {
  while (step() === name) {
    await new Promise(done => setTimeout(done, lookAgain))
    if (step() !== name) break
    if (document.hidden) continue
    try {
      await read()
    } catch (e) {
      if (e.slug) return then(), run(refresh) // it is over, or has moved
      continue // offline: go on when it is back
    }
    if (happened()) {
      then()
      announce(page.t.follow[page.view.state] ?? '')
      return render()
    }
  }
  then()
}
