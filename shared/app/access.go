package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"nod/shared/domain"
)

// AccessView is one time that somebody read what is about people (duty D17). Role and
// Holder are those of the key; the operator's first key comes from the environment.
type AccessView struct {
	ID          domain.ID          `json:"id"` // of the Record that says so
	At          time.Time          `json:"at"`
	Type        domain.RecordType  `json:"type"`
	Key         domain.ID          `json:"key,omitempty"` // absent where Nod itself did it
	Role        domain.Role        `json:"role,omitempty"`
	Holder      string             `json:"holder,omitempty"`
	Pseudonym   string             `json:"pseudonym,omitempty"` // absent where it is about several people
	Request     domain.ID          `json:"request,omitempty"`
	RequestKind domain.RequestKind `json:"request_kind,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	From        time.Time          `json:"from,omitzero"`
	To          time.Time          `json:"to,omitzero"`
	Listed      domain.Listed      `json:"listed,omitempty"`
	People      *int               `json:"people,omitempty"`
	Export      domain.ID          `json:"export,omitempty"`
	Purposes    []domain.Purpose   `json:"purposes,omitempty"`    // of an export
	Identifiers domain.Identifiers `json:"identifiers,omitempty"` // and whether it names people
}

// Accesses lists who has read what about people in [from,to), oldest first. That is an
// access itself, and the last on the list of next time.
func (o Oversight) Accesses(ctx context.Context, call Call, from, to time.Time, page Page) (List[AccessView], error) {
	f := AccessFilter{From: from, To: to, After: page.After, Limit: page.fetch()}
	lines, keys, err := o.Tenant(call.Key.Enterprise).Accesses(ctx, f, func(c *domain.Charter) {
		c.ReadAccesses(from, to, call.Key.ID)
	})
	if err != nil {
		return List[AccessView]{}, err
	}
	known := map[domain.ID]domain.Key{domain.EnvironmentKey: environmentKey}
	for _, k := range keys {
		known[k.ID] = k
	}
	list := make([]AccessView, 0, len(lines))
	for _, line := range lines {
		v, err := accessOf(line, known)
		if err != nil {
			return List[AccessView]{}, err
		}
		list = append(list, v)
	}
	return paged(list, page, func(v AccessView) domain.ID { return v.ID }, func(v AccessView) AccessView { return v }), nil
}

// accessOf reads a line of the log.
func accessOf(line string, keys map[domain.ID]domain.Key) (v AccessView, err error) {
	var r struct {
		AccessView
		Actor   domain.ID          `json:"actor"`
		Subject string             `json:"subject"`
		About   string             `json:"about"`
		Kind    domain.RequestKind `json:"kind"`
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return v, err
	}
	v = r.AccessView
	v.Key, v.Pseudonym, v.RequestKind = r.Actor, r.Subject+r.About, r.Kind // a line has one of the two
	v.Role, v.Holder = keys[r.Actor].Role, keys[r.Actor].Holder
	return v, nil
}

// Agreement is a delegation's agreement, as it was handed in.
type Agreement struct {
	Delegation domain.DelegationRef `json:"delegation"`
	Ref        string               `json:"agreement_ref"`
	SHA256     string               `json:"agreement_sha256"`
	File       string               `json:"agreement_file"` // base64
}

// errAltered is told to nobody but the log: a file is not the one that was put on record.
var errAltered = errors.New("app: an agreement's file does not have its hash")

// Agreement returns the file that came with a delegation; its hash is computed anew. Not
// found if none came.
func (o Oversight) Agreement(ctx context.Context, call Call, delegation domain.ID) (v Agreement, err error) {
	d, file, err := o.Tenant(call.Key.Enterprise).Agreement(ctx, delegation)
	if err != nil {
		return v, err
	}
	if len(file) == 0 {
		return v, domain.Refuse(domain.NoSuchThing)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != d.Terms.AgreementSHA256 {
		return v, errAltered
	}
	return Agreement{Delegation: d.Ref(), Ref: d.Terms.AgreementRef, SHA256: d.Terms.AgreementSHA256,
		File: base64.StdEncoding.EncodeToString(file)}, nil
}
