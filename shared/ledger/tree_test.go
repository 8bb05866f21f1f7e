package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// stored is a log whose tiles are kept.
type stored struct {
	head   ledger.Head
	tiles  map[ledger.TileID][]byte
	leaves []string
}

func (s *stored) grow(t testing.TB, n int) {
	t.Helper()
	var leaves []string
	for range n {
		leaves = append(leaves, ledger.LeafHash(fmt.Appendf(nil, "line %d", len(s.leaves)+len(leaves))))
	}
	var edge []ledger.Tile
	for _, id := range ledger.Edge(s.head.Size) {
		edge = append(edge, ledger.Tile{Level: id.Level, N: id.N, Hashes: s.tiles[id]})
	}
	g, err := ledger.Grow(s.head.Size, edge, leaves)
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range g.Tiles {
		id := ledger.TileID{Level: tile.Level, N: tile.N}
		if was := s.tiles[id]; !bytes.HasPrefix(tile.Hashes, was) {
			t.Fatalf("tile %v was rewritten", id)
		}
		s.tiles[id] = tile.Hashes
	}
	s.head, s.leaves = ledger.Head{Size: g.Size, Root: g.Root}, append(s.leaves, leaves...)
}

func (s *stored) read(want []tlog.Tile) ([][]byte, error) {
	var list [][]byte
	for _, t := range want {
		data := s.tiles[ledger.TileID{Level: t.L, N: t.N}]
		if len(data) < t.W*tlog.HashSize {
			return nil, errors.New("there is no such tile")
		}
		list = append(list, data[:t.W*tlog.HashSize])
	}
	return list, nil
}

