package scf

import (
	"net/http"

	"nod/shared/runtime/gateway"
)

// answerEvent is what the Function URL turns into HTTP. Without statusCode it would
// take the whole as a body of status 200, so that field is always there.
type answerEvent struct {
	StatusCode int            `json:"statusCode"`
	Headers    map[string]any `json:"headers"` // string, or []string for several cookies
	Body       string         `json:"body"`
	Base64     bool           `json:"isBase64Encoded"`
}

// marshal writes an answer. Several cookies go as a list, which Tencent's gateways
// take (serverless-components/tencent-express#7); other headers are joined.
func marshal(a gateway.Answer) []byte {
	joined, cookies := a.Joined()
	headers := make(map[string]any, len(joined)+1)
	for name, value := range joined {
		headers[name] = value
	}
	switch len(cookies) {
	case 0:
	case 1:
		headers["Set-Cookie"] = cookies[0]
	default:
		headers["Set-Cookie"] = cookies
	}
	text, isBase64 := a.Text()
	payload, ok := gateway.Marshal(answerEvent{a.Status, headers, text, isBase64})
	if !ok {
		return marshal(gateway.Problem(http.StatusInternalServerError))
	}
	return payload
}
