// Calls of Nod's interface.
import { pause } from './dom.js'
import { page } from './page.js'

// Problem is an answer that is no success: a problem document (RFC 9457).
export class Problem extends Error {
  constructor(status, document, after) {
    super(document.title)
    Object.assign(this, { title: '', detail: '', ...document, status, after })
    this.slug = (document.type ?? '').replace('/problems/', '')
  }
}

// NoAnswer says that Nod's answer did not come: whether the call was done is not known.
// offline says that it is the network, and not what stands between.
export class NoAnswer extends Error {
  constructor(offline) {
    super()
    this.offline = offline
  }
}

// unique makes the name by which a call is known when it is made again: the same name
// gets the same answer, and nothing is done twice.
export const unique = () => [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, '0')).join('')

const patience = 5 // times that a busy Nod is asked again
const within = 25_000 // milliseconds: longer than a check takes

// call makes one call with the page's token, known by name if it has one. Where Nod says
// that it is busy, nothing is lost: it is asked again after the time it names. What was done
// all the same is not done twice.
export async function call(method, path, body, name) {
  for (let tries = 1; ; tries++) {
    const { response, answer } = await send(method, path, body, name)
    const { status } = response
    if (response.ok && answer) return answer
    // A gateway's word, or that of a network which wants a login, is none of Nod's.
    if (response.ok || !answer?.type) throw new NoAnswer(false)
    const after = Number(response.headers.get('Retry-After')) || 0
    const problem = new Problem(status, answer, after)
    if (problem.slug !== 'busy' || tries === patience) throw problem
    await pause((after + Math.random()) * 1000)
  }
}

async function send(method, path, body, name) {
  const headers = { 'Accept-Language': page.t.lang }
  if (page.token) headers.Authorization = 'Bearer ' + page.token
  if (body) headers['Content-Type'] = 'application/json'
  if (name) headers['Idempotency-Key'] = name
  const overdue = new AbortController()
  const timer = setTimeout(() => overdue.abort(), within)
  try {
    const response = await fetch(path, {
      method, headers, body: body && JSON.stringify(body), signal: overdue.signal,
      cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error',
    })
    const text = await response.text()
    return { response, answer: parsed(text) }
  } catch {
    throw new NoAnswer(!overdue.signal.aborted)
  } finally {
    clearTimeout(timer)
  }
}

function parsed(text) {
  try {
    const answer = JSON.parse(text)
    return typeof answer === 'object' ? answer : null
  } catch {
    return null
  }
}
