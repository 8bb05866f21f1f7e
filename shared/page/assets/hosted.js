// The check on the vendor's own page: where the person goes is said first, and what they
// bring back is asked for when they are here again.
import { call } from './api.js'
import { button, h, redrawn, show } from './dom.js'
import { load } from './load.js'
import { page, recipient } from './page.js'
import { standing } from './consent.js'
import { alternative, alternativeNearby } from './ends.js'
import { alone, handOver, held } from './phone.js'
import { run } from './session.js'

const { failed, hasFailed, retake, send } = await load('send.js')

let asked = false // for what came of the visit

export function ready() {
  if (page.view.away) return asked ? unfinished() : result()
  if (hasFailed()) return failed(ways)
  before()
}

// before says where the person goes, and what happens there.
function before() {
  const { title, text, back } = page.t.hosted
  show('hosted', title, standing(), text(recipient()), back, framed() && h('p', 'note', page.t.hosted.framed),
    ways(), alternativeNearby())
  redrawn(before)
}

// framed tells of a page around this one: the vendor's cannot be shown in a frame.
const framed = () => window.parent !== window

function ways() {
  const t = page.t.hosted
  return h('div', 'row',
    framed() ? button(page.t.openAlone, alone, 'main') : button(t.go, go, 'main'),
    !held() && button(t.phone, handOver))
}

// go leads to the vendor's page: to the same one again as long as it waits for the person.
const go = () => run(async () => {
  leaving()
  const { url } = await call('POST', '/v1/hosted', {})
  asked = false
  location.assign(url)
})

function leaving() {
  show('leaving', page.t.hosted.leaving, h('p', { role: 'status' }, page.t.hosted.back), alternativeNearby())
  redrawn(leaving)
}

// result asks what came of the visit. The address that the vendor brought the person back
// to has no say in it.
function result() {
  asked = true
  return run(() => send({
    path: '/v1/hosted/result', body: () => ({}),
    otherwise: problem => problem.slug === 'hosted-not-finished' ? unfinished(problem) : retake(problem, ways),
  }))
}

// unfinished leads back to the vendor's page, or on to the alternative.
function unfinished(problem) {
  const t = page.t.hosted
  show('unfinished', problem?.title ?? t.unfinished, problem?.detail ?? t.still,
    h('div', 'row', framed() ? button(page.t.openAlone, alone, 'main') : button(t.again, go, 'main')),
    alternative(), standing())
  redrawn(() => unfinished(problem))
}
