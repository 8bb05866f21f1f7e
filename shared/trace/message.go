package trace

import (
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
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
		Kind       int        `json:"kind"`
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
)

// statusError is the protocol's number of a work that failed; kinds and flags have the same
// numbers here and there.
const statusError = 2

// message says what spans there are, all of one process.
func message(spans []sdk.ReadOnlySpan) request {
	list := make([]span, len(spans))
	for i, s := range spans {
		list[i] = span{
			TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Flags: int(s.SpanContext().TraceFlags()),
			Name: s.Name(), Kind: int(s.SpanKind()), Start: nanos(s.StartTime()), End: nanos(s.EndTime()), Attributes: keyValues(s.Attributes()),
		}
		if s.Parent().HasSpanID() {
			list[i].ParentID = s.Parent().SpanID().String()
		}
		if s.Status().Code == codes.Error {
			list[i].Status.Code = statusError
		}
	}
	return request{[]resourceSpans{{
		Resource:   attributed{keyValues(spans[0].Resource().Attributes())},
		ScopeSpans: []scopeSpans{{Scope: named{scope}, Spans: list}},
	}}}
}

func keyValues(attributes []attribute.KeyValue) []keyValue {
	list := make([]keyValue, len(attributes))
	for i, a := range attributes {
		list[i].Key = string(a.Key)
		if a.Value.Type() == attribute.INT64 {
			list[i].Value.Number = strconv.FormatInt(a.Value.AsInt64(), 10)
		} else {
			list[i].Value.Text = a.Value.AsString()
		}
	}
	return list
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
