// Package api holds the tests of Nod's HTTP interface, as those who call it see it:
// a real server on loopback with a real database, and a face API that does what a
// test tells it. Every request and every answer of the suite is held against
// shared/web/openapi.json on its way (see checker), every answer and every line of
// the log is searched for what must not be there, and in the end every call and
// every kind of problem must have been met.
//
// What the local face API makes of real faces is proven elsewhere.
package api
