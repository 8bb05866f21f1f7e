// Forms over a plain object: what is typed is in the object at once, so that a form is
// drawn again from it, in another language too, and nothing of it is lost.
import { h } from './dom.js'
import { faults, field } from './field.js'
import { me } from './state.js'

// form holds fields; it is sent by its button alone.
export const form = (label, ...children) => h('form', { 'aria-label': label, novalidate: true, submit: event => event.preventDefault() }, ...children)

// An input writes to kept[key]; as is its name where the interface calls it otherwise.
function bound(element, kept, key, { changed, as = key, hint } = {}, label) {
  element.value = kept[key] ?? ''
  element.addEventListener('input', () => { kept[key] = element.type === 'number' ? Number(element.value) : element.value; changed?.() })
  return field(as, label, element, hint)
}

const named = (label, optional) => optional ? `${label} ${me.t.c.form.optional}` : label

export const text = (kept, key, label, options = {}) => bound(h('input', { type: 'text', autocomplete: 'off' }), kept, key, options, named(label, options.optional))
export const area = (kept, key, label, options = {}) => bound(h('textarea', { rows: options.rows ?? 4 }), kept, key, options, named(label, options.optional))
export const date = (kept, key, label, options = {}) => bound(h('input', { type: 'date' }), kept, key, options, label)
export const time = (kept, key, label, options = {}) => bound(h('input', { type: 'datetime-local' }), kept, key, options, named(label, options.optional))
export const count = (kept, key, label, options = {}) => bound(h('input', { type: 'number', min: options.min, max: options.max, inputmode: 'numeric' }), kept, key, options, label)

export const select = (kept, key, label, words, options = {}) =>
  bound(h('select', {}, words.map(([value, text]) => h('option', { value }, text))), kept, key, options, label)

// checks is a group of boxes over the list kept[key].
export function checks(kept, key, label, words, { changed, as = key, hint } = {}) {
  return h('fieldset', { id: 'field-' + as }, h('legend', {}, label), hint && h('p', 'note', hint), words.map(([value, text]) => {
    const box = h('input', { type: 'checkbox', checked: kept[key].includes(value), change: () => {
      kept[key] = words.map(([w]) => w).filter(w => w === value ? box.checked : kept[key].includes(w))
      changed?.()
    } })
    return h('label', 'check', box, ' ', text)
  }), h('p', { class: 'fault', 'data-of': as }))
}

// tick is one box over the truth value kept[key].
export function tick(kept, key, label, { changed, hint } = {}) {
  const box = h('input', { type: 'checkbox', checked: !!kept[key], change: () => { kept[key] = box.checked; changed?.() } })
  return h('div', 'field', h('label', 'check', box, ' ', label), hint && h('p', 'note', hint))
}

// faultsOf marks the fields that a problem names, and gives back what is left to be told
// of it. A field that has no place of its own is told at what it belongs to.
export function faultsOf(e) {
  if (!e.errors?.length) return e
  const places = [...document.querySelectorAll('.fault')].map(p => p.dataset.of).filter(Boolean)
  const texts = {}, left = []
  for (const x of e.errors) {
    const place = places.filter(p => x.field === p || x.field.startsWith(p + '.') || x.field.startsWith(p + '[')).sort((a, b) => b.length - a.length)[0]
    if (place) texts[place] = [texts[place], x.detail].filter(Boolean).join(' ')
    else left.push(x)
  }
  faults(texts)
  return Object.assign(Object.create(Object.getPrototypeOf(e)), e, { errors: left })
}
