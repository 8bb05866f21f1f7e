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

  // The platform's style sheets must not reach what is put on its page.
  const reset = 'all:initial;box-sizing:border-box;'

  function frame(url) {
    const f = document.createElement('iframe')
    f.src = url
    f.allow = 'camera'
    f.referrerPolicy = 'no-referrer'
    f.title = /^zh/.test(document.documentElement.lang) ? '身份核验' : 'Identity check'
    f.style.cssText = reset + 'display:block;flex:1;width:100%;height:100%;min-height:480px'
    return f
  }

  function dialog(f) {
    const d = document.createElement('dialog'), close = document.createElement('button')
    close.type = 'button'
    close.textContent = '✕'
    close.setAttribute('aria-label', /^zh/.test(document.documentElement.lang) ? '关闭' : 'Close')
    close.onclick = () => d.close()
    close.style.cssText = reset + 'flex:none;width:48px;height:48px;margin-left:auto;font:20px/48px sans-serif;text-align:center;color:#1b2421;cursor:pointer'
    d.style.cssText = reset + 'position:fixed;inset:0;margin:auto;display:flex;flex-direction:column;overflow:hidden;' +
      'width:min(100vw,704px);height:min(100dvh,832px);border-radius:12px;background:#fff'
    f.style.minHeight = 0
    d.append(close, f)
    document.body.append(d)
    d.showModal()
    return d
  }

  // check shows the page of a session, in a dialog or in a container of the platform's,
  // and resolves with the session's state when the person is done. Where a frame cannot
  // have a camera the browser goes to the page, and comes back to the session's return_url.
  function check({ url, container }) {
    const { origin, protocol } = new URL(url, location.href)
    // Any other would be the platform's own page, and a script in it.
    if (!/^https?:$/.test(protocol)) return Promise.reject(new TypeError('Nod: url is not the address of a page'))
    if (!framesHaveCameras() || !container && !window.HTMLDialogElement) {
      location.assign(url)
      return new Promise(() => {})
    }
    return new Promise(resolve => {
      const f = frame(url)
      const around = container ? null : dialog(f)
      let state = 'open'
      const silent = setTimeout(() => console.error(
        `Nod: the page in the frame does not answer. Is ${location.origin} among the enterprise's frame_origins?`), 15000)
      // Somebody may take the frame away, or put another one in its place.
      const there = setInterval(() => f.isConnected || finish(), 1000)
      const finish = () => {
        removeEventListener('message', hear)
        clearTimeout(silent)
        clearInterval(there)
        f.remove()
        around?.remove()
        resolve(state)
      }
      const hear = ({ origin: from, source, data }) => {
        if (from !== origin || source !== f.contentWindow || data?.source !== 'nod' || data.v !== 1) return
        clearTimeout(silent)
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
