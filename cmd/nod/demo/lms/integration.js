// The start button needs a check. What came of it is asked of the platform's server.
const start = document.getElementById('start'), outcome = document.getElementById('outcome')
const post = path => fetch(path, { method: 'POST' }).then(r => r.json()).catch(() => ({ text: start.dataset.failed }))

start.onclick = async () => {
  start.disabled = true // one press, one check
  const { url, check, text } = await post(`${location.pathname}/start?${new URLSearchParams(new FormData(document.querySelector('form')))}`)
  if (url) await Nod.check({ url })
  outcome.textContent = text ?? (await post(`/finish?check=${check}`)).text
  start.disabled = false
}
