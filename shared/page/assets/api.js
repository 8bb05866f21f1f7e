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

// Offline says that no answer came at all.
export class Offline extends Error {}

const patience = 5 // times that a busy Nod is asked again

// call makes one call with the page's token. Where Nod says that it is busy, nothing
// was done and nothing is lost: it is asked again after the time it names.
export async function call(method, path, body) {
  for (let tries = 1; ; tries++) {
    const { response, answer } = await send(method, path, body)
    if (response.ok) return answer
    const after = Number(response.headers.get('Retry-After')) || 0
    const problem = new Problem(response.status, answer, after)
    if (problem.slug !== 'busy' || tries === patience) throw problem
    await pause((after + Math.random()) * 1000)
  }
}

async function send(method, path, body) {
  const headers = { 'Accept-Language': page.t.lang }
  if (page.token) headers.Authorization = 'Bearer ' + page.token
  if (body) headers['Content-Type'] = 'application/json'
  try {
    const response = await fetch(path, {
      method, headers, body: body && JSON.stringify(body),
      cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error',
    })
    const isJSON = /json/.test(response.headers.get('Content-Type'))
    return { response, answer: isJSON ? await response.json() : {} }
  } catch {
    throw new Offline()
  }
}
