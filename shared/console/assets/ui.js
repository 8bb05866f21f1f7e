// What the console's sections are made of: panels that load by themselves, tables, what is
// told when something goes wrong, and the question before what cannot be undone.
import { button, h, status } from './dom.js'
import { NoAnswer } from './api.js'
import { me } from './state.js'

const flat = content => [content].flat(Infinity).filter(x => x != null && x !== false)

// panel is a part of a section that loads by itself. Where that fails, it says why and
// what to do; the others stay. load gets what draws it anew.
export function panel(title, load) {
  const body = h('div', 'body')
  const draw = async quietly => {
    if (quietly !== true) body.replaceChildren(h('p', { class: 'note', role: 'status' }, me.t.c.loading))
    body.setAttribute('aria-busy', 'true')
    try {
      body.replaceChildren(...flat(await load(draw)))
    } catch (e) {
      body.replaceChildren(problem(e, draw))
    }
    body.removeAttribute('aria-busy')
  }
  draw()
  return h('section', 'panel', title && h('h2', {}, title), body)
}

// problem says what went wrong, in Nod's own words where it has answered.
export function problem(e, again) {
  const t = me.t.c
  if (!(e instanceof NoAnswer) && !e.slug) console.error(e)
  const [title, text] = e.slug ? [e.title, e.detail] : e instanceof NoAnswer ? t.noAnswer : t.broken
  return h('div', { class: 'banner bad', role: 'alert' }, h('strong', {}, title), ' ', text,
    e.errors?.length > 0 && h('ul', {}, e.errors.map(x => h('li', {}, h('code', {}, x.field), ' ', x.detail))),
    e.request_id && h('p', 'note', t.requestID, ' ', h('code', {}, e.request_id)),
    again && h('p', {}, button(me.t.again, () => again())))
}

// grid is a table of things. On a narrow screen each row is a block, with the heads in it.
export function grid(caption, heads, rows, props) {
  return h('table', { class: 'grid', role: 'table', ...props }, h('caption', 'sr', caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map(head => h('th', { scope: 'col', role: 'columnheader' }, head)))),
    h('tbody', { role: 'rowgroup' }, rows.map(cells => h('tr', { role: 'row' }, cells.map((cell, i) =>
      h('td', { role: 'cell', class: typeof cell === 'number' ? 'number' : cell === '' && 'none' }, h('span', { class: 'head', 'aria-hidden': 'true' }, heads[i]), h('span', 'cell', cell)))))))
}

// mark is a word that stands out: good, bad or neither.
export const mark = (text, how) => h('span', 'mark ' + (how ?? ''), text)

// doing runs what a button is for, once at a time. What goes wrong is said beside it, and
// whatever was written stays.
export async function doing(event, act) {
  const by = event.currentTarget, place = by.closest('.acts') ?? by
  if (by.getAttribute('aria-disabled') === 'true') return
  place.parentElement.querySelectorAll(':scope > .bad').forEach(e => e.remove())
  by.setAttribute('aria-disabled', 'true')
  const going = status(me.t.c.working)
  going.className = 'note'
  place.after(going)
  try {
    await act()
  } catch (e) {
    place.after(problem(e))
  } finally {
    going.remove()
    by.removeAttribute('aria-disabled')
  }
}

// sure asks before something that cannot be undone, and answers whether it is wanted.
export function sure(title, text, yes) {
  const before = document.activeElement
  return new Promise(done => {
    const dialog = h('dialog', { 'aria-labelledby': 'sure' }, h('h2', { id: 'sure' }, title), flat(text).map(x => typeof x === 'string' ? h('p', {}, x) : x),
      h('div', 'acts', button(yes, () => dialog.close('yes'), 'main'), button(me.t.c.cancel, () => dialog.close())))
    dialog.addEventListener('close', () => {
      dialog.remove()
      before?.focus()
      done(dialog.returnValue === 'yes')
    })
    document.body.append(dialog)
    dialog.showModal()
  })
}

// offer has the browser save something as a file.
export function offer(blob, name) {
  const href = URL.createObjectURL(blob)
  h('a', { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60_000)
}

export const bytesOf = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0))
