// The session and its page: reading it, showing the step it is at, telling the platform.
import { call, NoAnswer, Problem, unique } from './api.js'
import { banner, finals, redrawn, show } from './dom.js'
import { load } from './load.js'
import { page, kept, speak, takeCode, ofThisEnterprise, words } from './page.js'
import { consent, recover } from './consent.js'
import { done, elsewhere, ended, offline, plain, refused, serviceDown, unavailable } from './ends.js'
import { follow } from './phone.js'
import { watchTime } from './time.js'

// open begins, goes on after a reload, or says why neither is possible.
export async function open() {
  const code = takeCode('t')
  if (code === '') return plain('broken')
  if (code && !ofThisEnterprise(code)) return plain('wrongPlace')
  if (code && code !== kept.get().code) kept.begin({ code, opening: unique() })
  opening()
  await run(async () => {
    const { code, token } = kept.get()
    page.token = token
    if (!token) {
      if (!code) return plain('broken')
      await exchange(code)
    }
    await read()
    await recover()
    await render()
  })
}

function opening() {
  show('opening', page.t.title, [page.t.opening])
  redrawn(opening)
}

// exchange gets the page's token for the code, which opens once.
async function exchange(code) {
  const { token, locale } = await call('POST', '/v1/session/open', { code }, kept.get().opening)
  page.token = token
  if (!kept.get().lang) await speak(locale) // who has chosen one meanwhile keeps it
  kept.put({ token, lang: page.t.lang })
}

// refresh reads the session and shows the step that it is at.
export async function refresh() {
  await read()
  await render()
}

let asked = 0, shown = 0 // readings, by number

// read reads the session and leaves the screen as it is.
export async function read() {
  const mine = ++asked
  const view = await call('GET', '/v1/session')
  if (!view.id || !view.state) throw new NoAnswer(false)
  if (mine < shown) return // a later one was faster
  shown = mine
  page.view = { age_group: 'adult', as: 'self', awaiting: [], ...view }
  page.skew = Date.parse(page.view.server_time) - Date.now()
  const { notice, return_url } = page.view
  kept.put({ return_url, session: page.view.id, contents: notice?.contents ?? kept.get().contents })
  tell('state')
  watchTime()
}

// checks are the parts of the page for each way of checking.
const checks = {
  photo: () => load('check.js'),
  authority: () => load(page.view.identity_given ? 'check.js' : 'realname.js'),
  two_factor: () => load('realname.js'),
  hosted: () => load('hosted.js'),
}

export async function render() {
  const { state, kind, route, handed_over, retry_after, as, age_group } = page.view
  await words()
  if (handed_over) return follow()
  if (kind === 'me' && state === 'open') return (await load('me.js')).home()
  if (as === 'guardian') return (await load('guardian.js')).guardian()
  if (age_group !== 'adult' && guardiansWord()) return (await load('young.js')).young()
  if (state === 'consented' && retry_after) return (await load('send.js')).inProgress()
  if (state === 'open') return consent()
  if (kind === 'consent' && (state === 'consented' || state === 'refused')) return done()
  if (state === 'refused') return refused()
  if (state === 'consented') return (await checks[route]()).ready()
  ended(state)
}

// guardiansWord tells whether it is the guardian of a person under age who is waited for,
// or has said no: a child is not asked, and a minor has answered.
function guardiansWord() {
  const { age_group, state, awaiting, consent } = page.view
  if (state === 'open') return age_group === 'child' || !awaiting.includes('self')
  return state === 'refused' && (age_group === 'child' || !['refused', 'withdrawn'].includes(consent?.state))
}

// tell sends the platform's page a hint: to the origins that its enterprise has
// registered, and to no other. type is "state", or "close" when the person is done.
export function tell(type) {
  const to = window.parent !== window ? window.parent : window.opener
  if (!to) return
  const message = { v: 1, source: 'nod', type, session: page.view?.id ?? kept.get().session, state: page.view?.state }
  const around = location.ancestorOrigins && [...location.ancestorOrigins]
  for (const registered of page.enterprise.frame_origins) {
    const { origin } = new URL(registered) // as browsers write it
    if (!around?.length || around.includes(origin)) to.postMessage(message, origin)
  }
}

// run does something that may fail, and shows what to do then.
export async function run(action) {
  try {
    await action()
  } catch (e) {
    if (e instanceof NoAnswer) return (e.offline ? offline : serviceDown)(() => run(action))
    if (e instanceof Problem) return explain(e, () => run(action))
    console.error(e)
    serviceDown(() => run(action))
  }
}

const links = { 'code-used': elsewhere, 'code-expired': () => plain('stale') }
const moved = ['notice-changed', 'already-decided', 'consent-required', 'consent-stale', 'consent-ended', 'consent-withdrawn',
  'consent-refused', 'no-consent-to-withdraw', 'attempts-used-up', 'session-ended', 'handed-over', 'guardian-consent-required',
  'hosted-not-begun']

// explain shows what a problem means here.
export function explain(problem, again, otherwise = () => serviceDown(again, problem)) {
  const { slug, status } = problem
  if (links[slug]) return links[slug]()
  if (status === 401) {
    if (slug === 'token-expired') return ended('expired')
    return kept.get().token ? elsewhere() : plain('broken')
  }
  if (slug === 'session-expired') return ended('expired')
  if (moved.includes(slug)) return run(async () => {
    await refresh()
    if (!finals.includes(page.view.state)) banner(problem)
  })
  if ([403, 409].includes(status) || slug === 'photo-input-off') return unavailable(problem) // the enterprise's side
  otherwise()
}
