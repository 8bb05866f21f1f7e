package localapi

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

const (
	algorithm       = "TC3-HMAC-SHA256"
	scopeEnd        = "tc3_request"
	maxHeaderLength = 4096 // of Authorization
)

// authorization is the Authorization header taken apart.
type authorization struct {
	id            string // SecretId
	date, service string // of the credential scope
	signedHeaders []string
	signature     [32]byte
}

// parseAuthorization reads
//
//	TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, SignedHeaders=a;b, Signature=HEX
//
// The signed headers must be in lower case, in order, and include content-type and host.
func parseAuthorization(header string) (authorization, error) {
	var a authorization
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok || len(header) > maxHeaderLength {
		return a, errInvalidAuthorization
	}
	parts := strings.Split(rest, ",")
	if len(parts) != 3 {
		return a, errInvalidAuthorization
	}
	var values [3]string
	for i, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if values[i], ok = strings.CutPrefix(strings.TrimSpace(parts[i]), name+"="); !ok {
			return a, errInvalidAuthorization
		}
	}
	if !a.setScope(values[0]) || !a.setHeaders(values[1]) || !a.setSignature(values[2]) {
		return authorization{}, errInvalidAuthorization
	}
	return a, nil
}

func (a *authorization) setScope(s string) bool {
	parts := strings.Split(s, "/")
	if len(parts) != 4 || parts[3] != scopeEnd || slices.Contains(parts, "") {
		return false
	}
	a.id, a.date, a.service = parts[0], parts[1], parts[2]
	return true
}

func (a *authorization) setHeaders(s string) bool {
	a.signedHeaders = strings.Split(s, ";")
	for i, name := range a.signedHeaders {
		if !isHeaderName(name) || i > 0 && name <= a.signedHeaders[i-1] {
			return false
		}
	}
	return slices.Contains(a.signedHeaders, "content-type") && slices.Contains(a.signedHeaders, "host")
}

func isHeaderName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (a *authorization) setSignature(s string) bool {
	if len(s) != hex.EncodedLen(len(a.signature)) || s != strings.ToLower(s) {
		return false
	}
	_, err := hex.Decode(a.signature[:], []byte(s))
	return err == nil
}

// scope is the credential scope, which is part of what is signed.
func (a authorization) scope() string { return a.date + "/" + a.service + "/" + scopeEnd }

// String is the header again.
func (a authorization) String() string {
	return fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		algorithm, a.id, a.scope(), strings.Join(a.signedHeaders, ";"), a.signature)
}
