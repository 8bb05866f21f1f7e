// What the page is built from. Texts go in as text and never as markup, so that nothing
// an enterprise or a person writes can become a script.

// h makes an element. Functions among the properties are listeners.
export function h(tag, props, ...children) {
  const e = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (typeof value === 'function') e.addEventListener(name, value)
    else if (value === true) e.setAttribute(name, '')
    else if (value !== false && value != null) e.setAttribute(name, value)
  }
  e.append(...children.flat(Infinity).filter(c => c != null && c !== false))
  return e
}

export const button = (text, click, props) => h('button', { type: 'button', click, ...props }, text)

// paragraphs breaks a text where it has line ends.
export const paragraphs = text => text.split(/\n+/).filter(s => s.trim()).map(s => h('p', {}, s))

// details is something that is one tap away.
export const details = (summary, ...children) => h('details', {}, h('summary', {}, summary), ...children)

const main = () => document.getElementById('main')

// show puts a step of the page on the screen and moves the focus to its title, so that
// whoever listens or uses a keyboard is there as well.
export function show(name, title, ...children) {
  const heading = h('h1', { tabindex: -1 }, title)
  main().dataset.step = name
  main().replaceChildren(heading, ...children.flat(Infinity).filter(Boolean))
  document.title = title
  scrollTo(0, 0)
  heading.focus({ preventScroll: true })
}

export const step = () => main().dataset.step

// announce tells a change that nobody pressed for to those who listen.
export function announce(text) {
  const live = document.getElementById('live')
  if (live.textContent !== text) live.textContent = text
}

export const pause = ms => new Promise(done => setTimeout(done, ms))
