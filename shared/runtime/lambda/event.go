package lambda

import (
	"strings"

	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lent"
)

// event holds the fields that are used of all the events that come here (shapes:
// aws-lambda-go/events, lambda_function_urls.go, apigw.go, alb.go and
// cloudwatch_events.go).
type event struct {
	// payload format 2.0
	RawPath        string   `json:"rawPath"`
	RawQueryString string   `json:"rawQueryString"`
	Cookies        []string `json:"cookies"`

	// load balancer
	HTTPMethod        string              `json:"httpMethod"`
	Path              string              `json:"path"`
	Query             map[string]string   `json:"queryStringParameters"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`

	// both
	Headers        map[string]string `json:"headers"`
	Body           lent.Text         `json:"body"`
	Base64         bool              `json:"isBase64Encoded"`
	RequestContext struct {
		DomainName string `json:"domainName"`
		HTTP       *struct {
			Method   string `json:"method"`
			Path     string `json:"path"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
		ELB *struct{} `json:"elb"`
	} `json:"requestContext"`

	// EventBridge
	Source     string   `json:"source"`
	DetailType string   `json:"detail-type"`
	Time       string   `json:"time"`
	Resources  []string `json:"resources"`

	body []byte // a part of the payload
}

// read reads an event where it lies: its body is a part of the payload, which is
// changed by that.
func read(payload []byte) (e event, err error) {
	e.body, err = lent.Read(payload, &e, &e.Body)
	return e, err
}

type source int

const (
	payload2 source = iota + 1 // a Function URL or an HTTP API
	balancer
	schedule
)

// source tells by its shape who sent the event. What fits no shape, or two, is
// refused.
func (e event) source() (source, error) {
	var found []source
	if e.RequestContext.HTTP != nil {
		found = append(found, payload2)
	}
	if e.RequestContext.ELB != nil {
		found = append(found, balancer)
	}
	// aws.events is a rule, aws.scheduler a schedule with the default input.
	if e.DetailType == "Scheduled Event" && (e.Source == "aws.events" || e.Source == "aws.scheduler") {
		found = append(found, schedule)
	}
	if len(found) != 1 {
		return 0, gateway.ErrMalformed
	}
	return found[0], nil
}

// incoming takes the path from one field and refuses an event in which another one
// says something else.
func (e event) incoming(from source) (gateway.Incoming, error) {
	if from == payload2 {
		return e.payload2()
	}
	return e.balancer()
}

func (e event) payload2() (gateway.Incoming, error) {
	call := e.RequestContext.HTTP
	for _, other := range []string{call.Path, e.Path} {
		if other != "" && !gateway.SamePath(e.RawPath, other) {
			return gateway.Incoming{}, gateway.ErrMalformed
		}
	}
	if e.HTTPMethod != "" && e.HTTPMethod != call.Method || len(e.MultiValueHeaders) > 0 {
		return gateway.Incoming{}, gateway.ErrMalformed
	}
	header := single(e.Headers)
	if len(e.Cookies) > 0 {
		for name := range header {
			if strings.EqualFold(name, "Cookie") {
				delete(header, name) // the same again; the list is the source
			}
		}
		header["Cookie"] = e.Cookies
	}
	return gateway.Incoming{
		Method: call.Method, Path: e.RawPath, Query: e.RawQueryString,
		Header: header, Host: e.RequestContext.DomainName,
		Body: e.body, Base64: e.Base64, Address: call.SourceIP,
	}, nil
}

// balancer reads a load balancer's event. Its target group is set to single values
// or to multiple ones, never both. The query is not decoded ("If the query
// parameters are URL-encoded, the load balancer does not decode them", user guide
// of Application Load Balancers, Lambda functions as targets).
func (e event) balancer() (gateway.Incoming, error) {
	header, query := e.MultiValueHeaders, gateway.Query(e.MultiValueQuery)
	if header == nil && query == nil {
		header, query = single(e.Headers), single(e.Query)
	} else if len(e.Headers) > 0 || len(e.Query) > 0 {
		return gateway.Incoming{}, gateway.ErrMalformed
	}
	if e.RawPath != "" && !gateway.SamePath(e.Path, e.RawPath) {
		return gateway.Incoming{}, gateway.ErrMalformed
	}
	return gateway.Incoming{
		Method: e.HTTPMethod, Path: e.Path, Query: query.Encoded(),
		Header: header, Body: e.body, Base64: e.Base64, Address: lastForwarded(header),
	}, nil
}

// lastForwarded is the client's address behind a load balancer: it appends the
// address of its peer to what the client may have written itself.
func lastForwarded(header map[string][]string) string {
	for name, values := range header {
		if strings.EqualFold(name, "X-Forwarded-For") && len(values) > 0 {
			last := values[len(values)-1]
			return last[strings.LastIndex(last, ",")+1:]
		}
	}
	return ""
}

func (e event) tick() gateway.Tick {
	tick := gateway.Tick{Time: gateway.ParseTime(e.Time)}
	if len(e.Resources) > 0 { // the ARN of the rule or schedule, its name last
		arn := e.Resources[0]
		tick.Name = arn[strings.LastIndex(arn, "/")+1:]
	}
	return tick
}

func single(fields map[string]string) map[string][]string {
	multi := make(map[string][]string, len(fields))
	for name, value := range fields {
		multi[name] = []string{value}
	}
	return multi
}
