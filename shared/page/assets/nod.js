// What a learning platform puts on its own page:
//
//   <script src="https://NOD/nod.js"></script>
//   const state = await Nod.check({ url: session.page_url })
//
// The state is a hint. What the platform trusts is the assertion that its server fetches.
(() => {
  // Browsers inside apps often give a frame no camera; neither does a page without one.
  const framesHaveCameras = () =>
    !/MicroMessenger|wxwork/i.test(navigator.userAgent) && !!navigator.mediaDevices && isSecureContext &&
    document.featurePolicy?.allowsFeature('camera') !== false

  function frame(url) {
    const f = document.createElement('iframe')
    f.src = url
    f.allow = 'camera'
    f.referrerPolicy = 'no-referrer'
    f.title = /^zh/.test(document.documentElement.lang) ? '人脸核验' : 'Face check'
    Object.assign(f.style, { border: 0, width: '100%', height: '100%', minHeight: '30rem', display: 'block' })
    return f
  }

  function dialog(f) {
    const d = document.createElement('dialog'), close = document.createElement('button')
    close.type = 'button'
    close.textContent = '✕'
    close.setAttribute('aria-label', /^zh/.test(document.documentElement.lang) ? '关闭' : 'Close')
    close.onclick = () => d.close()
    Object.assign(close.style, { display: 'block', marginLeft: 'auto', width: '48px', height: '48px', border: 0, background: 'none', font: '20px sans-serif', cursor: 'pointer' })
    Object.assign(d.style, {
      width: 'min(100vw, 44rem)', maxWidth: 'none', height: 'min(100dvh, 52rem)', maxHeight: 'none', padding: 0, border: 0,
      borderRadius: '12px', overflow: 'hidden', background: '#fff',
    })
    Object.assign(f.style, { height: 'calc(100% - 48px)', minHeight: 0 })
    d.append(close, f)
    document.body.append(d)
    d.showModal()
    return d
  }

  // check shows the page of a session, in a dialog or in a container of the platform's,
  // and resolves with the session's state when the person is done. Where a frame cannot
  // have a camera the browser goes to the page, and comes back to the session's return_url.
  function check({ url, container }) {
    const origin = new URL(url, location.href).origin
    if (!framesHaveCameras() || !container && !window.HTMLDialogElement) {
      location.assign(url)
      return new Promise(() => {})
    }
    return new Promise(resolve => {
      const f = frame(url)
      const around = container ? null : dialog(f)
      let state = 'open'
      const finish = () => {
        removeEventListener('message', hear)
        f.remove()
        around?.remove()
        resolve(state)
      }
      const hear = ({ origin: from, source, data }) => {
        if (from !== origin || source !== f.contentWindow || data?.source !== 'nod' || data.v !== 1) return
        state = data.state ?? state
        if (data.type === 'close') around ? around.close() : finish()
      }
      addEventListener('message', hear)
      around?.addEventListener('close', finish)
      container?.replaceChildren(f)
    })
  }

  window.Nod = Object.freeze({ check })
})()
