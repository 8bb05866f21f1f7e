// A first check with Nod, from the learning platform's side and from the person's.
// Node 18 or newer, no packages. See docs/integration.md.
//
//   NOD=http://127.0.0.1:8080 KEY=nod_integrator_... PHOTO_URL=... node first-check.mjs photo.jpg
import { readFile } from 'node:fs/promises'
import { createPublicKey, randomUUID, verify } from 'node:crypto'

const { NOD = 'http://127.0.0.1:8080', KEY, PHOTO_URL } = process.env
const subject = process.env.SUBJECT ?? 'emp-1029'

async function call(method, path, bearer, body) {
  const response = await fetch(NOD + path, {
    method,
    headers: {
      ...(bearer && { Authorization: `Bearer ${bearer}` }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...(method === 'POST' && bearer === KEY && { 'Idempotency-Key': randomUUID() }),
      'Accept-Language': 'en',
    },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.status} ${answer.type}: ${answer.title} ${answer.detail}`)
  return answer
}

// 1. Your server opens a session for one person and one resource. The nonce is yours:
// it comes back in the assertion and ties it to this very exam.
const nonce = randomUUID()
const session = await call('POST', '/v1/sessions', KEY, {
  kind: 'check', purpose: 'exam', route: 'photo', subject, age_group: 'adult',
  resource: 'exam/2026-q4-safety', reference: { photo_url: PHOTO_URL }, nonce,
})
console.log(`session ${session.id} is ${session.state}`)

// 2. The person's page exchanges the single-use code for a token of its own.
const { token } = await call('POST', '/v1/session/open', null, { code: session.code })

// 3. It shows the notice in their language, and posts the decision with the hash of
// exactly what was shown. If a consent that covers this check exists, none is asked for.
const view = await call('GET', '/v1/session', token)
if (view.state !== 'consented') {
  const text = view.notice.contents.en
  console.log(`\n${text.title}\n${text.summary}\n\n[ ] ${text.agree}\n`)
  const decision = await call('POST', '/v1/consent', token, {
    decision: 'granted', notice_id: view.notice.id, notice_sha256: view.notice.sha256.en,
    locale: 'en', by: 'self',
  })
  console.log(`consent ${decision.consent}; the person can withdraw with ${decision.withdraw_url.slice(0, 60)}...`)
}

// 4. One photo, as base64. The answer is pass or fail and nothing else.
const image = (await readFile(process.argv[2])).toString('base64')
const verdict = await call('POST', '/v1/verify', token, { attempt_id: 'a1', image, capture: 'stream' })
console.log(`the check came out: ${verdict.result}`)

// 5. Your server fetches the signed assertion. This, and nothing that a page says, is
// what you grant access on.
const outcome = await call('GET', `/v1/sessions/${session.id}`, KEY)
if (outcome.assertion) {
  const [head, payload, signature] = outcome.assertion.split('.')
  const { alg, typ, kid } = JSON.parse(Buffer.from(head, 'base64url'))
  const { keys } = await call('GET', '/.well-known/jwks.json')
  const key = createPublicKey({ key: keys.find(k => k.kid === kid), format: 'jwk' })
  const genuine = alg === 'EdDSA' && typ === 'nod-assertion+jwt' &&
    verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  const fits = claims.session === session.id && claims.sub === subject && claims.nonce === nonce &&
    claims.exp * 1000 > Date.now()
  console.log(`assertion: ${genuine && fits ? 'genuine' : 'NOT TO BE TRUSTED'}, result ${claims.result}, mode ${claims.mode}`)
}
