package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/jsonschema/v6"

	"nod/shared/receipt"
)

// theReceiptSchema is the published one, read once.
var theReceiptSchema = sync.OnceValue(func() *jsonschema.Schema {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(receipt.Schema))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///receipt", schema); err != nil {
		panic(err)
	}
	return c.MustCompile("mem:///receipt")
})

// documents checks that a receipt's document keeps the schema, holds the line that the
// receipt shows, and names nobody, and returns the consent record in it.
func (p *person) documents(receipt object) (record object) {
	p.t.Helper()
	doc, _ := receipt["document"].(object)
	if err := theReceiptSchema().Validate(doc); err != nil {
		p.t.Errorf("the document breaks its schema: %v", err)
	}
	if text(doc, "dct:source", "schema:text") != receipt["record"] || text(doc, "dct:source", "schema:identifier", "schema:value") != receipt["leaf_hash"] {
		p.t.Errorf("the document's source is %v", doc["dct:source"])
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		p.t.Fatal(err)
	}
	for what, secret := range map[string]string{"the person": p.subject, "the opening": text(receipt, "opening"), "the code": code(receipt)} {
		if secret != "" && strings.Contains(string(raw), secret) {
			p.t.Errorf("the document tells %s", what)
		}
	}
	record, _ = doc["dpv:hasRecordOfActivity"].(object)
	for _, version := range []struct{ in, of string }{{"dpv:hasNotice", "notice"}, {"dpv:hasOrganisationalMeasure", "delegation"}} {
		told, want := at(record, version.in).(object), at(receipt, version.of).(object)
		if told["@id"] != "urn:uuid:"+text(want, "id") || told["schema:version"] != want["version"] || told["schema:sha256"] != want["sha256"] {
			p.t.Errorf("the document's %s is %v, the receipt's %v", version.of, told, want)
		}
	}
	return record
}

// events are the kinds of events of a consent record.
func events(record object) (kinds []string) {
	list, _ := record["dpv:hasConsentStatus"].([]any)
	for _, e := range list {
		kinds = append(kinds, text(e.(object), "@type"))
	}
	return kinds
}

// The receipt of a withdrawal tells what had been agreed to, though the notice in force
// says something else by now.
func TestD12_AWithdrawalsReceiptTellsOfTheNoticeThatWasAgreedTo(t *testing.T) {
	t.Parallel()
	for via, withdraw := range map[string]func(p *person, receipt object) object{
		"session": func(p *person, _ object) object {
			return p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
		},
		"receipt": func(p *person, receipt object) object {
			return p.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipt)}).ok(200)
		},
	} {
		t.Run(via, func(t *testing.T) {
			t.Parallel()
			h := newWorld(t, setup{}).house(t)
			p := h.visitor()
			grant := p.decide("granted").ok(201)["receipt"].(object)
			agreed := p.documents(grant)
			h.publish(func(_, facts object) { facts["necessity"] = object{"zh-CN": "改了", "en": "changed"} })
			withdrawal := withdraw(p, grant)["receipt"].(object)
			told := p.documents(withdrawal)
			if got := strings.Join(events(told), " "); got != "dpv:ConsentGiven dpv:ConsentWithdrawn" {
				t.Errorf("the events are %s", got)
			}
			for _, field := range []string{"@id", "dpv:hasNotice", "dpv:hasProcess", "dpv:hasEntity", "dpv:hasRight"} {
				if was, is := quoted(t, agreed[field]), quoted(t, told[field]); was != is {
					t.Errorf("%s was %s and is %s", field, was, is)
				}
			}
		})
	}
}

func quoted(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTheSchemaOfReceiptsIsPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	doc := h.visitor().decide("granted").ok(201)["receipt"].(object)["document"].(object)
	path, found := strings.CutPrefix(text(doc, "$schema"), w.base)
	if !found {
		t.Fatalf("the document's schema is at %s", doc["$schema"])
	}
	if got := w.do(t, "GET", path, "", nil); sameJSON(got.body, receipt.Schema) != nil {
		t.Errorf("there is %.200s", got.body)
	}
}
