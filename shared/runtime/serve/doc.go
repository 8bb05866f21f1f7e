// Package serve runs an http.Handler as a plain HTTP server: on a laptop, in tests,
// and wherever there is a machine instead of a function. TLS is the business of
// what stands in front.
//
// The handler sees and may do what it could in a function (see package gateway): it
// answers in one piece, within a deadline, and a client that hangs up does not end what
// it began. What works here therefore works there. Only the body is still on its way:
// a handler learns who is calling before it waits for megabytes of a stranger's.
package serve
