package localapi

import (
	"errors"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"nod/shared/face/envelope"
	"nod/shared/face/localapi/register"
)

// identity is how a request names a person: an ID number and a name, plain or encrypted.
type identity struct {
	IdCard, Name plainText
	Encryption   *encryption
}

// encryption is the vendor's structure, as strict as the request around it.
type encryption struct{ envelope.Encryption }

// UnmarshalJSON takes an object.
func (e *encryption) UnmarshalJSON(text []byte) error { return parse(text, &e.Encryption) }

// open puts what was encrypted in the place of its ciphertext.
func (q *identity) open(o envelope.Opener) error {
	if q.Encryption == nil {
		return nil
	}
	given := map[string]*plainText{}
	for name, field := range map[string]*plainText{"IdCard": &q.IdCard, "Name": &q.Name} {
		if len(*field) > 0 {
			given[name] = field
		}
	}
	var sealed [][]byte
	for _, name := range q.Encryption.EncryptList {
		field := given[name]
		if field == nil {
			return errEncryptField
		}
		sealed = append(sealed, *field)
		delete(given, name) // so that none comes twice
	}
	if len(given) > 0 || len(sealed) == 0 {
		return errEncryptField
	}
	values, err := o.Open(q.Encryption.Encryption, sealed)
	if err != nil {
		return errDecrypt
	}
	for i, name := range q.Encryption.EncryptList {
		if name == "Name" {
			q.Name = values[i]
		} else {
			q.IdCard = values[i]
		}
	}
	return nil
}

func (q *identity) wipe() {
	clear(q.IdCard)
	clear(q.Name)
}

// What can be wrong with the form of an identity.
var (
	errNumberForm = errors.New("localapi: the ID number is malformed")
	errNameForm   = errors.New("localapi: the name is malformed")
)

// check holds what is given against its form.
func (q *identity) check(today time.Time) error {
	if len(q.IdCard) > 0 && !register.WellFormed(q.IdCard, today) {
		return errNumberForm
	}
	if len(q.Name) > 0 && !isName(q.Name) {
		return errNameForm
	}
	return nil
}

// A name has the vendor's longest, and at least a family name and a given one.
const minName, maxName = 2, 32

// isName tells whether a text is a name in Chinese characters; the parts of a name that
// was not Chinese at first are joined by a dot.
func isName(text []byte) bool {
	n := utf8.RuneCount(text)
	if n < minName || n > maxName {
		return false
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		inside := i > 0 && i+size < len(text)
		if !unicode.Is(unicode.Han, r) && !(inside && (r == '·' || r == '•')) {
			return false
		}
		i += size
	}
	return true
}

// find looks a number up in the register.
func (s *Server) find(number []byte) (register.Entry, bool) {
	people := s.register(s.now())
	i := slices.IndexFunc(people, func(e register.Entry) bool { return e.IDNumber == string(number) && !e.Missing })
	if i < 0 {
		return register.Entry{}, false
	}
	return people[i], true
}
