package trace

import (
	"strconv"
	"time"
)

// The message that carries spans, as opentelemetry-proto has it in JSON: ids in hexadecimal,
// 64-bit numbers as texts, enumerations as numbers. A test has the official schema read it.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   attributed   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	attributed struct {
		Attributes []keyValue `json:"attributes"`
	}
	scopeSpans struct {
		Scope named  `json:"scope"`
		Spans []span `json:"spans"`
	}
	named struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID    string     `json:"traceId"`
		SpanID     string     `json:"spanId"`
		ParentID   string     `json:"parentSpanId,omitempty"`
		Flags      int        `json:"flags"`
		Name       string     `json:"name"`
		Kind       kind       `json:"kind"`
		Start      string     `json:"startTimeUnixNano"`
		End        string     `json:"endTimeUnixNano"`
		Attributes []keyValue `json:"attributes,omitempty"`
		Status     status     `json:"status"`
	}
	status struct {
		Code int `json:"code,omitempty"`
	}
	keyValue struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		Text   string `json:"stringValue,omitempty"`
		Number string `json:"intValue,omitempty"`
	}
	kind int
)

// The protocol's numbers.
const (
	internal kind = 1
	server   kind = 2
	client   kind = 3

	failed  = 2
	sampled = 1
)

func message(resource []keyValue, spans []span) request {
	return request{[]resourceSpans{{
		Resource:   attributed{resource},
		ScopeSpans: []scopeSpans{{Scope: named{"nod"}, Spans: spans}},
	}}}
}

func text(key, word string) keyValue { return keyValue{key, value{Text: word}} }

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
