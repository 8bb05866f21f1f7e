package store

import (
	"crypto/sha256"
	"encoding/hex"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
)

// kept is how long an answer is given again, in milliseconds.
const kept = 24 * 60 * 60 * 1000

// realm is where an answer is kept: with the enterprise, or with the operator, who
// might use the key for another one.
func realm(o *app.Once, enterprise domain.ID) string {
	if o != nil && o.Operator {
		return operatorRealm
	}
	return string(enterprise)
}

// look queues the search for the answer of an earlier call with the same key.
func look(t *tx, o *app.Once, realm string) {
	if o == nil {
		return
	}
	o.Stored, o.Other = nil, false
	t.query(each(func(scan func(...any) error) error {
		var fingerprint string
		err := scan(&fingerprint, &o.Stored)
		if o.Stored == nil {
			o.Stored = []byte{} // an empty answer is one
		}
		o.Other = fingerprint != o.Fingerprint
		return err
	}), `SELECT fingerprint, answer FROM answers WHERE realm = ? AND actor = ? AND once_key = ? AND created_at > `+
		t.now+` - ?`, realm, o.Actor, hashed(o.Key), kept)
}

// keep queues the answer. One that is older than its time gives way.
func keep(t *tx, o *app.Once, realm string, entries []ledger.Entry) error {
	if o == nil {
		return nil
	}
	sealed, err := o.Seal(entries)
	if err != nil {
		return err
	}
	t.exec(`DELETE FROM answers WHERE realm = ? AND actor = ? AND once_key = ?`, realm, o.Actor, hashed(o.Key))
	t.exec(`INSERT INTO answers (realm, actor, once_key, fingerprint, answer, created_at) VALUES (?, ?, ?, ?, ?, `+
		t.now+`)`, realm, o.Actor, hashed(o.Key), o.Fingerprint, sealed)
	return nil
}

// hashed bounds what a client can put into the database.
func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
