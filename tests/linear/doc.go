// Package linear holds Nod against a small sequential specification, while several
// people, an administrator and several instances act at once.
//
// Its tests call a whole Nod through its interface, over a real database, and write
// down when each call was sent and when its answer was there. Package porcupine then
// looks for one order of all calls in which each takes place at one instant between the
// two, and in which every answer is one that the specification allows. If there is none,
// somebody saw something that no order explains: a check after a withdrawal that was
// answered before it was asked for, a grant that was lost, a verdict that counted though
// the person had said no.
//
// The specification (see book) tells the rules of DESIGN.md, sections 2, 3 and 5, anew
// and calls nothing of Nod. A call says also where its Record stands in the person's
// chain, so the order that is found must be the order that an auditor reads, and a
// Record that nobody's call explains is found too.
//
// That the check sees anything at all is proven by gates that are broken on purpose.
package linear
