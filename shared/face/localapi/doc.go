// Package localapi is the embedded face API: it answers the vendor's protocol (Tencent
// Cloud API 3.0, service iai, version 2020-03-03) from this process, with a real
// comparison of faces and no cloud account. It exists for laptops and for small
// installations on an enterprise's own premises; a deployed function never links it.
//
// The client cannot tell the two apart except by what they know. Requests are signed by
// TC3-HMAC-SHA256 and the signature is checked, the limits and error codes are the
// vendor's, every answer to a request is HTTP 200 with a Response object. One action is
// known: CompareFace.
//
//	api, err := localapi.New(localapi.Options{SecretID: id, SecretKey: key})
//	go http.Serve(loopbackListener, api)
//
// # What a score means here
//
// The engine (package engine) measures a distance between two faces; Score lays it on
// the vendor's scale, on which 40, 50 and 60 stand for false-accept rates of 1e-3, 1e-4
// and 1e-5:
//
//	distance   0    .45   .50   .55   .60    1
//	score    100     60    50    40    30    0
//
// These points are sensible, not calibrated: changed versions of one portrait lie at
// .06-.41, different people of the few dozen that were tried at .55 and above.
// Nobody has measured this engine's rates on a population, and the training data of two
// of its networks is unknown. Use the vendor where the rate itself must be vouched for.
//
// # No liveness
//
// A photograph of a photograph is a face to this engine. No model that can be had
// freely tells them apart well enough, so DetectLiveFaceAccurate is answered with
// UnsupportedOperation.UnknowMethod instead of with a number that would be trusted.
//
// # What is kept
//
// Nothing is logged and nothing is written. Bodies, decoded pictures and tensors are
// overwritten before the answer is sent. Buffers inside the standard library - of the
// connection, of the JPEG and PNG decoders, of base64 that JSON has escaped - are out of
// reach and left to the garbage collector; whoever needs more uses the deployed
// function, which never decodes.
//
// # Addresses
//
// UrlA and UrlB are fetched without redirects, proxies or cookies, within ten seconds
// and the size of an image. Link-local and metadata addresses are refused when the
// connection is made, whatever name led to them; loopback and private addresses are
// allowed, because the enterprise's own photo server usually has one.
package localapi
