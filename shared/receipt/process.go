package receipt

import (
	"fmt"

	"nod/shared/domain"
)

// place is where it all happens, and whose law it is under (duty D13).
const place = "loc:CN"

// processes are one check a route, and the keeping of what proves it. They are apart
// because a storage condition says that something is stored: the image is not.
func (g Given) processes() (list []node) {
	for _, r := range g.Consent.Routes {
		list = append(list, g.check(r))
	}
	return append(list, g.evidence())
}

func (g Given) check(r domain.Route) node {
	p := g.process(string(r), "dpv:IdentityVerification", string(g.Consent.Purpose), "dpv:ExplicitlyExpressedConsent")
	p["dpv:hasPurpose"].(node)["dct:description"] = g.read(g.Notice.Facts.Necessity)
	p["dpv:hasConsentControl"] = urn(g.Consent.ID) + "#control"
	p["dpv:hasProcessing"] = []string{"dpv:Collect", "dpv:Transmit", "dpv:Match", "dpv:Erase"}
	p["dpv:hasProcessingCondition"] = []node{
		{"@type": "dpv:ProcessingLocation", "dpv:hasLocation": place},
		{"@type": "dpv:ProcessingDuration", "dpv:hasDuration": until(
			"the answer of the check; of what the learning platform gave beforehand: the end of the session")},
	}
	data := []node{}
	for _, k := range g.Notice.Facts.KindsOn(r) {
		data = append(data, g.personalData(k))
	}
	p["dpv:hasPersonalData"] = data
	recipients := []string{}
	for _, x := range g.Notice.Facts.Recipients {
		if x.Route == r {
			recipients = append(recipients, g.recipient(x))
		}
	}
	p["dpv:hasRecipient"], p["dpv:hasDataProcessor"] = recipients, recipients
	return p
}

// evidence is what is kept, by law, of consents and checks: records under a pseudonym, and
// the encrypted id that leads to it.
func (g Given) evidence() node {
	p := g.process("evidence", "dpv:FulfilmentOfObligation", "evidence", "dpv:LegalObligation")
	p["dpv:hasProcessing"] = []string{"dpv:Record", "dpv:Store"}
	p["dpv:hasPersonalData"] = []node{
		g.personalData("subject_id"),
		{"@type": "dpv:PseudonymisedData", "dct:identifier": "pseudonym", "skos:broader": []string{"pd:Identifier"}},
	}
	p["dpv:hasRecipient"] = []string{urn(g.Enterprise.ID)}
	p["dpv:hasStorageCondition"] = []node{
		{"@type": "dpv:StorageLocation", "dpv:hasLocation": place},
		{
			"@type":           "dpv:StorageDuration",
			"dpv:hasDuration": node{"@type": "dpv:TemporalDuration", "rdf:value": fmt.Sprintf("P%dD", g.Notice.Facts.RetentionDays)},
			"dct:description": node{"@language": "en", "@value": "after the last check that relied on the consent"},
		},
	}
	return p
}

// process is what all processes have.
func (g Given) process(name, kind, purpose, basis string) node {
	return node{
		"@id": urn(g.Consent.ID) + "#" + name, "@type": "dpv:Process", "dct:identifier": name,
		"dpv:hasPurpose":        node{"@type": "dpv:Purpose", "dct:identifier": purpose, "skos:broader": kind},
		"dpv:hasDataController": urn(g.Enterprise.ID), "dpv:hasDataSubject": g.person(),
		"dpv:hasJurisdiction": place, "dpv:hasLegalBasis": basis, "dpv:hasRight": urn(g.Notice.ID) + "#rights",
	}
}

func until(event string) node { return node{"@type": "dpv:UntilEventDuration", "rdf:value": event} }

// kind is a kind of data in DPV's words.
type kind struct {
	sensitive bool // by GB/T 45574-2025; a child's are all (PIPL art. 28)
	broader   []string
}

var kinds = map[string]kind{
	"face_image":      {true, []string{"pd:Biometric", "pd:Picture"}},
	"reference_photo": {true, []string{"pd:Biometric", "pd:Picture"}},
	"liveness_video":  {true, []string{"pd:Biometric"}},
	"id_number":       {true, []string{"pd:OfficialID"}},
	"name":            {false, []string{"pd:Name"}},
	"subject_id":      {false, []string{"pd:Identifier"}},
}

func (g Given) personalData(name string) node {
	k := kinds[name]
	class := "dpv:PersonalData"
	if k.sensitive || g.young() {
		class = "dpv:SensitivePersonalData"
	}
	return node{"@type": class, "dct:identifier": name, "skos:broader": k.broader}
}

// young tells that the person is under age. Which group they are of stands in no consent;
// those of 15 to 17 are treated as children are.
func (g Given) young() bool { return g.Consent.Audience == domain.Guardian }
