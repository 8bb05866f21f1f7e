package receipt

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// This file writes the consents of an exported log as one document of JSON-LD: a graph with
// a node for each line of the log that is about a consent, and then those that they share,
// each once: notices, what is done with the data, who does it. A record refers to them where
// a receipt holds them. What came of a consent later is a node of the same @id, which
// JSON-LD adds to the one before; so the document is written as the log is read.
//
// It is derived from lines and notices alone, so that it can be derived again.

// Said is what a line of the log says of a consent, as the line spells it.
type Said struct {
	ID, Type, At, Enterprise, Subject, Purpose string
	Routes                                     []string
	Consent                                    string // that has ended
	Notice, Locale                             string
	Delegation                                 domain.DelegationRef
	By, Until, Via, Cause                      string
}

// Heading begins the document. Lines follow, one a node, and then what Shared and Close write.
func Heading() []byte {
	c := maps.Clone(context)
	c["dpv:hasEntity"], c["dpv:hasNotice"], c["dpv:hasProcess"] = iri, iri, iri
	b := append([]byte(`{"@context":`), canonical(c)...)
	return append(b, ",\"@graph\":[\n"...)
}

// Node is a line's node. origin names the log.
func (s Said) Node(origin string) []byte {
	at, _ := time.Parse(time.RFC3339, s.At)
	until, _ := time.Parse(time.RFC3339, s.Until)
	by := domain.Giver(s.By)
	g := Given{PublicURL: publicURL(origin, s.Enterprise), Subject: s.Subject}
	g.Enterprise.ID = domain.ID(s.Enterprise)
	g.Consent = domain.Consent{ID: domain.ID(s.ID), At: at, By: by, Until: until, Delegation: s.Delegation}
	g.Consent.Notice.Locale = domain.Locale(s.Locale)
	out := node{"@id": urn(domain.ID(s.Consent)), "dct:modified": ledger.Instant(at)}
	var status node
	switch domain.RecordType(s.Type) {
	case domain.ConsentGrantedType:
		out, status = g.reference(s), g.given()
	case domain.ConsentRefusedType:
		out, status = g.reference(s), g.became("dpv:ConsentRefused", at, g.giver(by))
		status["dpv:hasIndicationMethod"] = "the page's button to refuse"
	case domain.ConsentWithdrawnType:
		status = g.withdrawal(at, by, s.Via)
	default: // lapsed: by itself, as the notice had told
		kind := "dpv:ConsentInvalidated"
		if domain.LapseCause(s.Cause) == domain.TermOver {
			kind = "dpv:ConsentExpired"
		}
		status = g.became(kind, at, urn(g.Enterprise.ID))
		status["dct:description"] = s.Cause
	}
	status["@id"] = urn(domain.ID(s.ID)) + "#status"
	out["dpv:hasConsentStatus"] = []node{status}
	return line(out)
}

// reference is a record that names what it shares with others.
func (g Given) reference(s Said) node {
	notice := urn(domain.ID(s.Notice))
	processes := []string{}
	for _, r := range s.Routes {
		processes = append(processes, notice+"#"+r)
	}
	out := g.header()
	out["dpv:hasEntity"] = []string{urn(g.Enterprise.ID), g.person()}
	out["dpv:hasNotice"], out["dpv:hasRight"] = notice+"#"+s.Locale, notice+"#rights"
	out["dpv:hasProcess"] = append(processes, notice+"#evidence")
	return out
}

func (g Given) became(kind string, at time.Time, by any) node {
	return node{
		"@type": kind, "dpv:isIndicatedAtTime": ledger.Instant(at), "dpv:isIndicatedBy": by, "dpv:hasDuration": node{"@type": "dpv:EndlessDuration"},
	}
}

// publicURL is where Nod was, as the name of its log tells.
func publicURL(origin, enterprise string) string {
	return "https://" + strings.TrimSuffix(origin, "/"+enterprise)
}

