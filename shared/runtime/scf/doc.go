// Package scf runs an http.Handler on Tencent Cloud SCF, as an event function
// behind a Function URL, and calls a timer's work when a timer trigger fires.
//
// SCF's Go runtime talks net/rpc to the function. What the function returns as an
// error, and the stack of its panic, go back to the caller (scf-go-lib,
// cloudfunction/function.go), so neither ever leaves this package: bad events and
// panics become problem documents, a timer's failure a fixed sentence.
//
// A Function URL hands over body, headers, httpMethod, path and queryString
// (Tencent Cloud document 583/96099). There is no word on whether a body is base64,
// so a body is text; bytes travel as base64 inside JSON. The client's address is
// the header x-scf-remote-addr, which clients cannot set themselves.
package scf
