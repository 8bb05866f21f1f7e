package bundle_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"

	"nod/shared/receipt"
)

// graph is a bundle's consents.jsonld as JSON-LD reads it: nodes of the same id are one.
type graph map[string]map[string]any

func graphOf(t *testing.T, p parts) graph {
	t.Helper()
	var doc struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal(p.get("consents.jsonld").data, &doc); err != nil {
		t.Fatal(err)
	}
	g := graph{}
	for _, n := range doc.Graph {
		g.add(n)
	}
	return g
}

func (g graph) add(n map[string]any) {
	id, named := n["@id"].(string)
	if !named || len(n) == 1 {
		return
	}
	if g[id] == nil {
		g[id] = map[string]any{}
	}
	for name, v := range n {
		if list, is := v.([]any); is && g[id][name] != nil && name == "dpv:hasConsentStatus" {
			v = append(g[id][name].([]any), list...)
		}
		if inner, is := v.(map[string]any); is {
			g.add(inner)
		}
		g[id][name] = v
	}
}

// framed is a record with what it refers to in it, as a receipt holds it.
func (g graph) framed(t *testing.T, id string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for name, v := range g[id] {
		switch name {
		case "dpv:hasNotice", "dpv:hasRight":
			v = g.node(t, v)
		case "dpv:hasProcess", "dpv:hasEntity":
			var list []any
			for _, x := range v.([]any) {
				list = append(list, g.node(t, x))
			}
			v = list
		}
		out[name] = v
	}
	return out
}

func (g graph) node(t *testing.T, id any) any {
	t.Helper()
	n := g[id.(string)]
	if n == nil {
		t.Fatalf("there is no node %s", id)
	}
	raw, err := json.Marshal(n)
	must(err)
	var v any
	must(json.Unmarshal(raw, &v))
	return v
}

// Framed, each consent of a bundle keeps the schema of receipts; nothing that is referred to
// is missing, and what ended is told.
func TestTheConsentsForProgramsKeepTheSchema(t *testing.T) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(receipt.Schema))
	must(err)
	c := jsonschema.NewCompiler()
	must(c.AddResource("mem:///schema", schema))
	record, err := c.Compile("mem:///schema#/$defs/record")
	must(err)
	w := newWorld()
	for name, cut := range cuts(w) {
		p := w.bundle(cut)
		g, met := graphOf(t, p), map[string]int{}
		for id, n := range g {
			if n["@type"] != "dpv:ConsentRecord" {
				continue
			}
			for _, s := range n["dpv:hasConsentStatus"].([]any) {
				met[s.(map[string]any)["@type"].(string)]++
			}
			framed := g.framed(t, id)
			statuses := slices.DeleteFunc(slices.Clone(framed["dpv:hasConsentStatus"].([]any)), func(s any) bool {
				kind := s.(map[string]any)["@type"]
				return kind != "dpv:ConsentGiven" && kind != "dpv:ConsentWithdrawn" // of others there is no receipt
			})
			if framed["dpv:hasConsentStatus"] = statuses; len(statuses) == 0 {
				continue
			}
			if err := record.Validate(framed); err != nil {
				t.Errorf("%s: %s: %v", name, id, err)
			}
		}
		if name == "the whole log" && (met["dpv:ConsentGiven"] != 6 || met["dpv:ConsentRefused"] != 1 || met["dpv:ConsentWithdrawn"] != 1 || met["dpv:ConsentInvalidated"] != 1) {
			t.Errorf("there are %v", met)
		}
		if text := string(p.get("consents.jsonld").data); strings.Contains(text, `"emp`) || strings.Contains(text, "commitment") || strings.Contains(text, "opening") {
			t.Errorf("%s: it tells too much", name)
		}
	}
}
