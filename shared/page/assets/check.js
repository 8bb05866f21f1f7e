// The check of a face: getting ready, and the camera.
import { button, h, pause, redrawn, show, step } from './dom.js'
import { load } from './load.js'
import { page } from './page.js'
import { standing } from './consent.js'
import { alternative, alternativeNearby } from './ends.js'
import { alone, handOver, held } from './phone.js'
import { run } from './session.js'

const { capture, encoded, faceFinder, fromFile, look, openCamera, stop, Trouble, wipe } = await load('camera.js')
const { amend, failed, hasFailed, retake, send } = await load('send.js')

// ready is the step before the camera: one line about the consent, and a tap.
export function ready() {
  if (hasFailed()) return failed(() => ways(page.t.retake))
  prepare()
}

// prepare is that step in any case. Who has typed something for the check can go back to it.
export function prepare() {
  const t = page.t
  show('ready', t.ready.title, standing(), t.ready.text, ways(), amend(), alternativeNearby())
  redrawn(prepare)
}

// ways are those by which a photo can be taken here.
function ways(open = page.t.ready.open) {
  const t = page.t.ready
  return h('div', 'row',
    button(open, openLive, 'main'),
    page.view.photo_input && chooser(t.photo),
    !held() && button(t.phone, handOver))
}

function chooser(text) {
  const input = h('input', {
    type: 'file', accept: 'image/*', class: 'sr',
    change: () => input.files[0] && run(async () => {
      try {
        await sendPhoto(await fromFile(input.files[0]), 'photo')
      } catch (e) {
        if (!(e instanceof Trouble)) throw e
        trouble(e.kind)
      }
    }),
  })
  return h('label', 'button', text, input)
}

const openLive = () => live()

// live shows the camera, mirrored as people know themselves, and a shutter that the
// person presses. The camera may be open already, where its answer came late.
async function live(open) {
  const t = page.t, video = h('video', { playsinline: true, muted: true, autoplay: true, 'aria-hidden': 'true' })
  const hint = h('p', { class: 'hint', role: 'status' }, t.live.asking)
  const shutter = button(t.live.shutter, () => take(), { class: 'main shutter', disabled: true })
  video.muted = true
  show('live', t.live.title,
    h('p', 'tip', t.live.text),
    h('div', 'viewfinder', video, h('div', 'oval')),
    hint, shutter,
    h('div', 'row', button(t.live.stop, prepare), speaker()),
    standing(), alternativeNearby())
  redrawn(openLive)
  const mine = document.querySelector('.viewfinder')
  const here = () => mine.isConnected
  let stream, turn = 0 // of several answers only the last one counts
  const begin = async () => {
    const asked = ++turn
    const waited = () => asked === turn && (here() || step() === 'trouble-slow')
    let answer = open
    open = null
    try {
      answer ??= await openCamera(() => here() && asked === turn && trouble('slow'))
    } catch (e) {
      return waited() && trouble(e.kind)
    }
    if (waited() && !here()) return live(answer)
    if (!waited() || document.hidden) return stop(answer)
    stream = answer
    // Somebody pulled the plug, or took the permission back.
    stream.getVideoTracks().forEach(track => track.addEventListener('ended', () => here() && stream === answer && trouble('busy')))
    video.srcObject = stream
    await video.play().catch(() => {})
    shutter.disabled = false
    hint.textContent = t.live.press
    advise(video, hint, here)
  }
  const hidden = () => {
    if (!here()) return document.removeEventListener('visibilitychange', hidden)
    if (!document.hidden) return void begin()
    turn++
    stop(stream)
    shutter.disabled = true
  }
  document.addEventListener('visibilitychange', hidden)
  leaving(mine, () => stop(stream))
  const take = () => {
    shutter.disabled = true
    const canvas = capture(video)
    stop(stream)
    run(() => sendPhoto(canvas, 'stream'))
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
    const seen = await look(video, canvas, detector)
    const text = page.t.live[seen === 'ok' && !detector ? 'press' : seen]
    if (hint.textContent !== text) {
      hint.textContent = text
      speakAloud(text)
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
    if (aloud) speakAloud(page.t.live.text)
  }, { 'aria-pressed': String(aloud) })
  return b
}

function speakAloud(text) {
  if (!aloud) return
  const words = new SpeechSynthesisUtterance(text)
  words.lang = page.t.lang
  speechSynthesis.cancel()
  speechSynthesis.speak(words)
}

// trouble says why there is no camera, and what to do about it.
function trouble(kind) {
  const t = page.t, [title, text] = t.trouble[kind]
  const ua = navigator.userAgent, app = /wxwork/i.test(ua) ? t.wecom : /MicroMessenger/i.test(ua) && t.wechat
  show('trouble-' + kind, title, text,
    app && t.inApp(app),
    kind === 'blocked' ? button(t.openAlone, alone, 'main') : ways(t.again),
    held() && ['none', 'old'].includes(kind) && button(t.ready.phone, handOver),
    alternative(), standing())
  redrawn(() => trouble(kind))
}

// sendPhoto has a photo checked, with what was typed for the check. It stays in this page
// alone until there is an answer.
async function sendPhoto(canvas, kind) {
  const image = encoded(canvas)
  try {
    await send({
      body: attempt => ({ attempt_id: attempt, image, capture: kind, ...page.identity }),
      still: h('div', 'viewfinder still', canvas),
      otherwise: problem => retake(problem, () => ways(page.t.retake)),
    })
  } finally {
    wipe(canvas)
  }
}
