// Package timestamp makes requests to an RFC 3161 authority and reads what it answers: the
// word of somebody outside that bytes existed at a time. It knows no network. What it keeps
// is a TimeStampResp of one spelling (granted, and the token), the form in which
// `openssl ts -verify` takes it too.
//
//	request, nonce, err := timestamp.Request(checkpoint)
//	tsr, stamp, err := timestamp.Accept(answer, checkpoint, nonce, roots)
//
//	stamp, err := timestamp.Read(tsr, checkpoint)          // what it says, and of what
//	stamp, err = timestamp.Verify(tsr, checkpoint, roots)  // and that an authority said so
//
// The library parses and verifies the signature. What it leaves to its caller is done here:
// that there is one signer, whose certificate is in the token, named by what was signed, made
// for nothing but timestamps, and under a given root at the time of the token; that the
// algorithms are not broken ones; and that the token is of these bytes, and of this request.
package timestamp
