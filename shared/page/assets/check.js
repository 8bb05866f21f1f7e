// The check: getting ready, the camera, the photo on its way, and its result.
import { call, NoAnswer, unique } from './api.js'
import { button, h, pause, redrawn, show, step, stillShown } from './dom.js'
import { page } from './page.js'
import { load } from './load.js'
import { standing, withdrawal } from './consent.js'
import { alternative, alternativeNearby, serviceDown } from './ends.js'
import { alone, handOver, watch } from './phone.js'
import { explain, read, refresh, render, run, tell } from './session.js'

const { capture, encoded, faceFinder, fromFile, look, openCamera, stop, Trouble, wipe } = await load('camera.js')

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
    button(open, openLive, { class: 'main' }),
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

const openLive = () => live()

// live shows the camera, mirrored as people know themselves, and a shutter that the
// person presses. The camera may be open already, where its answer came late.
async function live(open) {
  const t = page.t, video = h('video', { playsinline: true, muted: true, autoplay: true, 'aria-hidden': 'true' })
  const hint = h('p', { class: 'hint', role: 'status' }, t.live.asking)
  const shutter = button(t.live.shutter, () => take(), { class: 'main shutter', disabled: true })
  video.muted = true
  show('live', t.live.title,
    h('p', { class: 'tip' }, t.live.text),
    h('div', { class: 'viewfinder' }, video, h('div', { class: 'oval' })),
    hint, shutter,
    h('div', { class: 'row' }, button(t.live.stop, ready), speaker()),
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
  show('trouble-' + kind, title, h('p', {}, text),
    app && h('p', {}, t.inApp(app)),
    kind === 'blocked' ? button(t.openAlone, alone, { class: 'main' }) : ways(t.again),
    held() && ['none', 'old'].includes(kind) && button(t.ready.phone, handOver),
    alternative(), standing())
  redrawn(() => trouble(kind))
}

// Problems after which only waiting helps, and after which another photo does not.
const turn = ['face-api-busy']
const running = ['check-in-progress']
const hopeless = ['reference-unusable', 'face-api-refused']

let unfit = 0 // photos in a row that could not be compared

// send has the photo checked. It stays in this page alone until there is an answer, and
// is sent again by itself while a turn is waited for - until the person goes on to
// something else: then nothing of it is sent any more.
async function send(canvas, kind) {
  const image = encoded(canvas)
  let attempt = unique(), here = () => true, drawn
  const still = h('div', { class: 'viewfinder still' }, canvas)
  // draw shows a step of the photo that is on its way, also in another language.
  const draw = (step, anew) => {
    if (step === drawn && !anew) return
    drawn = step
    step(still)
    here = stillShown()
    redrawn(() => draw(step, true))
  }
  try {
    draw(checking)
    while (here()) {
      const { result, problem } = await once({ attempt_id: attempt, image, capture: kind }, draw, () => here())
      if (!here()) return // what came of it is read when it is asked for
      if (result) return await came(result)
      if (running.includes(problem?.slug)) {
        await pause((problem.after || 2) * 1000)
      } else if (turn.includes(problem?.slug)) {
        attempt = unique() // that one is over
        await wait(problem.after || 2, draw, () => here())
        if (here()) draw(checking)
      } else {
        return explain(problem, () => run(refresh), () => retake(problem))
      }
    }
  } finally {
    wipe(canvas)
  }
}

// came shows a result. It counts as it was answered, whatever the reading after it says.
async function came(result) {
  const { view } = page
  unfit = 0
  view.last_result = result
  if (result === 'pass') view.state = 'passed'
  else if (--view.attempts_left <= 0) view.state = 'failed'
  await read().catch(() => tell('state'))
  await render()
}

const patience = 5 // times that a photo is sent before the person is asked
const pauseBetween = 4000

// once sends the photo until there is an answer: the same attempt is never compared
// twice. Without a network it waits for one; otherwise it asks the person some time.
async function once(body, draw, here) {
  for (let tries = 1; here(); tries++) {
    try {
      const { result } = await call('POST', '/v1/verify', body)
      if (['pass', 'fail'].includes(result)) return { result }
    } catch (e) {
      if (e.slug && e.slug !== 'busy') return { problem: e }
      if (!e.slug && !(e instanceof NoAnswer)) throw e
      if (here() && e.offline) draw(offlineWhileChecking)
    }
    if (!here()) break
    if (tries % patience || !navigator.onLine) await online()
    else {
      await Promise.race([new Promise(again => draw(() => serviceDown(again))), gone(here)])
      if (here()) draw(checking)
    }
  }
  return {}
}

async function gone(here) {
  while (here()) await pause(1000)
}

// online waits until there may be a network again.
const online = () => Promise.race([
  new Promise(done => addEventListener('online', done, { once: true })), pause(pauseBetween),
])

// checking is the step of a photo that is on its way; the words can be others than those.
function checking(still, { title, text } = page.t.checking) {
  show('checking', title, h('p', { class: 'lead', role: 'status' }, text), still, withdrawal(), alternativeNearby())
}

const offlineWhileChecking = still => checking(still, page.t.offline)

// inProgress is a check that went on while the page was loaded again: it has no photo to
// show, and follows.
export function inProgress() {
  const { title, text } = page.t.checking
  show('in-progress', title, h('p', { class: 'lead', role: 'status' }, text), withdrawal(), alternativeNearby())
  redrawn(inProgress)
  watch('in-progress', () => !page.view.retry_after)
}

// wait counts down to the next try, a little later for some than for others, so that
// not everybody comes back at once.
async function wait(after, draw, here) {
  const left = h('p', { class: 'lead', 'aria-live': 'off' })
  draw(still => {
    const { title, text } = page.t.waiting
    show('waiting', title, h('p', { role: 'status' }, text), left, still, withdrawal(), alternativeNearby())
  })
  read().catch(() => {}) // waiting has extended the session
  for (let s = Math.ceil(after * (1 + Math.random())); s > 0 && here(); s--) {
    left.textContent = page.t.waiting.left(s)
    await pause(1000)
  }
}

// retake says why there was no outcome, and leads back to the camera.
function retake(problem) {
  const more = !hopeless.includes(problem.slug)
  unfit++
  const draw = () => {
    const t = page.t
    show('retake', problem.title, h('p', { role: 'status' }, problem.detail),
      more && unfit > 1 && h('p', {}, t.perhapsReference),
      more && ways(t.retake), alternative(), standing())
    redrawn(draw)
  }
  draw()
}

// failed is a fail that is not the third: advice, no blame, and how often one can try.
function failed() {
  const t = page.t.fail
  show('fail', t.title, h('p', {}, t.text), h('p', { class: 'lead' }, t.left(page.view.attempts_left)), h('p', {}, t.advice),
    ways(page.t.retake), alternative(), standing())
}