// Noticed is a notice that consents name, in one language: its document, and what its
// publication says of it.
type Noticed struct {
	Document []byte
	SHA256   string
	From     time.Time
}

// told is what stands in a notice's document.
type told struct {
	ID         domain.ID       `json:"id"`
	Version    int             `json:"version"`
	Purpose    domain.Purpose  `json:"purpose"`
	Audience   domain.Audience `json:"audience"`
	Locale     domain.Locale   `json:"locale"`
	Enterprise domain.ID       `json:"enterprise"`
	Facts      domain.Facts    `json:"facts"`
}

// Shared are the nodes of notices, in their order: those of the same notice stand together.
func Shared(list []Noticed) (b []byte, err error) {
	done := map[domain.ID]bool{}
	for _, n := range list {
		d, err := n.told()
		if err != nil {
			return nil, err
		}
		g := Given{Notice: domain.Notice{ID: d.ID, Version: d.Version, EffectiveFrom: n.From, Facts: d.Facts}}
		g.Enterprise.ID, g.Consent.ID, g.Consent.Purpose, g.Consent.Audience = d.Enterprise, d.ID, d.Purpose, d.Audience
		g.Consent.Routes = d.Facts.Routes
		g.Consent.Notice = domain.NoticeRef{Locale: d.Locale, SHA256: n.SHA256}
		notice := g.notice()
		notice["@id"] = urn(d.ID) + "#" + string(d.Locale)
		if b = append(b, line(notice)...); !done[d.ID] {
			done[d.ID] = true
			b = append(b, g.shared()...)
		}
	}
	return b, nil
}

func (n Noticed) told() (d told, err error) {
	if err := json.Unmarshal(n.Document, &d); err != nil {
		return d, fmt.Errorf("receipt: a notice's document: %w", err)
	}
	return d, nil
}

// shared is what all who read a notice were told, whatever their language.
func (g Given) shared() (b []byte) {
	right := g.right()
	right["dct:description"] = every(g.Notice.Facts.Rights)
	right["schema:contactPoint"] = node{"@type": "schema:ContactPoint", "schema:description": every(g.Notice.Facts.Contact)}
	b = append(b, line(right)...)
	for _, p := range g.processes() {
		delete(p, "dpv:hasDataSubject") // one for each record
		delete(p, "dpv:hasConsentControl")
		if purpose := p["dpv:hasPurpose"].(node); purpose["dct:description"] != nil {
			purpose["dct:description"] = every(g.Notice.Facts.Necessity)
		}
		b = append(b, line(p)...)
	}
	for _, e := range g.entities()[1:] {
		if e["@id"] != g.person() {
			b = append(b, line(e)...)
		}
	}
	return b
}

// Close ends the document with the enterprise, as its latest notice told of it; none if
// nothing was ever published.
func Close(enterprise string, latest []byte) ([]byte, error) {
	var d told
	if len(latest) > 0 {
		var err error
		if d, err = (Noticed{Document: latest}).told(); err != nil {
			return nil, err
		}
	}
	e := entity(urn(domain.ID(enterprise)), every(d.Facts.EnterpriseName), []string{"dpv:Organisation", "dpv:DataController"}, []node{
		{"@type": []string{"schema:ContactPoint", "schema:PostalAddress"}, "schema:description": every(d.Facts.Contact)},
	})
	return append(canonical(e), "\n]}\n"...), nil
}

// every is a text in each of its languages.
func every(t domain.Texts) []node {
	list := []node{}
	for _, l := range domain.Locales {
		if t[l] != "" {
			list = append(list, node{"@language": l, "@value": t[l]})
		}
	}
	return list
}

// line is a node of which another follows.
func line(n node) []byte { return append(canonical(n), ",\n"...) }

// canonical is the one spelling of a node (RFC 8785): names in their order, which is that of
// their letters, and no more escapes than must be.
func canonical(n node) []byte {
	raw, err := json.Marshal(n, json.Deterministic(true))
	if err != nil {
		panic(fmt.Errorf("receipt: write a node: %w", err))
	}
	return raw
}
