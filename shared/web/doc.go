// Package web is Nod's HTTP interface (DESIGN.md section 5): it binds strict JSON
// bodies, tells who is calling, calls package app, and turns what comes back into
// JSON or a problem document. A Route is one call of the interface; a function's
// handler is made of the routes it serves.
package web
