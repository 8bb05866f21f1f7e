// What the page is built from. Texts go in as text and never as markup, so that nothing
// an enterprise or a person writes can become a script.

const named = props => typeof props === 'string' ? { class: props } : props ?? {}

// h makes an element. Functions among the properties are listeners; a mere text in the
// place of properties is the class.
export function h(tag, props, ...children) {
  const e = document.createElement(tag)
  for (const [name, value] of Object.entries(named(props))) {
    if (typeof value === 'function') e.addEventListener(name, value)
    else if (value === true) e.setAttribute(name, '')
    else if (value !== false && value != null) e.setAttribute(name, value)
  }
  e.append(...children.flat(Infinity).filter(c => c != null && c !== false))
  return e
}

export const button = (text, click, props) => h('button', { type: 'button', click, ...named(props) }, text)

// paragraphs breaks a text where it has line ends.
export const paragraphs = text => text.split(/\n+/).filter(s => s.trim()).map(s => h('p', {}, s))

// details is something that is one tap away.
export const details = (summary, ...children) => h('details', {}, h('summary', {}, summary), ...children)

// table is names with their values. The roles are said because the rows are laid out as
// lines that wrap, and browsers would forget that they are rows.
export const table = rows => h('table', { role: 'table' }, h('tbody', {}, rows.filter(Boolean).map(([name, ...value]) =>
  h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, name), h('td', { role: 'cell' }, value)))))

const main = () => document.getElementById('main')

// status is a line of a step that changes by itself, or that says what goes on.
export const status = text => h('p', { class: 'lead', role: 'status' }, text)

// show puts a step of the page on the screen and moves the focus to its title, so that
// whoever listens or uses a keyboard is there as well. A mere text is a paragraph of it.
export function show(name, title, ...children) {
  drawAgain = null
  screens++
  announce('')
  const heading = h('h1', { tabindex: -1 }, title)
  main().dataset.step = name
  main().replaceChildren(heading, ...children.flat(Infinity).filter(Boolean).map(c => typeof c === 'string' ? h('p', {}, c) : c))
  document.title = title
  scrollTo(0, 0)
  heading.focus({ preventScroll: true })
}

// banner puts a message above the step that is shown: a problem, or a text of two parts.
export function banner({ title, detail, text = detail }) {
  main().querySelector('.said')?.remove()
  main().prepend(h('div', { class: 'banner said', role: 'status' }, h('strong', {}, title), ' ', text))
}

let drawAgain, screens = 0

// stillShown tells later whether the step that is shown now still is: what somebody
// turned away from must not go on by itself.
export function stillShown() {
  const mine = screens
  return () => mine === screens
}

// redrawn says how the step on the screen is drawn in another language, where that is
// not told by the session's state; redraw does it.
export const redrawn = by => { drawAgain = by }
export const redraw = () => drawAgain && (drawAgain(), true)

export const step = () => main().dataset.step

// announce tells a change that nobody pressed for to those who listen.
export function announce(text) {
  const live = document.getElementById('live')
  if (live.textContent !== text) live.textContent = text
}

// finals are the states after which nothing more happens in a session.
export const finals = ['passed', 'failed', 'withdrawn', 'expired', 'cancelled', 'alternative']

export const pause = ms => new Promise(done => setTimeout(done, ms))
