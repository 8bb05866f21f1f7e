// Takes what is behind the path out of the address before anything else is loaded: a
// browser's share menu would hand a code on, and what is loaded later may fail. The code
// waits where the page's program finds it, also after a reload. A query, as the vendor's
// page adds one when it brings somebody back, is heeded by nobody.
(() => {
  const { hash, search, pathname } = location
  if (!hash && !search) return
  history.replaceState(null, '', pathname)
  if (!hash) return
  window.nodFragment = hash
  try {
    sessionStorage.setItem('nod fragment ' + pathname, hash)
  } catch { /* denied: then until a reload */ }
})()
