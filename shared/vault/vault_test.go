package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"nod/shared/domain"
	"nod/shared/vault"
	"nod/tests/permits"
)

func newVault(t *testing.T, dataKey, indexKey string) *vault.Vault {
	t.Helper()
	v, err := vault.New(dataKey, indexKey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func dataKey(t *testing.T) string {
	t.Helper()
	k, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// rotated adds a new primary key to a data key; the old one stays and decrypts.
func rotated(t *testing.T, old string) string {
	t.Helper()
	raw, _ := base64.StdEncoding.DecodeString(old)
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	if h, err = m.Handle(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

const (
	ours   domain.ID = "0192abcd-0000-7000-8000-000000000001"
	theirs domain.ID = "0192abcd-0000-7000-8000-000000000002"
)

func TestD16ASubjectIsStoredUnreadableAndOpenedAgain(t *testing.T) {
	v := newVault(t, dataKey(t), vault.RandomKey())
	sealed, err := v.SealSubject(ours, "emp-1029")
	if err != nil || bytes.Contains(sealed, []byte("1029")) {
		t.Fatalf("%q, %v", sealed, err)
	}
	if got, err := v.OpenSubject(ours, sealed); got != "emp-1029" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := v.OpenSubject(theirs, sealed); err == nil {
		t.Errorf("another enterprise opens %q", got)
	}
	again, _ := v.SealSubject(ours, "emp-1029")
	if bytes.Equal(sealed, again) {
		t.Error("the same id is sealed to the same bytes")
	}
}

func TestASubjectIsFoundByItsEnterpriseAlone(t *testing.T) {
	key := vault.RandomKey()
	v := newVault(t, dataKey(t), key)
	got := v.Lookup(ours, "emp-1029")
	if len(got) != 64 || got != newVault(t, dataKey(t), key).Lookup(ours, "emp-1029") {
		t.Error("the index changes with the data key")
	}
	for name, other := range map[string]string{
		"enterprise": v.Lookup(theirs, "emp-1029"), "subject": v.Lookup(ours, "emp-1030"),
		"index key": newVault(t, dataKey(t), vault.RandomKey()).Lookup(ours, "emp-1029"),
	} {
		if other == got {
			t.Errorf("another %s has the same index", name)
		}
	}
}

func TestTheDataKeyIsRotatedWithoutLosingAnything(t *testing.T) {
	old := dataKey(t)
	index := vault.RandomKey()
	before := newVault(t, old, index)
	was, _ := before.SealSubject(ours, "emp-1029")
	secret, key, _ := before.SealReference("s1", domain.Reference{PhotoURL: "https://example.com/1.png"})

	after := newVault(t, rotated(t, old), index)
	if got, err := after.OpenSubject(ours, was); got != "emp-1029" || err != nil {
		t.Errorf("what the old key sealed: %q, %v", got, err)
	}
	s := &domain.Session{ID: "s1", Secret: secret, SecretKey: key}
	if r, err := after.OpenReference(permits.For(permits.Want{Session: "s1"}), s); err != nil || r.PhotoURL != "https://example.com/1.png" {
		t.Errorf("a reference: %v", err)
	}
	is, _ := after.SealSubject(ours, "emp-1029")
	if _, err := before.OpenSubject(ours, is); err == nil {
		t.Error("the new key does not seal")
	}
	if got, err := after.OpenSubject(ours, is); got != "emp-1029" || err != nil {
		t.Errorf("what the new key sealed: %q, %v", got, err)
	}
	if _, err := newVault(t, dataKey(t), index).OpenSubject(ours, is); err == nil {
		t.Error("an unrelated key opens it")
	}
}

func TestD02AReferenceIsOpenedOnlyWithAPermitForItsSession(t *testing.T) {
	v := newVault(t, dataKey(t), vault.RandomKey())
	want := domain.Reference{PhotoURL: "https://example.com/1.png",
		Identity: &domain.Identity{Name: domain.Private("张三"), IDNumber: domain.Private("110101199003070000")},
		Visit:    &domain.Visit{URL: "https://example.com/visit", Token: "biz-token"},
	}
	secret, key, err := v.SealReference("s1", want)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(secret, []byte("example")) || bytes.Contains(secret, []byte("张三")) {
		t.Error("it is readable")
	}
	s := &domain.Session{ID: "s1", Secret: secret, SecretKey: key}
	got, err := v.OpenReference(permits.For(permits.Want{Session: "s1"}), s)
	if err != nil || got.PhotoURL != want.PhotoURL || !reflect.DeepEqual(got, want) {
		t.Errorf("%v", err)
	}
	for name, p := range map[string]*domain.Permit{
		"none": nil, "one the gate did not make": {}, "one for another session": permits.For(permits.Want{Session: "s2"}),
	} {
		if got, err := v.OpenReference(p, s); !errors.Is(err, domain.Refuse(domain.PermitForbidden)) || got != (domain.Reference{}) {
			t.Errorf("permit %s: %v", name, err)
		}
	}
	permit := permits.For(permits.Want{Session: "s1"})
	other, otherKey, _ := v.SealReference("s1", domain.Reference{})
	moved, movedKey, _ := v.SealReference("s2", want)
	for name, s := range map[string]domain.Session{
		"without its key":            {ID: "s1", Secret: secret},
		"without its secret":         {ID: "s1", SecretKey: key},
		"with another key":           {ID: "s1", Secret: secret, SecretKey: otherKey},
		"with another secret":        {ID: "s1", Secret: other, SecretKey: key},
		"moved from another session": {ID: "s1", Secret: moved, SecretKey: movedKey},
		"with a changed secret":      {ID: "s1", Secret: flipped(secret, len(secret)/2), SecretKey: key},
		"with a changed key":         {ID: "s1", Secret: secret, SecretKey: flipped(key, len(key)-1)},
	} {
		got, err := v.OpenReference(permit, &s)
		if err == nil || got != (domain.Reference{}) || strings.Contains(fmt.Sprint(err), "example") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func TestTamperingIsFoundAtEveryByte(t *testing.T) {
	v := newVault(t, dataKey(t), vault.RandomKey())
	sealed, _ := v.SealSubject(ours, "emp-1029")
	for i := range sealed {
		if got, err := v.OpenSubject(ours, flipped(sealed, i)); err == nil {
			t.Errorf("byte %d: %q", i, got)
		}
	}
	for n := range sealed {
		if _, err := v.OpenSubject(ours, sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes", n)
		}
	}
}

func TestAnAnswerIsBoundToItsPlace(t *testing.T) {
	v := newVault(t, dataKey(t), vault.RandomKey())
	answer, _ := json.Marshal(map[string]string{"key": "nod_admin_secret"})
	sealed, err := v.SealAnswer("place 1", answer)
	if err != nil || bytes.Contains(sealed, []byte("secret")) {
		t.Fatal(err)
	}
	if got, err := v.OpenAnswer("place 1", sealed); err != nil || !bytes.Equal(got, answer) {
		t.Errorf("%q, %v", got, err)
	}
	for name, err := range map[string]error{
		"another place": func() error { _, err := v.OpenAnswer("place 2", sealed); return err }(),
		"as a subject":  func() error { _, err := v.OpenSubject("place 1", sealed); return err }(),
		"changed":       func() error { _, err := v.OpenAnswer("place 1", flipped(sealed, 9)); return err }(),
	} {
		if err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestKeysThatAreNoKeysAreRefusedWithoutBeingShown(t *testing.T) {
	good, index := dataKey(t), vault.RandomKey()
	for name, c := range map[string][2]string{
		"no data key": {"", index}, "a data key that is no base64": {"SECRET!", index}, "a data key that is no keyset": {base64.StdEncoding.EncodeToString([]byte("SECRET")), index},
		"a raw key": {vault.RandomKey(), index}, "no index key": {good, ""}, "a short index key": {good, base64.StdEncoding.EncodeToString([]byte("SECRET"))},
		"an index key that is no base64": {good, "SECRET!"}, "the data key twice": {good, good},
	} {
		_, err := vault.New(c[0], c[1])
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		for _, secret := range []string{"SECRET", index, good} {
			if secret != "" && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestSecretsAreLongAndNeverTheSame(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		for _, s := range []string{vault.NewSecret(), vault.NewPseudonym(), string(vault.NewSalt()), vault.RandomKey()} {
			if len(s) < 26 || seen[s] {
				t.Fatalf("%q", s)
			}
			seen[s] = true
		}
	}
	if n := len(vault.NewSalt()); n != 32 {
		t.Errorf("a salt of %d bytes", n)
	}
	if strings.ContainsAny(vault.NewSecret(), "_.#&= ") {
		t.Error("a secret does not fit into a bearer or a fragment")
	}
	if vault.Hash("abc") != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error("the hash is not SHA-256")
	}
}

func TestD02AFingerprintTellsNobodyWhatWasAsked(t *testing.T) {
	index := vault.RandomKey()
	v, other := newVault(t, dataKey(t), index), newVault(t, dataKey(t), vault.RandomKey())
	if again := v.Fingerprint("a"); v.Fingerprint("a") != again || v.Fingerprint("b") == again {
		t.Error("it does not tell requests apart")
	}
	if v.Fingerprint("a") == other.Fingerprint("a") || v.Fingerprint("a") == vault.Hash("a") {
		t.Error("whoever has no key can try it out")
	}
}

func TestD16_WordsAreReadableInTheirPlaceOnly(t *testing.T) {
	index := vault.RandomKey()
	v, other := newVault(t, dataKey(t), index), newVault(t, dataKey(t), index)
	sealed, err := v.SealWords("wish 1", []byte("我的照片换了"))
	if err != nil || strings.Contains(string(sealed), "照片") {
		t.Fatalf("%q, %v", sealed, err)
	}
	if got, err := v.OpenWords("wish 1", sealed); err != nil || string(got) != "我的照片换了" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := v.OpenWords("answer 1", sealed); err == nil {
		t.Error("they are read in another place")
	}
	if _, err := other.OpenWords("wish 1", sealed); err == nil {
		t.Error("they are read with another key")
	}
	for _, empty := range [][]byte{nil, {}} {
		if sealed, err := v.SealWords("wish 1", empty); err != nil || sealed != nil {
			t.Errorf("nothing became %q, %v", sealed, err)
		}
		if got, err := v.OpenWords("wish 1", empty); err != nil || got != nil {
			t.Errorf("nothing became %q, %v", got, err)
		}
	}
}
