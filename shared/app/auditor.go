package app

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Auditor is what proves the log to somebody who trusts nobody: checkpoints, tiles and
// inclusion proofs. What it hands out holds pseudonyms and hashes, and nobody's id.
type Auditor struct {
	Log    func(domain.ID) LogReader
	Origin func(domain.ID) string
}

// LogReader is the log of one enterprise, as it is read.
type LogReader interface {
	Log(ctx context.Context) (Log, error)
	// Tiles are as wide as is asked for; domain.NoSuchThing if one is not there.
	Tiles(ctx context.Context, want []tlog.Tile) ([][]byte, error)
	// Lines are those at places, in order, from a place on.
	Lines(ctx context.Context, from int64, limit int) ([]string, error)
	// PlaceOf is where a Record is, -1 if it waits for its place.
	PlaceOf(ctx context.Context, record domain.ID) (place int64, leaf string, err error)
}

// LogKeys are the keys that check an enterprise's checkpoints, as signed notes spell them.
type LogKeys struct {
	Origin string   `json:"origin"`
	Keys   []string `json:"keys"`
}

// Checkpoint is the last one that was published; domain.NotInLog before the first.
func (a Auditor) Checkpoint(ctx context.Context, call Call) (string, error) {
	l, err := a.published(ctx, call)
	return l.Checkpoint, err
}

func (a Auditor) published(ctx context.Context, call Call) (Log, error) {
	l, err := a.Log(call.Key.Enterprise).Log(ctx)
	if err == nil && l.Checkpoint == "" {
		err = notYet()
	}
	return l, err
}

// notYet says that the timer has not come by since.
func notYet() error {
	return &domain.Refusal{Reason: domain.NotInLog, RetryAfter: domain.PlacedWithin / 10}
}

// Keys tells by what the checkpoints are checked. Whoever audits compares them with what
// they were told in another way.
func (a Auditor) Keys(ctx context.Context, call Call) (LogKeys, error) {
	l, err := a.published(ctx, call)
	if err != nil {
		return LogKeys{}, err
	}
	return LogKeys{Origin: a.Origin(call.Key.Enterprise), Keys: strings.Split(l.Keys, "\n")}, nil
}

// Tile is a tile of the log by its path in C2SP tlog-tiles, without the "tile/" in front:
// hashes of the tree ("0/x001/234.p/5"), or the lines themselves ("entries/x001/234"),
// each with its length in two bytes in front.
func (a Auditor) Tile(ctx context.Context, call Call, path string) ([]byte, error) {
	lines := strings.HasPrefix(path, "entries/")
	if lines {
		path = "data" + strings.TrimPrefix(path, "entries")
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", ledger.TileHeight, path))
	if err != nil || lines != (t.L == -1) || t.N > farthest {
		return nil, domain.Refuse(domain.NoSuchThing)
	}
	log := a.Log(call.Key.Enterprise)
	if lines {
		return entries(ctx, log, t)
	}
	list, err := log.Tiles(ctx, []tlog.Tile{t})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// farthest is the last tile that has places: behind it their numbers would begin again.
const farthest = math.MaxInt64>>ledger.TileHeight - 1

// entries is a tile of lines.
func entries(ctx context.Context, log LogReader, t tlog.Tile) (b []byte, err error) {
	lines, err := log.Lines(ctx, t.N<<ledger.TileHeight, t.W)
	if err != nil {
		return nil, err
	}
	if len(lines) < t.W {
		return nil, domain.Refuse(domain.NoSuchThing)
	}
	for _, line := range lines {
		if len(line) > 1<<16-1 {
			return nil, fmt.Errorf("a line has %d bytes, more than a tile can tell", len(line))
		}
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(line))), line...)
	}
	return b, nil
}

// ProofView proves that a Record is in the log, to whoever has its line and the keys.
type ProofView struct {
	Record     domain.ID `json:"record"`
	LeafHash   string    `json:"leaf_hash"`
	Index      int64     `json:"index"`
	Size       int64     `json:"size"`
	Hashes     []string  `json:"hashes"` // base64, from the leaf up (RFC 6962 section 2.1.1)
	Checkpoint string    `json:"checkpoint"`
	Proof      string    `json:"proof"` // all of it as one text (C2SP tlog-proof)
}

// prove makes the inclusion proofs of places under the checkpoint that was published, in
// their order.
func prove(ctx context.Context, log LogReader, l Log, places []int64) ([][]ledger.Hash, error) {
	tiles := func(want []tlog.Tile) ([][]byte, error) { return log.Tiles(ctx, want) }
	root, err := ledger.RootAt(l.Head, l.Published, tiles)
	if err != nil {
		return nil, err
	}
	return ledger.Prove(ledger.Head{Size: l.Published, Root: root}, places, tiles)
}

// Proof makes the inclusion proof of a Record in the last checkpoint; domain.NotInLog
// if it waits for its place there.
func (a Auditor) Proof(ctx context.Context, call Call, record domain.ID) (v ProofView, err error) {
	log := a.Log(call.Key.Enterprise)
	place, leaf, err := log.PlaceOf(ctx, record)
	if err != nil {
		return v, err
	}
	l, err := a.published(ctx, call)
	if err != nil {
		return v, err
	}
	if place < 0 || place >= l.Published {
		return v, notYet()
	}
	paths, err := prove(ctx, log, l, []int64{place})
	if err != nil {
		return v, err
	}
	path := paths[0]
	v = ProofView{Record: record, LeafHash: leaf, Index: place, Size: l.Published, Hashes: []string{}, Checkpoint: l.Checkpoint,
		Proof: ledger.ProofText(place, path, l.Checkpoint)}
	for _, h := range path {
		v.Hashes = append(v.Hashes, base64.StdEncoding.EncodeToString(h[:]))
	}
	return v, nil
}
