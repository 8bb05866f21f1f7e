package bundle

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// frontier computes the root of a tree (RFC 6962) leaf by leaf, and keeps one hash a level.
type frontier struct {
	size  int64
	whole []ledger.Hash // the roots of the full subtrees, the largest first
}

func (f *frontier) add(leaf ledger.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.whole) - 1
		leaf = tlog.NodeHash(f.whole[last], leaf)
		f.whole = f.whole[:last]
	}
	f.whole = append(f.whole, leaf)
	f.size++
}

func (f *frontier) root() ledger.Hash {
	if f.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(f.whole) - 1
	root := f.whole[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(f.whole[i], root)
	}
	return root
}
