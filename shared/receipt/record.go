package receipt

import (
	"fmt"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// record is the consent record: who, on which notice, for what, and what became of it.
func (g Given) record() node {
	out := g.header()
	out["dpv:hasEntity"], out["dpv:hasNotice"] = g.entities(), g.notice()
	out["dpv:hasProcess"], out["dpv:hasRight"] = g.processes(), g.right()
	out["dpv:hasConsentStatus"] = g.events()
	if g.withdrawn() {
		out["dct:modified"] = ledger.Instant(g.Consent.EndedAt)
	}
	return out
}

// header is what is told of this consent alone, and not of its notice.
func (g Given) header() node {
	c := g.Consent
	return node{
		"@id":                   urn(c.ID),
		"@type":                 "dpv:ConsentRecord",
		"dct:conformsTo":        profile + "#record",
		"dct:created":           ledger.Instant(c.At),
		"dct:identifier":        string(c.ID),
		"dct:language":          c.Notice.Locale,
		"dpv:hasConsentControl": g.control(),
		"dpv:hasDataController": urn(g.Enterprise.ID),
		"dpv:hasDataSubject":    g.subject(),
		"dpv:hasIdentifier":     string(c.ID),
		"dpv:hasJurisdiction":   place,
		"dpv:hasLegalBasis":     "dpv:ExplicitlyExpressedConsent",
		"dpv:hasOrganisationalMeasure": node{
			"@id": urn(c.Delegation.ID), "@type": "dpv:DataProcessingAgreement",
			"schema:version": c.Delegation.Version, "schema:sha256": c.Delegation.SHA256,
		},
	}
}

func (g Given) withdrawn() bool { return g.Entry.Record.Type == domain.ConsentWithdrawnType }

// notice is the one that was read; the hash is over its text in that language.
func (g Given) notice() node {
	from := ledger.Instant(g.Notice.EffectiveFrom)
	return node{
		"@id": urn(g.Notice.ID), "@type": "dpv:ConsentNotice", "dct:identifier": string(g.Notice.ID),
		"dct:date": from, "dct:coverage": from + "/..", "dct:language": g.Consent.Notice.Locale,
		"schema:version": g.Notice.Version, "schema:sha256": g.Consent.Notice.SHA256,
	}
}

// control is how the consent is withdrawn. The code that the link needs stands in the
// receipt beside this document, not in it.
func (g Given) control() node {
	return node{
		"@id": urn(g.Consent.ID) + "#control", "@type": "dpv:WithdrawConsent",
		"dpv:isExercisedAt": g.PublicURL + "/w/" + string(g.Enterprise.ID),
		"dct:description":   node{"@language": "en", "@value": "with the receipt's link, or on the person's page"},
	}
}

// right is what the notice says of the person's rights, and whom they turn to.
func (g Given) right() node {
	return node{
		"@id": urn(g.Notice.ID) + "#rights", "@type": "dpv:DataSubjectRight", "dct:description": g.read(g.Notice.Facts.Rights),
		"schema:contactPoint": node{"@type": "schema:ContactPoint", "schema:description": g.read(g.Notice.Facts.Contact)},
	}
}

// events are what was said, the latest last.
func (g Given) events() []node {
	list := []node{g.given()}
	if r := g.Entry.Record; g.withdrawn() {
		list = append(list, g.withdrawal(g.Consent.EndedAt, r.By, r.Via))
	}
	return list
}

func (g Given) given() node {
	c := g.Consent
	return node{
		"@type": "dpv:ConsentGiven", "dpv:isIndicatedAtTime": ledger.Instant(c.At), "dpv:isIndicatedBy": g.giver(c.By),
		"dpv:hasIndicationMethod": "the page's button to agree",
		"dpv:hasDuration":         node{"@type": "dpv:UntilTimeDuration", "rdf:value": c.Until.UTC().Format(time.RFC3339)},
	}
}

func (g Given) withdrawal(at time.Time, by domain.Giver, via string) node {
	return node{
		"@type": "dpv:ConsentWithdrawn", "dpv:isIndicatedAtTime": ledger.Instant(at), "dpv:isIndicatedBy": g.giver(by),
		"dpv:hasIndicationMethod": map[string]string{"session": "the page's button to withdraw", "receipt": "the receipt's link",
			"request": "a request for deletion, which the enterprise granted"}[via],
		"dpv:hasDuration": node{"@type": "dpv:EndlessDuration"},
	}
}

// giver is who said it. Of a guardian nothing is known that would be told here.
func (g Given) giver(by domain.Giver) any {
	if by == domain.ByGuardian {
		return node{"@type": "dpv:GuardianOfDataSubject"}
	}
	return g.person()
}

func (g Given) person() string { return fmt.Sprintf("%s#subject-%s", urn(g.Enterprise.ID), g.Subject) }

// read is a text of the notice in the language that was read.
func (g Given) read(t domain.Texts) node {
	l := g.Consent.Notice.Locale
	if t[l] == "" {
		l = domain.Chinese
	}
	return node{"@language": l, "@value": t[l]}
}
