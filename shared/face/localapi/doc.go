// Package localapi is the embedded face API: it answers the vendor's protocol (Tencent
// Cloud API 3.0) from this process, with a real comparison of faces and no cloud account.
// It exists for laptops and for small installations on an enterprise's own premises; a
// deployed function never links it.
//
// The client cannot tell the two apart except by what they know. Requests are signed by
// TC3-HMAC-SHA256 and the signature is checked, the limits and error codes are the
// vendor's, every answer to a request is HTTP 200 with a Response object. Five actions
// are known:
//
//	iai     2020-03-03  CompareFace            two faces: real
//	faceid  2018-03-01  IdCardVerification     name and number: against a register of made-up people
//	                    ImageRecognitionV2     name, number and face: the same register, faces real
//	                    DetectAuth             a visit to the vendor's page: a stand-in page
//	                    GetDetectInfoEnhanced  how the visit came out: as it was chosen there
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
// ImageRecognitionV2 has a scale of its own, on which 70 passes and stands for 1e-4, as 50
// does above; Similarity lays the one scale on the other.
//
// # The register
//
// Package register holds the people whom the authority knows here. All are made up, and
// none of their ID numbers can be anybody's. Options.Register puts others in their place.
// What may be asked about one person a minute and a day is limited as at the vendor.
//
// Name and number may be encrypted as the vendor has it (package envelope), if the
// Options have the private key.
//
// # The stand-in page
//
// DetectAuth leads to /hosted on this server, where the vendor would have the person
// filmed. The page says that it only stands in for the vendor's, uses no camera, and lets
// the person choose how the check comes out. It serves to walk the whole way; nothing
// that comes from it says anything about anybody.
//
// # No liveness
//
// A photograph of a photograph is a face to this engine. No model that can be had
// freely tells them apart well enough, so DetectLiveFaceAccurate is answered with
// UnsupportedOperation.UnknowMethod instead of with a number that would be trusted.
//
// # What is kept
//
// Nothing is logged and nothing is written. Bodies, decoded pictures, tensors, names and
// ID numbers are overwritten before the answer is sent. Of a visit to the stand-in page
// the name and the number stay in memory for two hours, because the vendor's answer holds
// them; then they are overwritten. Limits are counted by a keyed hash. Buffers inside the
// standard library - of the connection, of the JPEG and PNG decoders, of texts that JSON
// has escaped or writes - are out of reach and left to the garbage collector; whoever
// needs more uses the deployed function, which never decodes.
//
// # Addresses
//
// UrlA and UrlB are fetched without redirects, proxies or cookies, within ten seconds
// and the size of an image. Link-local and metadata addresses are refused when the
// connection is made, whatever name led to them; loopback and private addresses are
// allowed, because the enterprise's own photo server usually has one.
package localapi
