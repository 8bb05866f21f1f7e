package tencent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// sign makes the Authorization header of a POST by the vendor's signature method v3
// (TC3-HMAC-SHA256, Tencent Cloud document 867/44982 as the SDK carries it out): hash
// is the SHA-256 of the body.
func (p product) sign(id, key string, at time.Time, hash []byte) string {
	const (
		algorithm = "TC3-HMAC-SHA256"
		signed    = "content-type;host"
		end       = "tc3_request"
	)
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/" + p.service + "/" + end
	canonical := "POST\n/\n\ncontent-type:" + contentType + "\nhost:" + p.host + "\n\n" + signed + "\n" + hex.EncodeToString(hash)
	digest := sha256.Sum256([]byte(canonical))
	toSign := algorithm + "\n" + strconv.FormatInt(at.Unix(), 10) + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	secret := []byte("TC3" + key)
	for _, part := range []string{date, p.service, end, toSign} {
		secret = authenticated(part, secret)
	}
	return fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%x", algorithm, id, scope, signed, secret)
}

func authenticated(text string, key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
