// Fields of a form: a label, what is wrong with it beside it, and both tied to it for
// those who listen.
import { announce, h } from './dom.js'

// field is an input or a select with its label and, where given, a hint.
export function field(name, label, input, hint) {
  const id = 'field-' + name
  input.id = id
  input.setAttribute('aria-describedby', `${id}-fault` + (hint ? ` ${id}-hint` : ''))
  return h('div', 'field', h('label', { for: id }, label),
    hint && h('p', { class: 'note', id: id + '-hint' }, hint), input, h('p', { class: 'fault', id: id + '-fault', 'data-of': name }))
}

// faults marks the fields that the texts are about, unmarks all others, and moves the
// focus to the first. It tells whether there is any.
export function faults(texts) {
  const marked = [...document.querySelectorAll('.fault')].filter(fault => {
    const text = texts[fault.dataset.of]
    fault.textContent = text ?? ''
    inputOf(fault)?.setAttribute('aria-invalid', !!text)
    return text
  })
  if (!marked.length) return false
  inputOf(marked[0])?.focus()
  announce(marked.map(fault => fault.textContent).join(' '))
  return true
}

const inputOf = fault => fault.parentElement.querySelector('input, select, textarea')
