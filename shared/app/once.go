package app

import (
	"encoding/json"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/vault"
)

// Call is one request made with a key, or by a person's page.
type Call struct {
	Key            domain.Key
	IdempotencyKey string // empty: not idempotent
	Fingerprint    string // of method, path and body
	Locale         domain.Locale
}

// Once makes a transaction idempotent: its answer is written in that same
// transaction and given again, for 24 hours, to a call with the same key. A nil
// Once does nothing.
type Once struct {
	Actor       domain.ID // whose Idempotency-Key it is
	Operator    bool      // an operator's: the key counts for all enterprises together
	Key         string
	Fingerprint string
	// Seal is the answer, encrypted; it is called when the rule has been applied, with
	// what is about to be written to the log.
	Seal func([]ledger.Entry) ([]byte, error)

	Stored []byte // the answer of an earlier call, if there was one
	Other  bool   // the key was used for another request
}

// Found reports whether an earlier call was met; nothing is to be done then.
func (o *Once) Found() bool { return o != nil && (o.Stored != nil || o.Other) }

// answeredBy has the answer made of what is written to the log, also for the one that is
// kept.
func (o *Once) answeredBy(answer func([]ledger.Entry)) {
	if o == nil {
		return
	}
	seal := o.Seal
	o.Seal = func(entries []ledger.Entry) ([]byte, error) {
		answer(entries)
		return seal(entries)
	}
}

// by names whose Idempotency-Key it is, where that is no API key: of a session or a
// consent, for the one who has its secret. To anybody else the key is a new one.
func (c Call) by(b domain.Bearer) Call {
	c.Key.ID = b.Thing
	if c.IdempotencyKey != "" {
		c.IdempotencyKey = vault.Hash(b.Secret) + c.IdempotencyKey
	}
	return c
}

// once runs do, which fills in answer, or puts the answer of the earlier call there.
func once[T any](call Call, box Answers, answer *T, do func(*Once) error) (replayed bool, err error) {
	if call.IdempotencyKey == "" {
		return false, do(nil)
	}
	fingerprint := box.Fingerprint(call.Fingerprint)
	place := string(call.Key.ID) + " " + fingerprint
	o := &Once{
		Actor: call.Key.ID, Operator: call.Key.Role == domain.Operator, Key: call.IdempotencyKey, Fingerprint: fingerprint,
		Seal: func([]ledger.Entry) ([]byte, error) {
			plain, err := json.Marshal(answer)
			if err != nil {
				return nil, err
			}
			return box.SealAnswer(place, plain)
		},
	}
	if err := do(o); err != nil {
		return false, err
	}
	if o.Other {
		return false, domain.Refuse(domain.KeyReused)
	}
	if o.Stored == nil {
		return false, nil
	}
	plain, err := box.OpenAnswer(place, o.Stored)
	if err != nil {
		return true, err
	}
	*answer = *new(T)
	return true, json.Unmarshal(plain, answer)
}
