// For whoever tries the demo with their own face: a photo to be compared with.
const learner = document.querySelector('select'), mine = document.getElementById('mine')
const choose = () => { mine.hidden = learner.value !== 'me' }
learner.onchange = choose
choose()

// It is made smaller here: cameras' photos are larger than a comparison needs.
const small = async file => {
  const photo = await createImageBitmap(file), scale = Math.min(1, 1600 / Math.max(photo.width, photo.height))
  const canvas = new OffscreenCanvas(photo.width * scale, photo.height * scale)
  canvas.getContext('2d').drawImage(photo, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({ type: 'image/jpeg' })
}
const said = mine.querySelector('output')
mine.querySelector('input').onchange = async e => {
  try {
    const { ok } = await fetch('/my-photo', { method: 'POST', body: await small(e.target.files[0]) })
    said.textContent = ok ? mine.dataset.taken : mine.dataset.refused
  } catch {
    said.textContent = mine.dataset.refused
  }
}
