// The check: getting ready, the camera, the photo on its way, and its result.
import { call, Offline } from './api.js'
import { announce, button, h, pause, show, step } from './dom.js'
import { page } from './page.js'
import { capture, encoded, faceFinder, fromFile, look, openCamera, stop, Trouble, wipe } from './camera.js'
import { standing } from './consent.js'
import { alternative, alternativeNearby } from './ends.js'
import { alone, handOver } from './phone.js'
import { read, refresh, run } from './session.js'

// ready is the step before the camera: one line about the consent, and a tap.
export function ready() {
  const { last_result, attempts_left } = page.view, t = page.t
  if (last_result === 'fail' && attempts_left < 3) return failed()
  show('ready', t.ready.title, standing(), h('p', {}, t.ready.text), ways(), alternativeNearby())
}

// ways are those by which a photo can be taken here.
function ways(open = page.t.ready.open) {
  const t = page.t.ready
  return h('div', { class: 'row' },
    button(open, live, { class: 'main' }),
    page.view.photo_input && chooser(t.photo),
    !held() && button(t.phone, handOver))
}

// held tells a phone or tablet from a desktop: going on with one's phone is no help on it.
const held = () => matchMedia('(pointer: coarse)').matches

function chooser(text) {
  const input = h('input', {
    type: 'file', accept: 'image/*', class: 'sr',
    change: () => input.files[0] && run(async () => {
      try {
        await send(await fromFile(input.files[0]), 'photo')
      } catch (e) {
        if (!(e instanceof Trouble)) throw e
        trouble(e.kind)
      }
    }),
  })
  return h('label', { class: 'button' }, text, input)
}

// live shows the camera, mirrored as people know themselves, and a shutter that the
// person presses.
async function live() {
  const t = page.t, video = h('video', { playsinline: true, muted: true, autoplay: true, 'aria-hidden': 'true' })
  const hint = h('p', { class: 'hint', role: 'status' }, t.live.asking)
  const shutter = button(t.live.shutter, () => take(), { class: 'main shutter', disabled: true })
  video.muted = true
  show('live', t.live.title,
    h('p', { class: 'tip' }, t.live.text),
    h('div', { class: 'viewfinder' }, video, h('div', { class: 'oval' })),
    hint, shutter,
    h('div', { class: 'row' }, button(t.live.stop, ready), speaker()),
    alternativeNearby())
  const mine = document.querySelector('.viewfinder')
  const here = () => mine.isConnected
  let stream
  const begin = async () => {
    try {
      stream = await openCamera(() => here() && trouble('slow'))
    } catch (e) {
      return here() && trouble(e.kind)
    }
    if (!here() || document.hidden) return stop(stream)
    video.srcObject = stream
    await video.play().catch(() => {})
    shutter.disabled = false
    hint.textContent = t.live.ok
    advise(video, hint, here)
  }
  const hidden = () => {
    if (!here()) return document.removeEventListener('visibilitychange', hidden)
    if (document.hidden) return stop(stream), shutter.disabled = true
    begin()
  }
  document.addEventListener('visibilitychange', hidden)
  leaving(mine, () => stop(stream))
  const take = () => {
    const canvas = capture(video)
    stop(stream)
    run(() => send(canvas, 'stream'))
  }
  await begin()
}

// leaving calls back when something leaves the page: the camera must not stay on.
function leaving(node, then) {
  const watcher = new MutationObserver(() => {
    if (node.isConnected) return
    watcher.disconnect()
    then()
  })
  watcher.observe(document.getElementById('main'), { childList: true })
  addEventListener('pagehide', then, { once: true })
}

// advise gives hints for as long as the camera is shown.
async function advise(video, hint, here) {
  const canvas = document.createElement('canvas'), detector = faceFinder()
  while (here() && video.srcObject?.active) {
    const text = page.t.live[await look(video, canvas, detector)]
    if (hint.textContent !== text) {
      hint.textContent = text
      say(text)
    }
    await pause(900)
  }
  wipe(canvas)
}

let aloud = false

// speaker reads the hints aloud for those who have no screen reader.
function speaker() {
  if (!window.speechSynthesis) return null
  const b = button(page.t.live.speak, () => {
    aloud = !aloud
    b.setAttribute('aria-pressed', aloud)
    if (aloud) say(page.t.live.text)
  }, { 'aria-pressed': String(aloud) })
  return b
}

