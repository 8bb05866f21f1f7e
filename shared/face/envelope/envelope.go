// Package envelope is the vendor's encryption of single fields (敏感信息加密; Tencent
// Cloud document 1007/47180), by which a name and an ID number cross the vendor's own
// gateways unread. A Sealer is the caller's side; an Opener is the other, for the
// embedded face API and for tests.
//
// A request has one symmetric key and one initialisation vector for all of its fields.
// The value of a field is replaced by the base64 of its ciphertext, and an Encryption
// travels beside the fields and names them:
//
//	             key        Iv         padding  TagList         CiphertextBlob
//	AES-256-CBC  32 bytes   16 bytes   PKCS#7   left out        the key by RSA, PKCS#1 v1.5
//	SM4-GCM      16 bytes   12 bytes   none     one per field   the key by SM2, C1 || C3 || C2
//
// # What it does not hide
//
// It is a second cover below TLS, and the format has a weakness of its own. All fields
// of a request share key and vector. Under SM4-GCM they are therefore covered by the
// same key stream: whoever gets below TLS learns the XOR of the name and the ID number,
// which is nearly both, and could forge tags; the lengths are plain besides. Under
// AES-256-CBC the same person learns whether two fields begin with the same 16 bytes,
// which a name and an ID number never do, and their lengths in blocks; what is altered
// is not noticed. AES-256-CBC is the better choice wherever no national algorithm is
// required.
//
// # What is left in memory
//
// Fields are byte slices, never strings. A Sealer encrypts in place, in a copy that is
// ciphertext when it is done, and overwrites the key. The values stay the caller's, to
// wipe. What the libraries keep of the key - the padded block of RSA, the schedule of
// rounds - is out of reach and left to the garbage collector; it opens one request.
package envelope

import "encoding/base64"

// The vendor's algorithms.
const (
	AES256CBC = "AES-256-CBC"
	SM4GCM    = "SM4-GCM"
)

// Encryption is the vendor's structure beside encrypted fields. TagList follows the
// order of EncryptList.
type Encryption struct {
	EncryptList    []string
	CiphertextBlob string
	Iv             string
	Algorithm      string
	TagList        []string `json:",omitempty"`
}

var encoding = base64.StdEncoding.Strict()
