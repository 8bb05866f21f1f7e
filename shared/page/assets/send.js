// What is sent for a check, on its way to an answer, and what comes of it.
import { call, NoAnswer, unique } from './api.js'
import { button, h, pause, redrawn, show, status, stillShown } from './dom.js'
import { load } from './load.js'
import { forget, instant, now, page, said } from './page.js'
import { standing, withdrawal } from './consent.js'
import { alternative, alternativeNearby, leave, serviceDown, unavailable } from './ends.js'
import { watch } from './phone.js'
import { explain, read, refresh, render, run, tell } from './session.js'

// Problems after which only waiting helps, and after which another try does not.
const turn = ['face-api-busy']
const running = ['check-in-progress']
const hopeless = ['reference-unusable', 'face-api-refused', 'authority-cannot-answer']
// Those of what was typed.
const mistyped = ['name-invalid', 'id-number-invalid', 'identity-rejected']

const shortly = 5 * 60 // seconds that somebody may like to wait here

let unfit = 0 // photos in a row that could not be compared

// send has a check made: body makes what is sent out of an attempt's name, still is shown
// of it, and otherwise draws the step when there was no outcome. All of it stays in this
// page alone until there is an answer, and is sent again by itself while a turn is waited
// for - until the person goes on to something else: then nothing is sent any more.
export async function send({ path = '/v1/verify', body, still, otherwise }) {
  let attempt = unique(), here = () => true, drawn
  // draw shows a step of what is on its way, also in another language.
  const draw = (step, anew) => {
    if (step === drawn && !anew) return
    drawn = step
    step(still)
    here = stillShown()
    redrawn(() => draw(step, true))
  }
  draw(checking)
  while (here()) {
    const { result, problem } = await once(path, body(attempt), draw, () => here())
    if (!here()) return // what came of it is read when it is asked for
    if (result) return await came(result)
    const { slug, after } = problem
    if (running.includes(slug)) {
      await pause((after || 2) * 1000)
    } else if (turn.includes(slug) || slug === 'person-limit' && after <= shortly) {
      attempt = unique() // that one is over
      await wait(problem, draw, () => here())
      if (here()) draw(checking)
    } else {
      return await without(problem, otherwise)
    }
  }
}

// without shows what to do when there was no outcome.
async function without(problem, otherwise) {
  const { slug, after } = problem
  if (mistyped.includes(slug) && page.identity) return retype(problem)
  const next = new Date(now() + after * 1000).toISOString()
  if (slug === 'person-limit') return stuck(problem, () => page.t.notBefore(instant(next)))
  if (slug === 'age-group-mismatch') return stuck(problem, amend)
  if (mistyped.includes(slug) || slug === 'authority-cannot-answer') return unavailable(problem)
  if (slug === 'hosted-not-finished') return otherwise(problem)
  explain(problem, () => run(refresh), () => otherwise(problem))
}

const retype = problem => run(async () => (await load('realname.js')).form(problem))

// amend leads back to what was typed, for whoever did.
export const amend = () => page.identity && button(page.t.realname.change, () => retype(), 'link')

// came shows a result. It counts as it was answered, whatever the reading after it says.
async function came(result) {
  const { view } = page
  unfit = 0
  forget()
  view.last_result = result
  view.away = false
  if (result === 'pass') view.state = 'passed'
  else if (--view.attempts_left <= 0) view.state = 'failed'
  await read().catch(() => tell('state'))
  await render()
}

const patience = 5 // times that it is sent before the person is asked
const pauseBetween = 4000

// once sends the same until there is an answer: one attempt is never compared twice.
// Without a network it waits for one; otherwise it asks the person some time.
async function once(path, body, draw, here) {
  for (let tries = 1; here(); tries++) {
    try {
      const { result } = await call('POST', path, body)
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

// online waits until there may be a network again: some a little longer than others, so
// that those whom a gateway turned away together do not come back together.
const online = () => Promise.race([
  new Promise(done => addEventListener('online', done, { once: true })), pause(pauseBetween * (1 + Math.random() / 2)),
])

// checking is the step of what is on its way; the words can be others than those.
function checking(still, { title, text } = said('checking')) {
  show('checking', title, status(text), still, withdrawal(), alternativeNearby())
}

const offlineWhileChecking = still => checking(still, page.t.offline)

// inProgress is a check that went on while the page was loaded again: it has nothing left
// to show of it, and follows.
export function inProgress() {
  const { title, text } = said('checking')
  show('in-progress', title, status(text), withdrawal(), alternativeNearby())
  redrawn(inProgress)
  watch('in-progress', () => !page.view.retry_after)
}

// wait counts down to the next try. Those who were told the same second come back apart.
async function wait({ slug, after, title, detail }, draw, here) {
  const left = h('p', { class: 'lead', 'aria-live': 'off' }), mine = !turn.includes(slug)
  draw(still => {
    const words = said('waiting')
    show('waiting', mine ? title : words.title, h('p', { role: 'status' }, mine ? detail : words.text), left, still, withdrawal(), alternativeNearby())
  })
  read().catch(() => {}) // waiting has extended the session
  // by the clock: a hidden page counts slowly
  const until = Date.now() + 1000 * ((after || 2) + (mine || Math.random()))
  for (let ms; (ms = until - Date.now()) > 0 && here();) {
    left.textContent = page.t.left(Math.ceil(ms / 1000))
    await pause(Math.min(1000, ms))
  }
}

// stuck is for whoever was checked too often to wait here for the next time, which more
// says, and for whoever is not as old as the platform said: it has to see to that.
function stuck(problem, more) {
  show('stuck', problem.title, problem.detail, more(), alternative(), leave(), standing())
  redrawn(() => stuck(problem, more))
}

// retake says why there was no outcome, and leads to another try by the ways given.
export function retake(problem, ways) {
  const more = !hopeless.includes(problem.slug)
  unfit++
  const draw = () => {
    show('retake', problem.title, h('p', { role: 'status' }, problem.detail),
      more && unfit > 1 && page.view.route === 'photo' && page.t.perhapsReference,
      more && ways(), alternative(), standing())
    redrawn(draw)
  }
  draw()
}

// hasFailed tells of a fail that is not the third.
export const hasFailed = () => page.view.last_result === 'fail' && page.view.attempts_left < 3

// failed is advice, no blame, how often one can try, and the ways to.
export function failed(ways) {
  const { title, text, advice } = said('fail')
  show('fail', title, text, h('p', 'lead', page.t.triesLeft(page.view.attempts_left)), advice,
    ways(), alternative(), standing())
  redrawn(() => failed(ways))
}
