package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
)

// The bounds of bodies, in bytes.
const (
	smallBody      = 256 << 10
	delegationBody = 5 << 20
	verifyBody     = 6 << 20
)

func (o operation) cap() int {
	switch o.Path {
	case "/v1/delegations", "/v1/me/requests":
		return delegationBody
	case "/v1/verify":
		return verifyBody
	}
	return smallBody
}

// everyBody runs a test for each call that takes a body, with a bearer who may call.
func everyBody(t *testing.T, test func(t *testing.T, op operation, send func(t *testing.T, body any, options ...option) reply)) {
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	everyOperation(t, func(t *testing.T, op operation) {
		if op.RequestBody == nil {
			return
		}
		bearer := ""
		if who := *op.Who; len(who) > 0 {
			bearer = bearers(p)[who[0]]
		}
		id := map[bool]string{true: p.session, false: h.delegation}[strings.HasPrefix(op.Path, "/v1/sessions/")]
		if slices.Contains(*op.Who, domain.Operator) {
			id = h.id
		}
		h.writesNothing(func() {
			test(t, op, func(t *testing.T, body any, options ...option) reply {
				t.Helper()
				return h.do(t, op.Method, op.path(id), bearer, body, append(options, bad)...)
			})
		})
	})
}

func TestFaultyBodies(t *testing.T) {
	t.Parallel()
	everyBody(t, func(t *testing.T, op operation, send func(*testing.T, any, ...option) reply) {
		good := op.example()
		sound, isBytes := good.([]byte)
		if !isBytes {
			sound = []byte("{}")
		}
		var fields object
		if err := json.Unmarshal(sound, &fields); err != nil {
			t.Fatal(err)
		}
		surprised := maps.Clone(fields)
		surprised["surprise"] = "x"
		for name, tt := range map[string]struct {
			body   any
			status int
			slug   string
		}{
			"an unknown field":         {surprised, 422, "unknown-field"},
			"two objects":              {string(sound) + string(sound), 400, "several-objects"},
			"something behind it":      {string(sound) + " x", 400, "several-objects"},
			"half an object":           {string(sound[:len(sound)-1]), 400, "malformed-json"},
			"no JSON":                  {"decision=granted", 400, "malformed-json"},
			"XML":                      {"<a/>", 400, "malformed-json"},
			"an array":                 {"[" + string(sound) + "]", 422, "wrong-type"},
			"a text":                   {`"granted"`, 422, "wrong-type"},
			"a number":                 {"1", 422, "wrong-type"},
			"null":                     {"null", 422, "wrong-type"},
			"not UTF-8":                {"{\"a\":\"\xff\xfe\"}", 400, "not-utf8"},
			"UTF-16":                   {"{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", 400, "malformed-json"},
			"a byte order mark":        {"\ufeff" + string(sound), 400, "malformed-json"},
			"one byte over the bound":  {padded(sound, op.cap()+1), 413, "body-too-large"},
			"over it, of no length":    {endless{bytes.NewReader(padded(sound, op.cap()+1))}, 413, "body-too-large"},
			"deeper than anyone reads": {strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), 400, "malformed-json"},
		} {
			t.Run(name, func(t *testing.T) { send(t, tt.body).refused(tt.status, tt.slug) })
		}
		if op.RequestBody.Required {
			t.Run("none", func(t *testing.T) {
				send(t, nil).refused(400, "malformed-json")
				send(t, "").refused(400, "malformed-json")
				send(t, " \n").refused(400, "malformed-json")
			})
		}
		if got := faults(send(t, surprised).refused(422, "unknown-field")); !slices.Equal(got, []string{"surprise=not_allowed"}) {
			t.Errorf("the unknown field is named as %v", got)
		}
	})
}

