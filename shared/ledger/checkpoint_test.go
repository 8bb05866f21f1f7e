package ledger_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"nod/shared/ledger"
)

func aNotary(t testing.TB, seeds ...byte) *ledger.Notary {
	t.Helper()
	var all [][]byte
	for _, s := range seeds {
		all = append(all, bytes.Repeat([]byte{s}, 32))
	}
	n, err := ledger.NewNotary(all...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const origin = "nod.example.com/01920000-0000-7000-8000-00000000e000"

func signed(t testing.TB, n *ledger.Notary, origin string, h ledger.Head) []byte {
	t.Helper()
	c, err := n.Sign(origin, h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func keysOf(t testing.TB, n *ledger.Notary, origin string) []string {
	t.Helper()
	keys, err := n.Verifiers(origin)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestACheckpointIsASignedNote(t *testing.T) {
	h := ledger.Head{Size: 4711, Root: ledger.Hash{1, 2, 3}}
	n := aNotary(t, 1)
	c := signed(t, n, origin, h)
	if want := origin + "\n4711\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— " + origin + " "; !strings.HasPrefix(string(c), want) {
		t.Errorf("it is %q", c)
	}
	verifier, err := note.NewVerifier(keysOf(t, n, origin)[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(c, note.VerifierList(verifier)); err != nil {
		t.Error(err)
	}
	if got, err := ledger.OpenCheckpoint(origin, c, keysOf(t, n, origin)...); err != nil || got != h {
		t.Errorf("%+v, %v", got, err)
	}
}

// A key that was rotated still opens what it signed.
func TestACheckpointOutlivesItsKey(t *testing.T) {
	before, after := aNotary(t, 1), aNotary(t, 2, 1)
	h := ledger.Head{Size: 1}
	for _, c := range [][]byte{signed(t, before, origin, h), signed(t, after, origin, h)} {
		if _, err := ledger.OpenCheckpoint(origin, c, keysOf(t, after, origin)...); err != nil {
			t.Error(err)
		}
	}
	if _, err := ledger.OpenCheckpoint(origin, signed(t, after, origin, h), keysOf(t, before, origin)...); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("a key that nobody knows: %v", err)
	}
}

func TestACheckpointOfAnotherLogIsNone(t *testing.T) {
	n := aNotary(t, 1)
	c := signed(t, n, origin, ledger.Head{Size: 1})
	other := strings.Replace(origin, "e000", "e001", 1)
	for name, open := range map[string]func() (ledger.Head, error){
		"with its own key":     func() (ledger.Head, error) { return ledger.OpenCheckpoint(other, c, keysOf(t, n, origin)...) },
		"with the other's key": func() (ledger.Head, error) { return ledger.OpenCheckpoint(other, c, keysOf(t, n, other)...) },
		"without a key":        func() (ledger.Head, error) { return ledger.OpenCheckpoint(origin, c) },
		"with a faulty key":    func() (ledger.Head, error) { return ledger.OpenCheckpoint(origin, c, "x") },
		"renamed": func() (ledger.Head, error) {
			return ledger.OpenCheckpoint(other, bytes.ReplaceAll(c, []byte(origin), []byte(other)), keysOf(t, n, other)...)
		},
	} {
		if _, err := open(); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	if _, err := ledger.NewNotary(); err == nil {
		t.Error("none at all")
	}
	if _, err := ledger.NewNotary(make([]byte, 31)); err == nil {
		t.Error("a short one")
	}
	_, err := aNotary(t, 7).Sign("a name+with a plus", ledger.Head{})
	if err == nil || strings.Contains(err.Error(), "BwcH") {
		t.Errorf("a name that no note can carry: %v", err)
	}
}

// FuzzCheckpoint: nothing but what was signed opens, and it says what was signed.
func FuzzCheckpoint(f *testing.F) {
	n := aNotary(f, 1)
	h := ledger.Head{Size: 4711, Root: ledger.Hash{1, 2, 3}}
	good := signed(f, n, origin, h)
	keys := keysOf(f, n, origin)
	f.Add(good)
	f.Add(bytes.Replace(good, []byte("4711"), []byte("04711"), 1))
	f.Add(append(bytes.Clone(good), "— witness AAAAAAAA\n"...))
	f.Fuzz(func(t *testing.T, c []byte) {
		got, err := ledger.OpenCheckpoint(origin, c, keys...)
		if err == nil && got != h || err != nil && !errors.Is(err, ledger.ErrCheckpoint) {
			t.Fatalf("%+v, %v of %q", got, err, c)
		}
	})
}
