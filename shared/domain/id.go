package domain

import "strings"

// ID is a UUID in its canonical lower-case form (RFC 9562); Nod mints version 7.
type ID string

// ParseID accepts the canonical form only, so that an id has one spelling
// wherever it is compared, logged or hashed.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return "", false
	}
	for i, c := range s {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return "", false
			}
		default:
			if !strings.ContainsRune("0123456789abcdef", c) {
				return "", false
			}
		}
	}
	return ID(s), true
}
