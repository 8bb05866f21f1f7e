package app

import "nod/shared/domain"

// Credential is a session's token, or a code, as somebody hands it in.
type Credential struct {
	text  string
	owner domain.ID // see Enterprise
}

// Handed takes what was handed in. Nothing is known of it yet.
func Handed(text string) *Credential { return &Credential{text: text} }

// Enterprise is whose it is. It is empty until it was looked up and found to be good,
// whatever the call came to: what somebody merely claims is nobody's.
func (c *Credential) Enterprise() domain.ID {
	if c == nil {
		return ""
	}
	return c.owner
}
