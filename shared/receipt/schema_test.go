package receipt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/jsonschema/v6/kind"

	"nod/shared/receipt"
)

func decoded(t *testing.T, raw []byte) (v any) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// schema also holds the schema itself to that of its draft.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///schema", decoded(t, receipt.Schema)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///schema")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryReceiptKeepsTheSchema(t *testing.T) {
	s := schema(t)
	for name, g := range receipts(t) {
		if err := s.Validate(decoded(t, receipt.Document(g))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// must is something that has to be there, with a fixture that lacks it: the golden
// withdrawal without what a JSON pointer leads to, or with something else there.
type must struct {
	Must   string
	Remove string
	Set    string
	To     any
}

func (m must) at() string { return m.Remove + m.Set }

// broken is the fixture.
func (m must) broken(t *testing.T) any {
	t.Helper()
	raw, err := os.ReadFile(golden("withdrawal"))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return m.apply(t, doc, strings.Split(m.at(), "/")[1:])
}

func (m must) apply(t *testing.T, v any, path []string) any {
	t.Helper()
	if len(path) == 0 {
		return m.To
	}
	switch v := v.(type) {
	case map[string]any:
		if _, there := v[path[0]]; !there && (m.Remove != "" || len(path) > 1) {
			t.Fatalf("%s leads nowhere", m.at())
		}
		if len(path) == 1 && m.Remove != "" {
			delete(v, path[0])
		} else {
			v[path[0]] = m.apply(t, v[path[0]], path[1:])
		}
		return v
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(v) {
			t.Fatalf("%s leads nowhere", m.at())
		}
		if len(path) == 1 && m.Remove != "" {
			return slices.Delete(v, i, i+1)
		}
		v[i] = m.apply(t, v[i], path[1:])
		return v
	}
	t.Fatalf("%s leads nowhere", m.at())
	return nil
}

func musts(t *testing.T) (list []must) {
	t.Helper()
	raw, err := os.ReadFile("testdata/musts.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// faults are the errors that have no other beneath them, by the place in the document. Why
// each entry of a list is not the one that it should contain is no fault of its own.
func faults(err error) map[string][]*jsonschema.ValidationError {
	found := map[string][]*jsonschema.ValidationError{}
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		_, lacks := e.ErrorKind.(*kind.Contains)
		if len(e.Causes) == 0 || lacks {
			at := "/" + strings.Join(e.InstanceLocation, "/")
			found[at] = append(found[at], e)
			return
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	if e := (*jsonschema.ValidationError)(nil); errors.As(err, &e) {
		walk(e)
	}
	return found
}

// Whatever must be there is missed when it is not, where it is not, and nothing else is.
func TestTheSchemaMissesWhateverMustBeThere(t *testing.T) {
	s := schema(t)
	for _, m := range musts(t) {
		found := faults(s.Validate(m.broken(t)))
		places := slices.Sorted(maps.Keys(found))
		if len(places) != 1 {
			t.Errorf("%s (%s): faults at %q", m.Must, m.at(), places)
			continue
		}
		// The fault is at the place itself, or at what it was taken from.
		if m.at() != places[0] && !strings.HasPrefix(m.at(), strings.TrimSuffix(places[0], "/")+"/") {
			t.Errorf("%s (%s): the fault is at %s", m.Must, m.at(), places[0])
		}
	}
}

// The other way round: nothing that the schema requires is without a fixture.
func TestEveryRequirementOfTheSchemaHasAFixture(t *testing.T) {
	s := schema(t)
	met := map[string]bool{}
	for _, m := range musts(t) {
		for _, list := range faults(s.Validate(m.broken(t))) {
			for _, e := range list {
				_, at, _ := strings.Cut(e.SchemaURL, "#")
				if required, ok := e.ErrorKind.(*kind.Required); ok {
					for _, name := range required.Missing {
						met[at+"/required "+name] = true
					}
				} else {
					met[at+"/"+strings.Join(e.ErrorKind.KeywordPath(), "/")] = true
				}
			}
		}
	}
	t.Logf("%d requirements are met", len(met))
	var walk func(at string, v any)
	walk = func(at string, v any) {
		object, ok := v.(map[string]any)
		if !ok {
			return
		}
		for _, name := range listOf(object["required"]) {
			if key := fmt.Sprint(at, "/required ", name); !met[key] {
				t.Errorf("nothing lacks %s", key)
			}
		}
		if _, there := object["contains"]; there && !met[at+"/contains"] {
			t.Errorf("nothing lacks %s", at+"/contains")
		}
		for name, inner := range object {
			switch name {
			case "contains", "if", "not": // they say which, rather than require
			case "allOf":
				for i, part := range listOf(inner) {
					walk(fmt.Sprint(at, "/allOf/", i), part)
				}
			default:
				walk(at+"/"+name, inner)
			}
		}
	}
	walk("", decoded(t, receipt.Schema))
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}
