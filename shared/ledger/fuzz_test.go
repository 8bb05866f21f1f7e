package ledger_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Whatever a store says its tiles are, a proof that is made of them holds, or none is made.
func FuzzTiles(f *testing.F) {
	const size = 300
	s := &stored{tiles: map[ledger.TileID][]byte{}}
	s.grow(f, size)
	head := s.head
	f.Add(int64(0), []byte{}, 0)
	f.Add(int64(299), []byte{1}, 31)
	f.Add(int64(299), bytes.Repeat([]byte{7}, 32), 256*32)
	f.Add(int64(-1), []byte{}, 0)
	f.Add(int64(size), []byte{0xff}, 9999)
	f.Fuzz(func(t *testing.T, index int64, with []byte, at int) {
		lying := func(want []tlog.Tile) ([][]byte, error) {
			list, err := s.read(want)
			for i := range list {
				changed := bytes.Clone(list[i])
				if at >= 0 && at < len(changed) {
					copy(changed[at:], with)
				} else {
					changed = append(changed, with...)
				}
				list[i] = changed
			}
			return list, err
		}
		if index < 0 || index >= size {
			return // whoever asks knows the size
		}
		proofs, err := ledger.Prove(head, []int64{index}, lying)
		if err != nil {
			return
		}
		leaf, _ := hex.DecodeString(s.leaves[index])
		if err := tlog.CheckRecord(proofs[0], head.Size, head.Root, index, ledger.Hash(leaf)); err != nil {
			t.Errorf("a proof that does not hold: %v", err)
		}
	})
}

// A checkpoint that is read, signed by whomever, says one size and one root.
func FuzzReadCheckpoint(f *testing.F) {
	n := aNotary(f, 1)
	f.Add(signed(f, n, origin, ledger.Head{Size: 4711, Root: ledger.Hash{1, 2, 3}}))
	f.Add([]byte(origin + "\n18446744073709551616\nAAAA\n\n— x y\n"))
	f.Add([]byte(origin + "\n-1\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := ledger.ReadCheckpoint(origin, text)
		if err == nil && (h.Size < 0 || !bytes.HasPrefix(text, []byte(origin+"\n"))) {
			t.Errorf("%+v of %q", h, text)
		}
	})
}

// A notice that may be published is hashed as a document that says what it says.
func FuzzNotice(f *testing.F) {
	f.Add([]byte(`{"purpose":"exam","audience":"adult","delegation_id":"x","facts":{"routes":["photo"],"retention_days":1100,"consent_days":365},` +
		`"contents":{"zh-CN":{"title":"t","summary":"s","body":"b","agree":"a","alternative":"l"}}}`))
	f.Add([]byte(`{"contents":{"en":{"title":"\u2028\u0000\ud83d\ude00","body":"\"\\</script>","agree":"é é"}}}`))
	f.Fuzz(func(t *testing.T, draft []byte) {
		var d domain.NoticeDraft
		if !utf8.Valid(draft) || json.Unmarshal(draft, &d) != nil {
			return
		}
		n := domain.Notice{ID: "n", Version: 1, Purpose: d.Purpose, Audience: d.Audience, Facts: d.Facts, Contents: d.Contents}
		for l, c := range d.Contents {
			document := ledger.NoticeDocument("e", n, l)
			var said struct {
				Locale   domain.Locale
				Contents domain.Contents
			}
			if err := json.Unmarshal(document, &said); err != nil || said.Locale != l || said.Contents != c {
				t.Errorf("%q says %+v (%v)", document, said, err)
			}
			if again := ledger.NoticeDocument("e", n, l); !bytes.Equal(document, again) {
				t.Errorf("it is written in two ways: %q, %q", document, again)
			}
		}
	})
}
