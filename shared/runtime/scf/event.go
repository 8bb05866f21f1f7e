package scf

import (
	"encoding/json"
	"strings"

	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lent"
)

// event is what a Function URL or a timer trigger sends (Tencent Cloud documents
// 583/96099 and 583/9708). isBase64Encoded is not in a Function URL's event; API
// gateways had it, and it costs nothing to heed it.
type event struct {
	Method      string            `json:"httpMethod"`
	Path        string            `json:"path"`
	QueryString query             `json:"queryString"`
	Headers     map[string]values `json:"headers"`
	Body        lent.Text         `json:"body"`
	Base64      bool              `json:"isBase64Encoded"`

	Type        string `json:"Type"`
	TriggerName string `json:"TriggerName"`
	Time        string `json:"Time"`
	Message     string `json:"Message"`

	body []byte // a part of the payload
}

// read reads an event where it lies: its body is a part of the payload, which is
// changed by that.
func read(payload []byte) (e event, err error) {
	e.body, err = lent.Read(payload, &e, &e.Body)
	return e, err
}

// isTimer reports whether a timer sent the event. One that is also a request is
// taken for a request, which its lack of a path or method will fail.
func (e event) isTimer() bool {
	return e.Type == "Timer" && e.Method == "" && e.Path == ""
}

func (e event) tick() gateway.Tick {
	return gateway.Tick{Name: e.TriggerName, Time: gateway.ParseTime(e.Time), Message: e.Message}
}

// platformPrefix begins the headers that SCF adds. Some runtimes find the role's
// temporary keys there (x-scf-secret-key), so a handler sees none of them.
const platformPrefix = "x-scf-"

func (e event) incoming() (gateway.Incoming, error) {
	if e.Type == "Timer" {
		return gateway.Incoming{}, gateway.ErrMalformed
	}
	in := gateway.Incoming{
		Method: e.Method, Path: e.Path, Query: string(e.QueryString),
		Header: make(map[string][]string, len(e.Headers)),
		Body:   e.body, Base64: e.Base64,
	}
	for name, vs := range e.Headers {
		lower := strings.ToLower(name)
		switch {
		case lower == platformPrefix+"remote-addr":
			if in.Address != "" || len(vs) != 1 {
				return in, gateway.ErrMalformed // two clients cannot have sent it
			}
			in.Address = vs[0]
		case strings.HasPrefix(lower, platformPrefix):
		default:
			in.Header[name] = vs
		}
	}
	return in, nil
}

// values is one string or several. The vendor's gateways write a query's name that
// was sent several times as a list (scf-go-lib, events/apigw.go); for headers no
// document says it, and a list there is taken too.
type values []string

func (v *values) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*v = values{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(v))
}

// query is a query string, encoded. The vendor's sample shows an object; a name
// without a value is true there (scf-go-lib, events/apigw_test.go). A string is
// taken as what follows the "?". No document says whether an object's parts are
// decoded, hence Guessed.
type query string

func (q *query) UnmarshalJSON(data []byte) error {
	var whole string
	if err := json.Unmarshal(data, &whole); err == nil {
		*q = query(strings.TrimPrefix(whole, "?"))
		return nil
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	parsed := make(gateway.Query, len(parts))
	for name, raw := range parts {
		if string(raw) == "true" {
			parsed[name] = []string{""}
			continue
		}
		var vs values
		if err := json.Unmarshal(raw, &vs); err != nil {
			return err
		}
		parsed[name] = vs
	}
	*q = query(parsed.Guessed())
	return nil
}
