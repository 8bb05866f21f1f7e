// Package scale writes docs/scale.md: what a thousand, a hundred thousand and ten million
// checks a day take, what gives way first, and what to change then. measured.json holds what
// was measured, each figure with the command that reproduces it, and what is assumed, each
// with its reason; model.go reckons with them. A document that says something else fails.
// After a change:
//
//	go test ./tests/scale -update
package scale