// rootBy is the root as another library makes it of all leaves.
func rootBy(t testing.TB, leaves []string) []byte {
	t.Helper()
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r := factory.NewEmptyRange(0)
	for _, leaf := range leaves {
		h, _ := hex.DecodeString(leaf)
		if err := r.Append(h, nil); err != nil {
			t.Fatal(err)
		}
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// However a tree is grown, it is the tree that another library makes of its leaves, and
// what that library makes of the proofs is that they hold.
func TestATreeIsThatOfRFC6962HoweverItGrew(t *testing.T) {
	sizes := [][]int{{1}, {1, 1, 1}, {255}, {256}, {257}, {255, 1, 1}, {256, 256}, {1000, 7}, {65_535, 1, 1}, {65_536 + 300, 5}, {300, 70_000}}
	for range 20 {
		var some []int
		for range 1 + rand.IntN(8) {
			some = append(some, 1+rand.IntN(700))
		}
		sizes = append(sizes, some)
	}
	for _, steps := range sizes {
		s := &stored{tiles: map[ledger.TileID][]byte{}}
		var earlier []ledger.Head
		for _, n := range steps {
			s.grow(t, n)
			earlier = append(earlier, s.head)
			if want := rootBy(t, s.leaves); !bytes.Equal(s.head.Root[:], want) {
				t.Fatalf("%v: the root at %d is %x, want %x", steps, s.head.Size, s.head.Root, want)
			}
		}
		for _, h := range earlier {
			if root, err := ledger.RootAt(s.head, h.Size, s.read); err != nil || root != h.Root {
				t.Errorf("%v: the root at %d was %v, now it is %v, %v", steps, h.Size, h.Root, root, err)
			}
		}
		for range 10 {
			s.proves(t, rand.Int64N(s.head.Size))
		}
		s.proves(t, 0)
		s.proves(t, s.head.Size-1)
	}
}

func (s *stored) proves(t *testing.T, index int64) {
	t.Helper()
	paths, err := ledger.Prove(s.head, []int64{index}, s.read)
	if err != nil {
		t.Fatal(err)
	}
	path := paths[0]
	leaf, _ := hex.DecodeString(s.leaves[index])
	var theirs [][]byte
	for _, h := range path {
		theirs = append(theirs, h[:])
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(s.head.Size), leaf, theirs, s.head.Root[:]); err != nil {
		t.Errorf("leaf %d of %d: %v", index, s.head.Size, err)
	}
	if err := tlog.CheckRecord(path, s.head.Size, s.head.Root, index, tlog.Hash(leaf)); err != nil {
		t.Errorf("leaf %d of %d: %v", index, s.head.Size, err)
	}
	other, _ := hex.DecodeString(s.leaves[(index+1)%s.head.Size])
	if s.head.Size > 1 && tlog.CheckRecord(path, s.head.Size, s.head.Root, index, tlog.Hash(other)) == nil {
		t.Errorf("leaf %d of %d: another one is proven to be there", index, s.head.Size)
	}
}

// However many leaves are proven, each tile is read once, and all in one go.
func TestManyProofsReadEachTileOnce(t *testing.T) {
	s := &stored{tiles: map[ledger.TileID][]byte{}}
	s.grow(t, 1200)
	var indexes []int64
	for index := int64(0); index < s.head.Size; index += 7 {
		indexes = append(indexes, index)
	}
	calls, read := 0, map[tlog.Tile]int{}
	paths, err := ledger.Prove(s.head, indexes, func(want []tlog.Tile) ([][]byte, error) {
		calls++
		for _, tile := range want {
			read[tile]++
		}
		return s.read(want)
	})
	if err != nil || len(paths) != len(indexes) || calls != 1 || len(read) != 6 { // five of leaves, one above
		t.Fatalf("%d proofs of %d, in %d readings of %v: %v", len(paths), len(indexes), calls, read, err)
	}
	for tile, n := range read {
		if n != 1 {
			t.Errorf("%v is read %d times", tile, n)
		}
	}
	for i, index := range indexes {
		leaf, _ := hex.DecodeString(s.leaves[index])
		if err := tlog.CheckRecord(paths[i], s.head.Size, s.head.Root, index, tlog.Hash(leaf)); err != nil {
			t.Errorf("leaf %d: %v", index, err)
		}
	}
	if none, err := ledger.Prove(s.head, nil, s.read); err != nil || len(none) != 0 {
		t.Errorf("of nothing there is %v, %v", none, err)
	}
}

// A tile that was changed is found out, whichever it is.
func TestAChangedTileProvesNothing(t *testing.T) {
	s := &stored{tiles: map[ledger.TileID][]byte{}}
	s.grow(t, 700)
	for id, hashes := range s.tiles {
		i := rand.IntN(len(hashes))
		hashes[i] ^= 1
		bad := 0
		for index := range s.head.Size {
			if _, err := ledger.Prove(s.head, []int64{index}, s.read); err != nil {
				bad++
			}
		}
		if bad == 0 {
			t.Errorf("byte %d of tile %v was changed, and every proof was made", i, id)
		}
		hashes[i] ^= 1
	}
}

func TestTheEdgeIsWhatIsNotFull(t *testing.T) {
	for size, want := range map[int64][]ledger.TileID{
		0: nil, 1: {{Level: 0, N: 0}}, 256: {{Level: 1, N: 0}}, 257: {{Level: 0, N: 1}, {Level: 1, N: 0}}, 65536: {{Level: 2, N: 0}},
		65536 + 512 + 3: {{Level: 0, N: 258}, {Level: 1, N: 1}, {Level: 2, N: 0}},
	} {
		if got := ledger.Edge(size); !slices.Equal(got, want) {
			t.Errorf("of %d: %v, want %v", size, got, want)
		}
	}
}

func TestWhatIsNoLeafIsNotAdded(t *testing.T) {
	for _, leaf := range []string{"", "abc", "zz", hex.EncodeToString(make([]byte, 31)), hex.EncodeToString(make([]byte, 33))} {
		if _, err := ledger.Grow(0, nil, []string{leaf}); err == nil {
			t.Errorf("%q was added", leaf)
		}
	}
	if _, err := ledger.Grow(5, nil, []string{ledger.LeafHash(nil)}); err == nil {
		t.Error("a tree grew without its edge")
	}
}

func BenchmarkGrow(b *testing.B) {
	s := &stored{tiles: map[ledger.TileID][]byte{}}
	for b.Loop() {
		s.grow(b, 1000)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(1000*b.N), "ns/record")
}