function say(text) {
  if (!aloud) return
  const words = new SpeechSynthesisUtterance(text)
  words.lang = page.t.lang
  speechSynthesis.cancel()
  speechSynthesis.speak(words)
}

// trouble says why there is no camera, and what to do about it.
function trouble(kind) {
  const t = page.t, [title, text] = t.trouble[kind]
  const app = /wxwork/i.test(navigator.userAgent) ? t.inWeCom : /MicroMessenger/i.test(navigator.userAgent) && t.inWeChat
  show('trouble-' + kind, title, h('p', {}, text),
    app && h('p', {}, app),
    kind === 'blocked' ? button(t.openAlone, alone, { class: 'main' }) : ways(t.again),
    held() && ['none', 'old'].includes(kind) && button(t.ready.phone, handOver),
    alternative())
}

// Problems after which another photo may help, and after which only waiting does.
const turn = ['face-api-busy']
const running = ['check-in-progress']
const photos = ['no-face', 'face-too-small', 'face-unclear', 'not-live', 'image-rejected', 'image-missing', 'image-not-base64',
  'image-unreadable', 'image-truncated', 'image-too-large', 'image-dimensions', 'outcome-unknown', 'face-api-slow', 'face-api-down',
  'face-api-garbled', 'face-api-unknown-code', 'reference-unusable', 'face-api-refused', 'permit-forbidden', 'internal']
const hopeless = ['reference-unusable', 'face-api-refused']

let unfit = 0 // photos in a row that could not be compared

// send has the photo checked. It stays in this page alone until there is an answer, and
// is sent again by itself while a turn is waited for.
async function send(canvas, kind) {
  const image = encoded(canvas)
  let attempt = newAttempt()
  try {
    for (;;) {
      checking(canvas)
      const problem = await once(attempt, image, kind)
      if (!problem) break
      if (running.includes(problem.slug)) {
        await pause((problem.after || 2) * 1000)
      } else if (turn.includes(problem.slug)) {
        attempt = newAttempt() // that one is over
        await wait(problem.after || 2, canvas)
      } else if (photos.includes(problem.slug)) {
        return retake(problem)
      } else {
        throw problem
      }
    }
  } finally {
    wipe(canvas)
  }
  unfit = 0
  await refresh()
}

// once sends the photo until there is an answer: the same attempt is never compared twice.
async function once(attempt_id, image, capture) {
  for (;;) {
    try {
      await call('POST', '/v1/verify', { attempt_id, image, capture })
      return null
    } catch (e) {
      if (!(e instanceof Offline)) {
        if (e.slug) return e
        throw e
      }
      announce(page.t.offline.text)
      document.querySelector('#main .lead').textContent = page.t.offline.text
      await online()
      document.querySelector('#main .lead').textContent = page.t.checking.text
    }
  }
}

// online waits until there may be a network again.
const online = () => Promise.race([
  new Promise(done => addEventListener('online', done, { once: true })), pause(4000),
])

const newAttempt = () => [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, '0')).join('')

function checking(canvas) {
  const t = page.t.checking
  if (step() !== 'checking') show('checking', t.title, h('p', { class: 'lead', role: 'status' }, t.text), h('div', { class: 'viewfinder still' }, canvas))
}

// wait counts down to the next try, a little later for some than for others, so that
// not everybody comes back at once.
async function wait(after, canvas) {
  const t = page.t.waiting
  const left = h('p', { class: 'lead', 'aria-live': 'off' })
  show('waiting', t.title, h('p', { role: 'status' }, t.text), left, h('div', { class: 'viewfinder still' }, canvas), alternativeNearby())
  await read().catch(() => {}) // waiting has extended the session
  for (let s = Math.ceil(after * (1 + Math.random())); s > 0; s--) {
    left.textContent = t.left(s)
    await pause(1000)
  }
}

// retake says why there was no outcome, and leads back to the camera.
function retake(problem) {
  const t = page.t, more = !hopeless.includes(problem.slug)
  unfit++
  show('retake', problem.title, h('p', { role: 'status' }, problem.detail),
    more && unfit > 1 && h('p', {}, t.perhapsReference),
    more && ways(t.retake), alternative())
}

// failed is a fail that is not the third: advice, no blame, and how often one can try.
function failed() {
  const t = page.t.fail
  show('fail', t.title, h('p', {}, t.text), h('p', { class: 'lead' }, t.left(page.view.attempts_left)), h('p', {}, t.advice),
    ways(page.t.retake), alternative(), standing())
}
