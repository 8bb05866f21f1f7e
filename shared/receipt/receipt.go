// Package receipt writes the receipt of a grant or of a withdrawal in a form that
// programs read: a consent record of ISO/IEC TS 27560 as JSON-LD, in the words of the
// Data Privacy Vocabulary (DPV 2.2).
//
// Which fields there must be is said by sections 8 and 9 of the W3C community group's
// guide to 27560 (https://w3id.org/dpv/guides/consent-27560, of 2024-08-01). Where the
// guide's mapping table says otherwise than these sections, they are followed. Schema is
// what a document can be checked against; there is a test for each field that must be.
//
// A document names nobody. It knows the person by the pseudonym of the log, and holds
// neither the opening that shows whom it is about nor the code that withdraws, so that it
// can be shown to others.
package receipt

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Schema is the JSON Schema (draft 2020-12) of the documents; Nod serves it at SchemaPath.
//
//go:embed schema.json
var Schema []byte

// SchemaPath is where a document says that its schema is.
const SchemaPath = "/schemas/consent-receipt.json"

// Given is everything that a receipt is made of.
type Given struct {
	PublicURL  string // of Nod, without a slash at its end
	Enterprise domain.Enterprise
	Subject    string         // the pseudonym
	Consent    domain.Consent // as it is after the event
	Notice     domain.Notice  // that the consent was given on, in force or not any more
	Entry      ledger.Entry   // of the grant, or of the withdrawal
	Checkpoint string         // the log's last one at that time; empty if there was none
}

// node is a JSON-LD object. Its keys are written in their order, so that one receipt has
// one spelling.
type node map[string]any

// Document is the receipt as JSON-LD: the same bytes for the same facts. It panics on what
// cannot be marshalled, which texts and numbers always can.
func Document(g Given) json.RawMessage {
	id := urn(g.Entry.Record.ID) + "#receipt"
	doc := node{
		"$schema":                 g.PublicURL + SchemaPath,
		"@context":                context,
		"@id":                     id,
		"@type":                   "dpv:ConsentReceipt",
		"dct:conformsTo":          profile + "#receipt",
		"dct:created":             ledger.Instant(g.Entry.Record.At),
		"dct:identifier":          id,
		"dct:publisher":           urn(g.Enterprise.ID),
		"dct:source":              g.source(),
		"dpv:hasIdentifier":       id,
		"dpv:hasRecordOfActivity": g.record(),
	}
	if g.Checkpoint != "" {
		doc["dct:references"] = checkpoint(g.Checkpoint)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		panic(fmt.Errorf("receipt: write document: %w", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// source is the line of the log that proves the event. In it stands the mode, which tells
// a test enterprise's receipts.
func (g Given) source() node {
	return node{
		"@id":         urn(g.Entry.Record.ID),
		"@type":       "schema:DigitalDocument",
		"schema:text": string(g.Entry.Line),
		"schema:identifier": node{
			"@type":             "schema:PropertyValue",
			"schema:propertyID": "leaf hash (RFC 6962, SHA-256)",
			"schema:value":      g.Entry.Leaf,
		},
	}
}

// checkpoint is the head of the log that the line will be in. The person's copy holds the
// log to it: whatever is shown of it later must contain what it was then.
func checkpoint(text string) node {
	return node{"@type": "schema:DigitalDocument", "schema:encodingFormat": "C2SP tlog-checkpoint", "schema:text": text}
}

const profile = "https://w3id.org/dpv/schema/dpv-27560"

// iri are the properties whose values name something, rather than being a text.
var iri, dateTime = node{"@type": "@id"}, node{"@type": "xsd:dateTime"}

// context says what the names mean; it is written out, so that nobody has to fetch it.
var context = node{
	"dct": "http://purl.org/dc/terms/", "dpv": "https://w3id.org/dpv#", "loc": "https://w3id.org/dpv/loc#",
	"pd": "https://w3id.org/dpv/pd#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"schema": "https://schema.org/", "skos": "http://www.w3.org/2004/02/skos/core#",
	"xsd": "http://www.w3.org/2001/XMLSchema#",

	"$schema":        node{"@id": "schema:schemaVersion", "@type": "@id"},
	"dct:conformsTo": iri, "dct:publisher": iri, "skos:broader": iri,
	"dpv:hasConsentControl": iri, "dpv:hasDataController": iri, "dpv:hasDataProcessor": iri, "dpv:hasDataSubject": iri,
	"dpv:hasJurisdiction": iri, "dpv:hasLegalBasis": iri, "dpv:hasLocation": iri, "dpv:hasProcessing": iri,
	"dpv:hasRecipient": iri, "dpv:hasRight": iri, "dpv:isExercisedAt": iri, "dpv:isIndicatedBy": iri,

	"dct:created": dateTime, "dct:date": dateTime, "dct:modified": dateTime, "dpv:isIndicatedAtTime": dateTime,
}

func urn(id domain.ID) string { return "urn:uuid:" + string(id) }
