package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Head is what a checkpoint says of a log: how many lines, and the root of the tree over
// them.
type Head struct {
	Size int64
	Root Hash
}

// ErrCheckpoint says that a text is no checkpoint of the log that was meant, or that
// nobody known has signed it.
var ErrCheckpoint = errors.New("ledger: not a checkpoint of this log")

// Origin names an enterprise's log: the origin of a deployment without its scheme, and
// the enterprise's id.
func Origin(publicURL, enterprise string) string {
	_, host, found := strings.Cut(publicURL, "://")
	if !found {
		host = publicURL
	}
	return host + "/" + enterprise
}

// Notary signs checkpoints (C2SP tlog-checkpoint, signed-note; Ed25519) with its first key
// and knows all of them. One pair of keys serves all logs of a deployment: the name of a
// log is a part of what identifies a key in its notes. It is safe for concurrent use.
type Notary struct{ seeds []ed25519.PrivateKey }

// NewNotary takes Ed25519 seeds, the one that signs first.
func NewNotary(seeds ...[]byte) (*Notary, error) {
	n := &Notary{}
	for _, seed := range seeds {
		if len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("ledger: a checkpoint key has %d bytes, not %d", len(seed), ed25519.SeedSize)
		}
		n.seeds = append(n.seeds, ed25519.NewKeyFromSeed(seed))
	}
	if len(n.seeds) == 0 {
		return nil, errors.New("ledger: there is no checkpoint key")
	}
	return n, nil
}

// Sign makes the checkpoint of a log.
func (n *Notary) Sign(origin string, h Head) ([]byte, error) {
	signer, err := signerOf(origin, n.seeds[0])
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: head(origin, h)}, signer)
}

// Verifiers are the keys that check a log's checkpoints, in the form of signed notes
// ("name+id+key"), the one that signs now first.
func (n *Notary) Verifiers(origin string) (keys []string, err error) {
	for _, seed := range n.seeds {
		key, err := note.NewEd25519VerifierKey(origin, seed.Public().(ed25519.PublicKey))
		if err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// signerOf writes a key as signed notes spell it. Its id is a hash of name and public key.
func signerOf(name string, key ed25519.PrivateKey) (note.Signer, error) {
	const algorithm = "\x01" // Ed25519
	sum := sha256.Sum256([]byte(name + "\n" + algorithm + string(key.Public().(ed25519.PublicKey))))
	signer, err := note.NewSigner("PRIVATE+KEY+" + name + "+" + hex.EncodeToString(sum[:4]) + "+" +
		base64.StdEncoding.EncodeToString([]byte(algorithm+string(key.Seed()))))
	if err != nil {
		return nil, errors.New("ledger: the name of the log is none that a note can carry") // its text may quote the key
	}
	return signer, nil
}

func head(origin string, h Head) string {
	return origin + "\n" + strconv.FormatInt(h.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(h.Root[:]) + "\n"
}

// OpenCheckpoint reads a checkpoint of a log that one of the keys has signed; other
// signatures, those of witnesses for instance, are passed over. Lines behind the root are
// extensions, and passed over too. The error is ErrCheckpoint.
func OpenCheckpoint(origin string, checkpoint []byte, keys ...string) (h Head, err error) {
	var known []note.Verifier
	for _, key := range keys {
		v, err := note.NewVerifier(key)
		if err != nil {
			return h, fmt.Errorf("%w: a key is none: %w", ErrCheckpoint, err)
		}
		known = append(known, v)
	}
	n, err := note.Open(checkpoint, note.VerifierList(known...))
	if err != nil {
		return h, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return parseHead(origin, n.Text)
}

// ReadCheckpoint reads what a checkpoint of a log says, whoever has signed it: for those who
// prove what it says in another way. The error is ErrCheckpoint.
func ReadCheckpoint(origin string, checkpoint []byte) (Head, error) {
	return parseHead(origin, string(checkpoint))
}

func parseHead(origin, text string) (h Head, err error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] != origin {
		return h, fmt.Errorf("%w: it is about another log", ErrCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return h, fmt.Errorf("%w: its size is none", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(h.Root) {
		return h, fmt.Errorf("%w: its root is none", ErrCheckpoint)
	}
	return Head{size, Hash(root)}, nil
}

func leafHash(leaf string) (h Hash, err error) {
	b, err := hex.DecodeString(leaf)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("ledger: %q is no leaf hash", leaf)
	}
	return Hash(b), nil
}
