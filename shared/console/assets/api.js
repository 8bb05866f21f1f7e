// Calls of Nod's interface, with the key of whoever sits here: the same calls that the
// enterprise's programs make.
import { pause } from './dom.js'
import { me } from './state.js'

// Problem is an answer that is no success: a problem document (RFC 9457).
export class Problem extends Error {
  constructor(status, document) {
    super(document.title)
    Object.assign(this, { title: '', detail: '', errors: [], ...document, status })
    this.slug = (document.type ?? '').replace('/problems/', '')
  }
}

// NoAnswer says that Nod's answer did not come: whether the call was done is not known.
export class NoAnswer extends Error {}

// unique makes the name by which a call is known when it is made again: nothing is done
// twice.
export const unique = () => [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, '0')).join('')

const patience = 5 // times that a busy Nod is asked again
const within = 60_000 // milliseconds, until an answer begins

let renew

// whenEnded says who asks for another key when this one does not work any more. The call
// waits for that, and then goes on: what was written is not lost.
export const whenEnded = how => { renew = how }

// call makes a call, known by a name if it has one. A file comes as the response that it
// is.
export async function call(method, path, body, name) {
  for (let tries = 1; ; tries++) {
    const key = me.key, response = await send(method, path, body, name, key)
    const json = /json/.test(response.headers.get('Content-Type'))
    if (response.ok && !json) return response
    const answer = json ? await response.json().catch(() => null) : null
    if (response.ok && answer) return answer
    // A gateway's word, or that of a network which wants a login, is none of Nod's.
    if (!answer?.type) throw new NoAnswer()
    const problem = new Problem(response.status, answer)
    if (problem.slug === 'unauthenticated' && renew) {
      await renew(key)
      continue
    }
    if (problem.slug !== 'busy' || tries === patience) throw problem
    await pause(((Number(response.headers.get('Retry-After')) || 0) + Math.random()) * 1000)
  }
}

// whose asks whose a key is, without taking it for the console's.
export async function whose(key) {
  const response = await send('GET', '/v1/key', undefined, undefined, key)
  const answer = await response.json().catch(() => null)
  if (response.ok && answer) return answer
  throw answer?.type ? new Problem(response.status, answer) : new NoAnswer()
}

async function send(method, path, body, name, key) {
  const headers = { 'Accept-Language': me.t.lang, Authorization: 'Bearer ' + key }
  if (body) headers['Content-Type'] = 'application/json'
  if (name) headers['Idempotency-Key'] = name
  const overdue = new AbortController()
  const timer = setTimeout(() => overdue.abort(), within)
  try {
    return await fetch(path, {
      method, headers, body: body && JSON.stringify(body), signal: overdue.signal,
      cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error',
    })
  } catch {
    throw new NoAnswer()
  } finally {
    clearTimeout(timer)
  }
}

// all reads a list to its end, or as far as anybody would read it; there are more if cut.
export async function all(path, most = 1000) {
  const items = []
  for (let cursor = ''; ;) {
    const sign = path.includes('?') ? '&' : '?'
    const page = await call('GET', `${path}${sign}limit=200${cursor && '&cursor=' + cursor}`)
    items.push(...page.items)
    cursor = page.cursor
    if (!cursor || items.length >= most) return Object.assign(items, { cut: !!cursor })
  }
}
