package lambda

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"nod/shared/runtime/gateway"
)

// marshal writes an answer in the shape that the event's sender reads. Who cannot
// be told gets the newer shape, whose fields every other sender understands too.
func (e event) marshal(a gateway.Answer) []byte {
	var answer any
	if e.RequestContext.ELB == nil {
		answer = payload2Answer(a)
	} else {
		answer = balancerAnswer(a, e.MultiValueHeaders != nil || e.MultiValueQuery != nil)
	}
	payload, ok := gateway.Marshal(answer)
	if !ok {
		return e.marshal(gateway.Problem(http.StatusInternalServerError))
	}
	return payload
}

// payload2Answer keeps cookies apart: Set-Cookie is the only header that may have
// several values there.
func payload2Answer(a gateway.Answer) events.LambdaFunctionURLResponse {
	headers, cookies := a.Joined()
	text, isBase64 := a.Text()
	return events.LambdaFunctionURLResponse{
		StatusCode: a.Status, Headers: headers, Cookies: cookies,
		Body: text, IsBase64Encoded: isBase64,
	}
}

// balancerAnswer answers in the mode of the event: a load balancer that sends
// multiple values reads only those.
func balancerAnswer(a gateway.Answer, multi bool) events.ALBTargetGroupResponse {
	text, isBase64 := a.Text()
	answer := events.ALBTargetGroupResponse{
		StatusCode: a.Status, StatusDescription: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)),
		Body: text, IsBase64Encoded: isBase64,
	}
	if multi {
		answer.MultiValueHeaders = a.Header
		return answer
	}
	headers, cookies := a.Joined()
	for i, cookie := range cookies {
		headers[spelling("set-cookie", i)] = cookie
	}
	answer.Headers = headers
	return answer
}

// spelling returns the i-th way to write a name in upper and lower case. Names of
// headers are the same in all of them, keys of JSON are not: so several cookies fit
// into a map. There are 512 ways to write set-cookie, then it starts again.
func spelling(name string, i int) string {
	b := []byte(name)
	for at := range b {
		if b[at] < 'a' || b[at] > 'z' {
			continue
		}
		if i&1 == 1 {
			b[at] -= 'a' - 'A'
		}
		i >>= 1
	}
	return string(b)
}