// Two readers of one body must not read two things in it: no name stands twice, and
// none is taken for another because it looks like it.
func TestAmbiguousBodies(t *testing.T) {
	t.Parallel()
	everyBody(t, func(t *testing.T, op operation, send func(*testing.T, any, ...option) reply) {
		sound, isBytes := op.example().([]byte)
		if !isBytes {
			return
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(sound, &fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range fields {
			and := func(other string) string {
				return fmt.Sprintf(`{"%s":%s,%s`, other, value, bytes.TrimLeft(sound, " \n{"))
			}
			if got := faults(send(t, and(name)).refused(422, "invalid-value")); !slices.Equal(got, []string{name + "=not_allowed"}) {
				t.Errorf("%s twice: the faults are %v", name, got)
			}
			for _, alike := range []string{strings.ToUpper(name), strings.Replace(name, "s", "ſ", 1), strings.Replace(name, "k", "\u212a", 1)} {
				if alike != name {
					send(t, and(alike)).refused(422, "unknown-field")
				}
			}
		}
	})
}

// padded fills an object with white space up to a size.
func padded(object []byte, size int) []byte {
	return append(bytes.Clone(object), bytes.Repeat([]byte(" "), size-len(object))...)
}

// endless hides how long a body is: it travels in chunks.
type endless struct{ io.Reader }

func TestWrongTypes(t *testing.T) {
	t.Parallel()
	everyBody(t, func(t *testing.T, op operation, send func(*testing.T, any, ...option) reply) {
		sound, isBytes := op.example().([]byte)
		if !isBytes {
			return
		}
		var fields object
		if err := json.Unmarshal(sound, &fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range fields {
			t.Run(name, func(t *testing.T) {
				for _, wrong := range otherTypes(value) {
					faulty := maps.Clone(fields)
					faulty[name] = wrong
					problem := send(t, faulty).refused(422, "wrong-type")
					if got := faults(problem); len(got) > 1 || len(got) == 1 && !strings.HasPrefix(got[0], name) {
						t.Errorf("%v in the place of %v: the faults are %v", wrong, value, got)
					}
				}
			})
		}
	})
}

// otherTypes are values of types that a value has not.
func otherTypes(v any) (list []any) {
	for _, candidate := range []any{"text", 1.5, true, []any{1}, object{"a": 1}} {
		_, isObject := v.(object)
		_, wouldBeObject := candidate.(object)
		if fmt.Sprintf("%T", v) != fmt.Sprintf("%T", candidate) && isObject == wouldBeObject || isObject != wouldBeObject {
			list = append(list, candidate)
		}
	}
	return list
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	everyBody(t, func(t *testing.T, op operation, send func(*testing.T, any, ...option) reply) {
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/jpeg",
			"application/json-patch+json", "json", ";"} {
			send(t, `{"x":1}`, with("Content-Type", kind)).refused(415, "unsupported-media-type")
		}
		for _, kind := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON"} {
			send(t, `{"x":1}`, with("Content-Type", kind)).refused(422, "unknown-field")
		}
		send(t, `{"x":1}`, func(r *http.Request) *http.Request {
			r.Header.Del("Content-Type") // nothing else is taken, so it need not be said
			return r
		}).refused(422, "unknown-field")
	})
}

// The order of the fields that are named is always the same, and all are named.
func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.bare(t, domain.Live)
	body := object{"kind": "exam", "purpose": "", "route": "x", "subject": "two words", "age_group": "old", "ttl_s": 59,
		"locale": "de", "return_url": "https://elsewhere.example.com/", "resource": strings.Repeat("长", 257), "nonce": strings.Repeat("n", 257)}
	want := []string{"age_group=not_allowed", "kind=not_allowed", "locale=not_allowed", "nonce=too_long", "purpose=missing",
		"resource=too_long", "return_url=origin_not_registered", "route=not_allowed", "subject=bad_format", "ttl_s=out_of_range"}
	for range 3 {
		if got := faults(h.do(t, "POST", "/v1/sessions", h.integrator, body, bad).refused(422, "invalid-value")); !slices.Equal(got, want) {
			t.Errorf("the faults are\n%v, want\n%v", got, want)
		}
	}
}

// A time that is none is named by its field, not by its text.
func TestTimesThatAreNone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, wrong := range map[string]any{"words": "next week", "a day": "2026-11-23", "a number": 1795392000, "no such day": "2026-02-30T00:00:00Z"} {
		t.Run(name, func(t *testing.T) {
			terms := h.terms()
			terms["valid_from"] = wrong
			problem := h.do(t, "POST", "/v1/delegations", h.admin, terms, bad).refused(422, "wrong-type")
			if _, isText := wrong.(string); isText && !slices.Equal(faults(problem), []string{"valid_from=bad_format"}) {
				t.Errorf("the faults are %v", faults(problem))
			}
		})
	}
}
