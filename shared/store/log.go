package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
)

// This file gives Records their places in an enterprise's log, and keeps its tree. All of
// a step is one transaction: the places, the size that they bring the log to, which must
// still be the one that the step began with, and the tiles that follow from them. So there
// is never a place without its hash, and two who sequence at once cannot fork the log.

// Log reads how far an enterprise's log is. One that nobody has placed anything in is
// empty.
func (n *Tenant) Log(ctx context.Context) (l app.Log, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		l = app.Log{}
		n.readLog(t, &l, "")
		return t.flush(ctx)
	})
	return l, err
}

func (n *Tenant) readLog(t *tx, l *app.Log, lock string) {
	t.query(each(func(scan func(...any) error) error {
		var root string
		err := scan(&l.Size, &root, &l.Published, &l.Checkpoint, &l.Keys, &l.Stamped)
		if err == nil && root != "" {
			err = fromHex(root, &l.Root)
		}
		return err
	}), `SELECT size, root, published, checkpoint, keys, stamped FROM logs WHERE enterprise = ?`+lock, n.id)
}

func (n *Tenant) readCheckpoint(t *tx, checkpoint *string) {
	t.query(each(func(scan func(...any) error) error { return scan(checkpoint) }), `SELECT checkpoint FROM logs WHERE enterprise = ?`, n.id)
}

func fromHex(text string, h *ledger.Hash) error {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("store: %q is no hash", text)
	}
	*h = ledger.Hash(b)
	return nil
}

// unplaced is what waits for its place, in an order in which everybody's Records follow
// the ones before: their times never go back, and those of one instant are told apart by
// their place in the chain. Records that were committed late are there as any other.
const unplaced = `SELECT id, leaf FROM records WHERE enterprise = ? AND place = -1 ORDER BY at, subject_seq, id LIMIT ?`

// Place gives so many Records their places, and tells how many it were. When it returns,
// that is durable.
func (n *Tenant) Place(ctx context.Context, limit int) (placed int, err error) {
	err = n.store.transact(ctx, writing, func(t *tx) error {
		placed = 0
		t.exec(`INSERT INTO logs (enterprise, size, root, published, checkpoint, keys, placed_at) VALUES (?, 0, '', 0, '', '', 0)
			ON CONFLICT DO NOTHING`, n.id)
		var l app.Log
		n.readLog(t, &l, t.store.engine.lock())
		var ids, leaves []string
		t.query(each(func(scan func(...any) error) error {
			var id, leaf string
			err := scan(&id, &leaf)
			ids, leaves = append(ids, id), append(leaves, leaf)
			return err
		}), unplaced, n.id, limit)
		if err := t.flush(ctx); err != nil || len(ids) == 0 {
			return err
		}
		edge, err := n.edge(ctx, t, l.Size)
		if err != nil {
			return err
		}
		g, err := ledger.Grow(l.Size, edge, leaves)
		if err != nil {
			return err
		}
		for i, id := range ids {
			t.exec(`UPDATE records SET place = ? WHERE enterprise = ? AND id = ? AND place = -1`, l.Size+int64(i), n.id, id)
		}
		for _, tile := range g.Tiles {
			t.exec(`INSERT INTO log_tiles (enterprise, level, n, hashes) VALUES (?, ?, ?, ?)
				ON CONFLICT (enterprise, level, n) DO UPDATE SET hashes = excluded.hashes`, n.id, tile.Level, tile.N, tile.Hashes)
		}
		moved := false
		t.query(each(func(scan func(...any) error) error { moved = true; var size int64; return scan(&size) }),
			`UPDATE logs SET size = ?, root = ?, placed_at = `+t.now+` WHERE enterprise = ? AND size = ? RETURNING size`,
			g.Size, hex.EncodeToString(g.Root[:]), n.id, l.Size)
		if err := t.flush(ctx); err != nil {
			return err
		}
		if !moved {
			return errors.New("store: the log has moved on meanwhile")
		}
		placed = len(ids)
		return nil
	})
	return placed, err
}

