package domain

import (
	"strings"
	"time"
)

// Role is what a key may do.
type Role string

const (
	Operator   Role = "operator"   // runs Nod for many enterprises
	Admin      Role = "admin"      // decides for one enterprise
	Integrator Role = "integrator" // the LMS's server
	Auditor    Role = "auditor"    // the compliance officer
)

// Key is an API key, without its secret: the secret is shown once, when it is
// made, and only its hash is stored. Holder names the person or system that
// uses it, so that an access can be laid at a door (duty D17).
type Key struct {
	ID         ID
	Enterprise ID // empty for an operator's key
	Role       Role
	Holder     string
	CreatedAt  time.Time
	RevokedAt  time.Time
}

// LiveKeysPerHolder lets a holder change keys without a gap: the old one and the
// new one live side by side.
const LiveKeysPerHolder = 2

// EnvironmentKey stands for the operator's first key, which comes from the
// environment and has no row.
const EnvironmentKey ID = "00000000-0000-0000-0000-000000000000"

// ValidateNewKey checks what a key is asked for.
func ValidateNewKey(role Role, holder string, operator bool) error {
	var f faults
	f.line("holder", holder, 120)
	f.word("role", string(role), operator && role == Operator || !operator && (role == Admin || role == Integrator || role == Auditor))
	return f.refusal()
}

// A Bearer is what a caller presents: who it says it is, and the secret that
// proves it. It is spelled nod_<kind>_<enterprise>_[<thing>_]<secret>.
type Bearer struct {
	Kind       string // a Role, or learner, code, withdraw
	Enterprise ID
	Thing      ID // the session or consent that a learner's value opens
	Secret     string
}

// The kinds of Bearer that are not roles.
const (
	LearnerToken = "learner"
	SessionCode  = "code"
	WithdrawCode = "withdraw"
)

// String is the full value, with its secret: it goes to its holder and nowhere else.
func (b Bearer) String() string {
	parts := []string{"nod", b.Kind}
	if b.Enterprise != "" {
		parts = append(parts, string(b.Enterprise))
	}
	if b.Thing != "" {
		parts = append(parts, string(b.Thing))
	}
	return strings.Join(append(parts, b.Secret), "_")
}

// ParseBearer takes a value apart; ok is false for anything that Nod never made.
func ParseBearer(s string) (b Bearer, ok bool) {
	parts := strings.Split(s, "_")
	if len(parts) < 3 || parts[0] != "nod" {
		return b, false
	}
	b.Kind, b.Secret = parts[1], parts[len(parts)-1]
	ids := parts[2 : len(parts)-1]
	want := map[string]int{
		string(Operator): 0, string(Admin): 1, string(Integrator): 1, string(Auditor): 1,
		LearnerToken: 2, SessionCode: 2, WithdrawCode: 2,
	}
	n, known := want[b.Kind]
	if !known || len(ids) != n || len(b.Secret) < 20 {
		return Bearer{}, false
	}
	for i, raw := range ids {
		id, ok := ParseID(raw)
		if !ok {
			return Bearer{}, false
		}
		if i == 0 {
			b.Enterprise = id
		} else {
			b.Thing = id
		}
	}
	return b, true
}
