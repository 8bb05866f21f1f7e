// Some things on the platform's page have to be at hand during a check: a made-up name to
// type, the message to a guardian. Then Nod's page gets a place beside them, and no dialog.
const form = document.querySelector('form'), start = document.getElementById('start'), outcome = document.getElementById('outcome')
const here = document.getElementById('here'), message = document.getElementById('message')
const post = path => fetch(path, { method: 'POST' }).then(r => r.json()).catch(() => ({ text: start.dataset.failed }))
const inDialog = start.onclick

start.onclick = async () => {
  message.hidden = true
  if (!document.querySelector('[data-beside], option[data-guardian]:checked')) return inDialog()
  start.disabled = true
  outcome.textContent = ''
  const { url, check, guardian, text } = await post(`${location.pathname}/start?${new URLSearchParams(new FormData(form))}`)
  if (guardian) {
    message.hidden = false
    message.querySelector('a').href = guardian
  }
  // From the vendor's page, which is in no frame, the browser comes back to return_url.
  if (url && new FormData(form).get('route') === 'hosted') return location.assign(url)
  if (url) {
    here.hidden = false
    const done = Nod.check({ url, container: here })
    ;(guardian ? message : form).scrollIntoView()
    await done
    here.hidden = true
  }
  outcome.textContent = text ?? (await post(`/finish?check=${check}`)).text
  start.disabled = false
}
