package receipt

import (
	"fmt"
	"slices"

	"nod/shared/domain"
)

// entities are whoever has a role, each once. The name of the enterprise is the one that
// the notice told, its contact the present one: it is there to be used.
func (g Given) entities() []node {
	names := []node{}
	for _, l := range domain.Locales {
		if s := g.Notice.Facts.EnterpriseName[l]; s != "" {
			names = append(names, node{"@language": l, "@value": s})
		}
	}
	contact := g.Enterprise.Profile.Contact
	list := []node{entity(urn(g.Enterprise.ID), names, []string{"dpv:Organisation", "dpv:DataController"}, []node{
		{"@type": []string{"schema:ContactPoint"}, "schema:name": contact.Officer, "schema:email": contact.Email, "schema:telephone": contact.Phone},
		{"@type": []string{"schema:PostalAddress"}, "schema:streetAddress": contact.Address},
	})}
	for i, x := range g.Notice.Facts.Recipients {
		if g.first(x) == i {
			list = append(list, entity(g.recipient(x), x.Name, []string{"dpv:Organisation", "dpv:DataProcessor"}, []node{
				// One line, as the notice told it: which part of it is a postal address, only people can tell.
				{"@type": []string{"schema:ContactPoint", "schema:PostalAddress"}, "schema:description": x.Contact},
			}))
		}
	}
	return append(list, g.subject())
}

func entity(id string, name any, roles []string, contacts []node) node {
	return node{"@id": id, "@type": roles, "dpv:hasIdentifier": id, "dpv:hasName": name, "schema:contactPoint": contacts}
}

// subject is the person, whose only name here is the log's pseudonym.
func (g Given) subject() node {
	roles := []string{"dpv:DataSubject"}
	if g.young() {
		roles = append(roles, "dpv:Child")
	}
	return node{"@id": g.person(), "@type": roles, "dpv:hasIdentifier": g.person(), "dpv:hasName": g.Subject}
}

// recipient names a recipient; it is one, however many routes lead to it.
func (g Given) recipient(x domain.Subprocessor) string {
	return fmt.Sprintf("%s#recipient-%d", urn(g.Notice.ID), g.first(x)+1)
}

func (g Given) first(x domain.Subprocessor) int {
	return slices.IndexFunc(g.Notice.Facts.Recipients, func(o domain.Subprocessor) bool {
		return o.Name == x.Name && o.Contact == x.Contact
	})
}