// edge reads the tiles that are not full.
func (n *Tenant) edge(ctx context.Context, t *tx, size int64) (tiles []ledger.Tile, err error) {
	for _, id := range ledger.Edge(size) {
		n.readTile(t, id, func(hashes []byte) { tiles = append(tiles, ledger.Tile{Level: id.Level, N: id.N, Hashes: hashes}) })
	}
	return tiles, t.flush(ctx)
}

func (n *Tenant) readTile(t *tx, id ledger.TileID, take func([]byte)) {
	t.query(each(func(scan func(...any) error) error {
		var hashes []byte
		err := scan(&hashes)
		take(hashes)
		return err
	}), `SELECT hashes FROM log_tiles WHERE enterprise = ? AND level = ? AND n = ?`, n.id, id.Level, id.N)
}

// Tiles reads tiles of the tree, each as wide as is asked for; domain.NoSuchThing if one
// is not there, or not so wide.
func (n *Tenant) Tiles(ctx context.Context, want []tlog.Tile) (list [][]byte, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = make([][]byte, len(want))
		for i, tile := range want {
			n.readTile(t, ledger.TileID{Level: tile.L, N: tile.N}, func(hashes []byte) { list[i] = hashes })
		}
		return t.flush(ctx)
	})
	for i, tile := range want {
		if err == nil && len(list[i]) < tile.W*tlog.HashSize {
			return nil, ErrNotFound
		}
		if err == nil {
			list[i] = list[i][:tile.W*tlog.HashSize]
		}
	}
	return list, err
}

// Lines reads the lines at places in the log, in order, from a place on.
func (n *Tenant) Lines(ctx context.Context, from int64, limit int) (lines []string, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		lines = nil
		t.query(each(func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			lines = append(lines, line)
			return err
		}), `SELECT line FROM records WHERE enterprise = ? AND place >= ? AND place >= 0 ORDER BY place LIMIT ?`, n.id, from, limit)
		return t.flush(ctx)
	})
	return lines, err
}

// PlaceOf is where a Record is in the log, -1 if it waits for its place, with its leaf
// hash; domain.NoSuchThing if there is no such Record.
func (n *Tenant) PlaceOf(ctx context.Context, record domain.ID) (place int64, leaf string, err error) {
	found := false
	err = n.store.transact(ctx, reading, func(t *tx) error {
		found = false
		t.query(each(func(scan func(...any) error) error { found = true; return scan(&place, &leaf) }),
			`SELECT place, leaf FROM records WHERE enterprise = ? AND id = ?`, n.id, record)
		return t.flush(ctx)
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return place, leaf, err
}

// Published writes down that a checkpoint was published. An older one than is known
// changes nothing.
func (n *Tenant) Published(ctx context.Context, size int64, checkpoint, keys string) error {
	return n.store.transact(ctx, writing, func(t *tx) error {
		t.exec(`UPDATE logs SET published = ?, checkpoint = ?, keys = ? WHERE enterprise = ? AND (published < ? OR checkpoint = '') AND size >= ?`,
			size, checkpoint, keys, n.id, size, size)
		return t.flush(ctx)
	})
}

// Unsequenced lists enterprises of which something waits: a Record for its place, or the
// log for its checkpoint; those behind a cursor.
func (s *Store) Unsequenced(ctx context.Context, after domain.ID, limit int) (list []domain.ID, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		t.query(each(func(scan func(...any) error) error {
			var id domain.ID
			err := scan(&id)
			list = append(list, id)
			return err
		}), unsequenced, after, after, limit)
		return t.flush(ctx)
	})
	return list, err
}

// Each of the two walks an index that holds nothing else from one enterprise to the next.
var unsequenced = strings.Join(strings.Fields(`
	WITH RECURSIVE waiting (id) AS (
		SELECT COALESCE((SELECT min(enterprise) FROM records WHERE place = -1 AND enterprise > ?), '')
		UNION ALL
		SELECT COALESCE((SELECT min(r.enterprise) FROM records r WHERE r.place = -1 AND r.enterprise > waiting.id), '')
			FROM waiting WHERE waiting.id <> ''
	)
	SELECT id FROM (
		SELECT id FROM waiting WHERE id <> ''
		UNION SELECT enterprise FROM logs WHERE published < size AND enterprise > ?
	) both_kinds ORDER BY id LIMIT ?`), " ")
