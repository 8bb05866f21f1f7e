// Package notrace is what a function needs whose events hold what must not stay: a
// process that the kernel neither dumps nor lets be traced, and ways to overwrite what
// libraries read into buffers of their own.
//
// The means are few, and measured rather than believed: `nod residue` searches the
// memory of the built function after its answers.
package notrace
