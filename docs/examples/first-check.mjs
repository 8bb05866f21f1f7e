// A first check with Nod, from the learning platform's side and from the person's.
// Node 18 or newer, no packages. See docs/integration.md.
//
//   NOD=http://127.0.0.1:8080 KEY=nod_integrator_... PHOTO_URL=... node first-check.mjs photo.jpg
import { readFile } from 'node:fs/promises'
import { createPublicKey, randomUUID, verify } from 'node:crypto'

const { NOD = 'http://127.0.0.1:8080', KEY, PHOTO_URL, SUBJECT: subject = 'emp-1029' } = process.env
const photo = process.argv[2]
if (!KEY || !PHOTO_URL || !photo) {
  console.error('Set KEY and PHOTO_URL, and name a photo: see docs/integration.md.')
  process.exit(2)
}

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
  if (response.ok) return answer
  const fields = (answer.errors ?? []).map(e => `\n  ${e.field}: ${e.detail}`).join('')
  throw new Error(`${answer.status} ${answer.type}: ${answer.title}. ${answer.detail}${fields}\n(request ${answer.request_id})`)
}

// 1. Your server opens a session for one person and one resource. The nonce is yours:
// it comes back in the assertion and ties it to this very exam.
const nonce = randomUUID(), resource = 'exam/2026-q4-safety'
const session = await call('POST', '/v1/sessions', KEY, {
  kind: 'check', purpose: 'exam', route: 'photo', subject, age_group: 'adult', resource,
  reference: { photo_url: PHOTO_URL }, nonce, locale: 'en',
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
  console.log(`consent ${decision.consent}; this link withdraws it:\n${decision.withdraw_url}`)
}

// 4. One photo, as base64. The answer is pass or fail and nothing else. "stream" says
// that it came from the camera; a file that the person chose is "photo", which the
// enterprise's settings have to allow.
const image = (await readFile(photo)).toString('base64')
const verdict = await call('POST', '/v1/verify', token, { attempt_id: 'a1', image, capture: 'stream' })
console.log(`the check came out: ${verdict.result}`)

// 5. Your server fetches the signed assertion. This, and nothing that a page says, is
// what you grant access on. There is none yet after a first or second fail.
const outcome = await call('GET', `/v1/sessions/${session.id}`, KEY)
if (!outcome.assertion) {
  console.log(`no assertion yet: the session is ${outcome.state}, another photo may be sent`)
} else {
  const [head, payload, signature] = outcome.assertion.split('.')
  const { alg, typ, kid } = JSON.parse(Buffer.from(head, 'base64url'))
  const { keys } = await call('GET', '/.well-known/jwks.json')
  const jwk = keys.find(k => k.kid === kid)
  const genuine = jwk && alg === 'EdDSA' && typ === 'nod-assertion+jwt' && verify(null,
    Buffer.from(`${head}.${payload}`), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url'))
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  const enterprise = KEY.split('_')[2]
  const ours = claims.aud === enterprise && claims.session === session.id && claims.sub === subject &&
    claims.resource === resource && claims.nonce === nonce && claims.exp * 1000 > Date.now() && claims.mode === 'live'
  console.log(`assertion: ${genuine && ours ? 'genuine' : 'NOT TO BE TRUSTED'}, result ${claims.result}, mode ${claims.mode}`)
}
