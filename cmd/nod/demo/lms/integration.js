// The start button needs a check. What came of it is asked of the platform's server.
const outcome = document.getElementById('outcome')
const post = async path => (await fetch(path, { method: 'POST' })).json()

document.getElementById('start').onclick = async () => {
  const learner = document.querySelector('select').value
  const { url, check, error } = await post(`${location.pathname}/start?learner=${learner}`)
  if (error) return void (outcome.textContent = error)
  await Nod.check({ url })
  outcome.textContent = (await post(`/finish?check=${check}`)).text
}
