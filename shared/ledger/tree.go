package ledger

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree of an enterprise's log (RFC 6962, SHA-256).
type Hash = tlog.Hash

// TileHeight is that of C2SP tlog-tiles: a full tile holds 256 hashes.
const TileHeight = 8

// Tile is a run of hashes of the tree, as C2SP tlog-tiles has them: the N-th of a level,
// with 256 of them if it is full. Level 0 holds leaf hashes, and each hash of a level
// stands for a full tile of the one below.
type Tile struct {
	Level  int
	N      int64
	Hashes []byte
}

// TileID says which tile.
type TileID struct {
	Level int
	N     int64
}

// Edge lists the tiles that are not full in a tree of a size: all that is needed to add
// to it.
func Edge(size int64) (edge []TileID) {
	for level := 0; size>>(TileHeight*level) > 0; level++ {
		if n := size >> (TileHeight * level); n&(1<<TileHeight-1) > 0 {
			edge = append(edge, TileID{level, n >> TileHeight})
		}
	}
	return edge
}

// Growth is what adding leaves to a tree came to: Tiles are those that are new or have
// changed, each whole.
type Growth struct {
	Size  int64
	Root  Hash
	Tiles []Tile
}

// Grow adds leaf hashes, in hex, to a tree of a size whose edge it is given.
func Grow(size int64, edge []Tile, leaves []string) (g Growth, err error) {
	r := &growing{tiles: map[TileID][]byte{}, fresh: map[int64]Hash{}}
	for _, t := range edge {
		r.tiles[TileID{t.Level, t.N}] = t.Hashes
	}
	for i, leaf := range leaves {
		n := size + int64(i)
		h, err := leafHash(leaf)
		if err != nil {
			return g, err
		}
		stored, err := tlog.StoredHashesForRecordHash(n, h, r)
		if err != nil {
			return g, fmt.Errorf("ledger: adding leaf %d: %w", n, err)
		}
		at := tlog.StoredHashIndex(0, n)
		for j, h := range stored {
			r.fresh[at+int64(j)] = h
		}
	}
	g.Size = size + int64(len(leaves))
	if g.Root, err = tlog.TreeHash(g.Size, r); err != nil {
		return g, fmt.Errorf("ledger: the root of %d leaves: %w", g.Size, err)
	}
	for _, t := range tlog.NewTiles(TileHeight, size, g.Size) {
		data, err := tlog.ReadTileData(t, r)
		if err != nil {
			return g, fmt.Errorf("ledger: %s: %w", t.Path(), err)
		}
		g.Tiles = append(g.Tiles, Tile{t.L, t.N, data})
	}
	return g, nil
}

// growing reads the hashes of a tree that is being added to.
type growing struct {
	tiles map[TileID][]byte
	fresh map[int64]Hash
}

// ReadHashes is tlog's.
func (r *growing) ReadHashes(indexes []int64) ([]Hash, error) {
	list := make([]Hash, len(indexes))
	for i, index := range indexes {
		if h, ok := r.fresh[index]; ok {
			list[i] = h
			continue
		}
		t := tlog.TileForIndex(TileHeight, index)
		h, err := tlog.HashFromTile(t, r.tiles[TileID{t.L, t.N}], index)
		if err != nil {
			return nil, err
		}
		list[i] = h
	}
	return list, nil
}

// Tiles reads tiles of a tree, each at least as wide as is asked for. What it returns is
// verified by whoever asked.
type Tiles func(want []tlog.Tile) ([][]byte, error)

// Prove makes the inclusion proofs of leaves (RFC 6962 section 2.1.1) in a tree of which
// size and root are known: a tile that does not belong to that tree is found out. Each tile
// is read once, however many leaves it serves, and all of them together.
func Prove(tree Head, indexes []int64, tiles Tiles) (proofs [][]Hash, err error) {
	proven := func(r tlog.HashReader) error {
		for _, index := range indexes {
			proof, err := tlog.ProveRecord(tree.Size, index, r)
			if err != nil {
				return fmt.Errorf("ledger: proving leaf %d of %d: %w", index, tree.Size, err)
			}
			proofs = append(proofs, proof)
		}
		return nil
	}
	known := map[int64]Hash{}
	if err := proven(wanting(known)); err != nil {
		return nil, err
	}
	wanted := slices.Sorted(maps.Keys(known))
	if len(wanted) > 0 {
		hashes, err := tlog.TileHashReader(tlog.Tree{N: tree.Size, Hash: tree.Root}, tileReader(tiles)).ReadHashes(wanted)
		if err != nil {
			return nil, fmt.Errorf("ledger: proving leaves of %d: %w", tree.Size, err)
		}
		for i, h := range hashes {
			known[wanted[i]] = h
		}
	}
	proofs = nil // those were of no hash that is known
	return proofs, proven(wanting(known))
}

// wanting reads hashes that are known, and notes those that are not.
func wanting(known map[int64]Hash) tlog.HashReaderFunc {
	return func(indexes []int64) ([]Hash, error) {
		list := make([]Hash, len(indexes))
		for i, index := range indexes {
			list[i] = known[index]
			known[index] = list[i]
		}
		return list, nil
	}
}

// RootAt is the root that a tree had at an earlier size.
func RootAt(tree Head, size int64, tiles Tiles) (Hash, error) {
	root, err := tlog.TreeHash(size, tlog.TileHashReader(tlog.Tree{N: tree.Size, Hash: tree.Root}, tileReader(tiles)))
	if err != nil {
		return Hash{}, fmt.Errorf("ledger: the root at %d of %d: %w", size, tree.Size, err)
	}
	return root, nil
}

// tileReader is Tiles in the library's shape.
type tileReader Tiles

func (tileReader) Height() int { return TileHeight }

// SaveTiles has nothing to do: there is no cache.
func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r tileReader) ReadTiles(want []tlog.Tile) ([][]byte, error) { return r(want) }

// ProofText is an inclusion proof as one text, which is verified offline (C2SP tlog-proof).
func ProofText(index int64, proof []Hash, checkpoint string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "c2sp.org/tlog-proof@v1\nindex %d\n", index)
	for _, h := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n" + checkpoint)
	return b.String()
}
