// Parts of the program that not everybody needs: a language, and what belongs to a way of
// checking or to the people of one kind. Each is got when somebody meets it.
import { NoAnswer } from './api.js'

const parts = {}
let failures = 0

// load gets a part, once. Some browsers remember a file that did not come for as long as
// the page lasts, so that the next try asks for it by another address. A part itself
// imports nothing by name but what every page has.
export async function load(name) {
  try {
    return await (parts[name] ??= import(`./${name}${failures ? '?' + failures : ''}`))
  } catch (e) {
    console.warn(e)
    failures++
    delete parts[name]
    // The part of a newer Nod does not fit a page that was open before it came.
    if (e instanceof SyntaxError && performance.getEntriesByType('navigation')[0]?.type !== 'reload') location.reload()
    throw new NoAnswer(!navigator.onLine)
  }
}
