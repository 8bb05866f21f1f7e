// Package gateway is what the runtimes (scf, lambda, serve) have in common: it
// stands between a platform's idea of an HTTP request and an http.Handler, so
// that the same handler gives equal answers everywhere. It knows nothing of the
// application behind the handler.
//
// The way of a call is always the same three steps:
//
//	Incoming.Request or Arrived   what came in, checked   -> *http.Request
//	Respond                       the handler, recorded   -> Answer
//	Answer                        written as the platform wants it
//
// What a handler sees:
//
//   - Method, URL, RequestURI and Host as net/http's server has them. There is
//     one source for the path; an event that names two different ones is refused.
//   - Header with canonical names and one value a name: what was sent several
//     times is joined by commas (cookies by "; "), because Lambda hands it over
//     like that and nobody can take it apart again (RFC 9110 section 5.3).
//     Hop-by-hop fields, Expect and Content-Length are gone: they were about the
//     connection, which ended at the gateway.
//   - RemoteAddr as host:port. The host is the client as the platform names it,
//     never what the client says of itself; the port is 0 where the platform does
//     not tell it. Empty if the platform names nobody.
//   - ContentLength that is always the length of Body.
//   - A context with a deadline. A client that hangs up does not end it.
//
// What a handler may do: answer in one piece of at most MaxPayload bytes. A file can be
// handed over instead (SendFile), which a server sends as it reads it, and a cloud takes
// up to that size. Nothing else is streamed; informational answers (1xx), trailers, flushing and hijacking do
// not exist. A handler that panics gives a bare 500, even after it began to write.
package gateway

// MaxPayload bounds events and answers: both clouds take 6 MB in a synchronous
// call (Tencent Cloud document 583/11637; AWS Lambda quotas). What counts there
// is the JSON around the body too.
const MaxPayload = 6 << 20
