// Package app holds what Nod does for each of those who call it: the operator, the
// enterprise's administrator, the LMS's server (Integrator), the Learner, and the
// check itself. It ties the rules of package domain to a database, a face API and
// keys, of which it knows only the small interfaces in ports.go.
//
// Its answers are the bodies of the interface, field for field; its errors are
// domain.Refusal for an expected no, anything else for a failure that a caller is
// told nothing about.
package app
