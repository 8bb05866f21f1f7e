// The camera and the picture. The camera is asked for only after agreement and a tap;
// it stops at once after the picture, and whenever the page is hidden.

// Trouble says why there is no camera; kind is a name of the texts.
export class Trouble extends Error {
  constructor(kind) {
    super(kind)
    this.kind = kind
  }
}

const longest = 960, shortest = 64 // pixels of the sides that are sent
const portrait = 3 / 4
const quality = 0.9

// openCamera asks for the camera. slow is called if there is no answer for eight seconds;
// the answer is still waited for.
export async function openCamera(slow) {
  if (!isSecureContext) throw new Trouble('insecure')
  if (!navigator.mediaDevices?.getUserMedia) throw new Trouble('old')
  if (document.featurePolicy?.allowsFeature('camera') === false) throw new Trouble('blocked')
  const timer = setTimeout(slow, 8000)
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } },
    })
  } catch (e) {
    throw new Trouble(await kind(e))
  } finally {
    clearTimeout(timer)
  }
}

async function kind({ name }) {
  switch (name) {
    case 'NotFoundError': case 'OverconstrainedError': return 'none'
    case 'NotReadableError': case 'AbortError': return 'busy'
    case 'SecurityError': return 'blocked'
    case 'NotAllowedError': return await forbidden() ? 'denied' : 'dismissed'
    default: return 'busy'
  }
}

// forbidden tells a lasting no from a question that was closed without an answer.
async function forbidden() {
  try {
    return (await navigator.permissions.query({ name: 'camera' })).state !== 'prompt'
  } catch {
    return true // the browser does not say
  }
}

export const stop = stream => stream?.getTracks().forEach(track => track.stop())

// fit is the middle of a picture, upright, and the size it is sent in. Nothing is enlarged.
function fit(width, height) {
  const w = Math.min(width, height * portrait), tall = w / portrait
  const scale = Math.min(1, longest / tall)
  return { x: (width - w) / 2, y: (height - tall) / 2, w, tall, outW: Math.round(w * scale), outH: Math.round(tall * scale) }
}

// capture draws what the camera sees, not mirrored, and stops it.
export function capture(video) {
  const canvas = document.createElement('canvas')
  const f = fit(video.videoWidth, video.videoHeight)
  canvas.width = f.outW
  canvas.height = f.outH
  canvas.getContext('2d').drawImage(video, f.x, f.y, f.w, f.tall, 0, 0, f.outW, f.outH)
  return canvas
}

// fromFile draws a chosen photo, turned as its EXIF data says; those stay behind.
export async function fromFile(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => { throw new Trouble('photo') })
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height))
  if (scale * Math.min(bitmap.width, bitmap.height) < shortest) throw new Trouble('photo')
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas
}

// encoded is the picture as base64 of a JPEG.
export const encoded = canvas => canvas.toDataURL('image/jpeg', quality).split(',')[1]

// wipe takes a picture out of the page.
export function wipe(canvas) {
  if (!canvas) return
  canvas.width = canvas.height = 0
  canvas.remove()
}

// Hints look at a small copy of what the camera sees. They advise and never block.
const W = 96, H = 128
const tooDark = 55, tooBright = 210, tooSoft = 18

// look returns the name of a hint, or "ok".
export async function look(video, canvas, detector) {
  if (!video.videoWidth) return 'ok'
  const f = fit(video.videoWidth, video.videoHeight)
  canvas.width = W
  canvas.height = H
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context.drawImage(video, f.x, f.y, f.w, f.tall, 0, 0, W, H)
  const grey = new Float32Array(W * H), { data } = context.getImageData(0, 0, W, H)
  let sum = 0
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.3 * data[4 * i] + 0.59 * data[4 * i + 1] + 0.11 * data[4 * i + 2]
    sum += grey[i]
  }
  const mean = sum / grey.length
  const placed = detector ? await place(detector, canvas) : 'ok'
  if (mean < tooDark) return 'dark'
  if (mean > tooBright) return 'bright'
  if (placed !== 'ok') return placed
  return sharpness(grey) < tooSoft ? 'blurred' : 'ok'
}

// sharpness is the variance of the Laplacian: small where edges are soft.
function sharpness(grey) {
  let n = 0, sum = 0, squares = 0
  for (let y = 1; y < H - 1; y++) {
    for (let x = 1; x < W - 1; x++) {
      const i = y * W + x
      const edge = grey[i - 1] + grey[i + 1] + grey[i - W] + grey[i + W] - 4 * grey[i]
      n++
      sum += edge
      squares += edge * edge
    }
  }
  return squares / n - (sum / n) ** 2
}

// faceFinder is the browser's own, where it has one: with it the hints say where to move.
export const faceFinder = () => 'FaceDetector' in window ? new window.FaceDetector({ maxDetectedFaces: 1, fastMode: true }) : null

async function place(detector, canvas) {
  const [face] = await detector.detect(canvas).catch(() => [])
  if (!face) return 'nobody'
  const { x, y, width, height } = face.boundingBox
  const dx = (x + width / 2) / W - 0.5, dy = (y + height / 2) / H - 0.5
  if (width / W < 0.3) return 'far'
  if (width / W > 0.85) return 'near'
  if (Math.abs(dx) > 0.15) return dx < 0 ? 'left' : 'right' // as the person sees it, in a mirror
  if (Math.abs(dy) > 0.15) return dy < 0 ? 'down' : 'up'
  return 'ok'
}
