package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// sample is one Record of the person whose check was real.
type sample struct{ Type, Purpose, Line string }

// row is a Record as the table has it.
type row struct {
	id, kind, purpose, subject, leaf, line string
	at                                     time.Time
	seq                                    int64
}

// copied writes what the samples would be for a next person: ids, time, salted commitment
// and the hash of the Record before are that person's own.
func (w *world) copied(at time.Time) (rows []row) {
	w.people++
	prev := ""
	own := map[string]string{} // by what stands in the samples
	for i, s := range w.samples {
		var l struct{ ID, Subject, Session, At, Prev string }
		w.must(json.Unmarshal([]byte(s.Line), &l))
		own[l.ID] = id(at, w.people, i)
		own[l.Session] = id(at, w.people, 99)
		own[l.Subject] = scrambled("subject", w.people)[:len(l.Subject)]
		now := at.Add(time.Duration(i) * time.Millisecond)
		pairs := []string{l.At, ledger.Instant(now)}
		for from, to := range own {
			if from != "" {
				pairs = append(pairs, from, to)
			}
		}
		if l.Prev != "" {
			pairs = append(pairs, l.Prev, prev)
		}
		if _, rest, found := strings.Cut(s.Line, `"subject_commitment":"`); found {
			pairs = append(pairs, rest[:64], scrambled("commitment", w.people))
		}
		line := strings.NewReplacer(pairs...).Replace(s.Line)
		prev = ledger.LeafHash([]byte(line))
		rows = append(rows, row{id: own[l.ID], kind: s.Type, purpose: s.Purpose, subject: own[l.Subject], leaf: prev, line: line, at: now, seq: int64(i + 1)})
	}
	return rows
}

// id is a UUIDv7 of an instant.
func id(at time.Time, person int64, n int) string {
	rest := scrambled(fmt.Sprint("id", n), person)
	ms := fmt.Sprintf("%012x", at.UnixMilli())
	return ms[:8] + "-" + ms[8:] + "-7" + rest[:3] + "-8" + rest[3:6] + "-" + rest[6:18]
}

func scrambled(what string, person int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", what, person))
	return hex.EncodeToString(sum[:])
}

// tree is the log's tree as it is written beside the Records that have their place.
type tree struct {
	size  int64
	root  ledger.Hash
	tiles map[ledger.TileID]ledger.Tile
}

// add adds Records, as whoever copies the samples left them: with places and tiles as if
// they had been sequenced, or without. Lines that nobody reads may be left out.
func (w *world) add(records int, placed, lines bool) {
	w.tb.Helper()
	if w.log.tiles == nil {
		w.begin()
	}
	begin := time.Now().Add(-24 * time.Hour)
	const atOnce = 50_000
	for left := records; left > 0; left -= min(left, atOnce) {
		var rows []row
		for len(rows) < min(left, atOnce) {
			rows = append(rows, w.copied(begin.Add(time.Duration(w.people)*5*time.Millisecond))...)
		}
		w.write(rows[:min(left, atOnce)], placed, lines)
	}
	if placed {
		w.keepTree()
	}
	_, err := w.db.Exec(w.ctx(), `ANALYZE records`)
	w.must(err)
}

// addAt adds Records of an instant that wait for their places.
func (w *world) addAt(at time.Time, records int) {
	w.tb.Helper()
	var rows []row
	for len(rows) < records {
		rows = append(rows, w.copied(at)...)
	}
	w.write(rows[:records], false, true)
}

// write writes rows, over a connection of its own.
func (w *world) write(rows []row, placed, lines bool) {
	w.tb.Helper()
	db, err := pgx.Connect(w.ctx(), w.dsn)
	w.must(err)
	defer db.Close(w.ctx())
	first := w.log.size
	if placed {
		w.grow(rows)
	}
	_, err = db.CopyFrom(w.ctx(), pgx.Identifier{"records"}, []string{"enterprise", "id", "type", "at", "purpose", "subject", "subject_seq", "leaf", "line", "place"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r, place, line := rows[i], int64(-1), rows[i].line
			if placed {
				place = first + int64(i)
			}
			if !lines {
				line = "{}"
			}
			return []any{w.tenant.Enterprise, r.id, r.kind, r.at.UnixMilli(), r.purpose, r.subject, r.seq, r.leaf, line, place}, nil
		}))
	w.must(err)
}

// begin has all that is there so far sequenced, and reads the tree.
func (w *world) begin() {
	w.tb.Helper()
	w.sequence()
	l, err := w.nod.Store.Tenant(domain.ID(w.tenant.Enterprise)).Log(w.ctx())
	w.must(err)
	w.log = tree{l.Size, l.Root, map[ledger.TileID]ledger.Tile{}}
	for _, id := range ledger.Edge(l.Size) {
		t := ledger.Tile{Level: id.Level, N: id.N}
		w.must(w.db.QueryRow(w.ctx(), `SELECT hashes FROM log_tiles WHERE enterprise = $1 AND level = $2 AND n = $3`,
			w.tenant.Enterprise, id.Level, id.N).Scan(&t.Hashes))
		w.log.tiles[id] = t
	}
}

func (w *world) grow(rows []row) {
	w.tb.Helper()
	var edge []ledger.Tile
	for _, id := range ledger.Edge(w.log.size) {
		edge = append(edge, w.log.tiles[id])
	}
	leaves := make([]string, len(rows))
	for i, r := range rows {
		leaves[i] = r.leaf
	}
	g, err := ledger.Grow(w.log.size, edge, leaves)
	w.must(err)
	w.log.size, w.log.root = g.Size, g.Root
	for _, t := range g.Tiles {
		w.log.tiles[ledger.TileID{Level: t.Level, N: t.N}] = t
	}
}

func (w *world) keepTree() {
	w.tb.Helper()
	_, err := w.db.Exec(w.ctx(), `DELETE FROM log_tiles WHERE enterprise = $1`, w.tenant.Enterprise)
	w.must(err)
	var tiles []ledger.Tile
	for _, t := range w.log.tiles {
		tiles = append(tiles, t)
	}
	_, err = w.db.CopyFrom(w.ctx(), pgx.Identifier{"log_tiles"}, []string{"enterprise", "level", "n", "hashes"},
		pgx.CopyFromSlice(len(tiles), func(i int) ([]any, error) {
			return []any{w.tenant.Enterprise, tiles[i].Level, tiles[i].N, tiles[i].Hashes}, nil
		}))
	w.must(err)
	_, err = w.db.Exec(w.ctx(), `UPDATE logs SET size = $2, root = $3 WHERE enterprise = $1`, w.tenant.Enterprise, w.log.size, hex.EncodeToString(w.log.root[:]))
	w.must(err)
}

// sequence gives all that waits its place, and has the checkpoint published.
func (w *world) sequence() (placed int) {
	w.tb.Helper()
	done, err := w.nod.Sequencing.Run(w.ctx())
	if err != nil || done.Stopped > 0 || done.Unheeded {
		w.tb.Fatalf("sequencing: %+v, %v", done, err)
	}
	return done.Placed
}
