// Parts that the forms of notices and of delegations share.
import { button, h } from './dom.js'
import { select, text } from './form.js'
import { me } from './state.js'

export const kinds = () => Object.entries(me.t.data)

// recipients is a list of who receives what, by name, one a line.
export function recipients(kept, key, as, label, changed) {
  const t = me.t.c.form
  const place = h('fieldset', { id: 'field-' + as })
  const draw = focus => {
    const list = kept[key]
    const add = button(t.add, () => {
      list.push({ name: '', contact: '', route: 'photo' })
      changed()
      draw()
      place.querySelectorAll('.row')[list.length - 1].querySelector('input').focus()
    })
    place.replaceChildren(h('legend', {}, label), ...list.map((r, i) => h('div', { class: 'row card', role: 'group', 'aria-label': t.recipient(i + 1) },
      text(r, 'name', t.recipientName, { changed, as: `${as}[${i}].name` }),
      text(r, 'contact', t.recipientContact, { changed, as: `${as}[${i}].contact` }),
      select(r, 'route', me.t.fact.route, Object.entries(me.t.routes), { changed, as: `${as}[${i}].route` }),
      h('div', 'acts', button(t.remove, () => { list.splice(i, 1); changed(); draw(true) }, { 'aria-label': `${t.remove}: ${t.recipient(i + 1)}` })))),
    h('div', 'acts', add),
    h('p', { class: 'fault', 'data-of': as }))
    if (focus) add.focus()
  }
  draw()
  return place
}
