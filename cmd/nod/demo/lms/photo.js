// For whoever tries the demo with their own face: a photo to be compared with.
const learner = document.querySelector('select'), mine = document.getElementById('mine')
const choose = () => { mine.hidden = learner.value !== 'me' }
learner.onchange = choose
choose()
mine.querySelector('input').onchange = e => fetch('/my-photo', { method: 'POST', body: e.target.files[0] })
