const outcome = document.getElementById('outcome'), learner = document.querySelector('select'), mine = document.getElementById('mine')
const post = async (path, body) => (await fetch(path, { method: 'POST', body })).json()

document.getElementById('start').onclick = async () => {
  const { url, check, error } = await post(`${location.pathname}/start?learner=${learner.value}`)
  if (error) return void (outcome.textContent = error)
  await Nod.check({ url })
  outcome.textContent = (await post(`/finish?check=${check}`)).text
}

// For whoever tries the demo with their own face: a photo to be compared with.
const choose = () => { mine.hidden = learner.value !== 'me' }
learner.onchange = choose
choose()
mine.querySelector('input').onchange = e => post('/my-photo', e.target.files[0])
