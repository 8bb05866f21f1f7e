// Takes a code out of the address before anything else is loaded: a browser's share menu
// would hand it on, and what is loaded later may fail. It waits where the page's program
// finds it, also after a reload.
(() => {
  const { hash, pathname } = location
  if (!hash) return
  history.replaceState(null, '', pathname)
  window.nodFragment = hash
  try {
    sessionStorage.setItem('nod fragment ' + pathname, hash)
  } catch { /* denied: then until a reload */ }
})()
