package api

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// Whoever audits verifies the log with nothing of Nod but what it hands out: the lines
// make the tree that the checkpoint is over, and each is proven to be in it.
func TestTheLogIsProvenToWhoeverAudits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	get := func(path string) reply { return h.do(t, "GET", "/v1/log/"+path, h.auditor, nil) }
	get("checkpoint").refused(409, "not-in-log-yet")
	get("keys").refused(409, "not-in-log-yet")
	p := h.agreed()
	w.tick(t)
	p.verify("a1").verdict("pass")
	passed := text(h.recordsOf("check.passed")[0], "id")
	get("records/"+passed+"/proof").refused(409, "not-in-log-yet")
	early := get("checkpoint")
	if c := w.claims(t, text(p.seen(), "assertion")); text(c, "checkpoint") != string(early.body) {
		t.Errorf("the assertion carries %v, the log's last checkpoint is %s", c["checkpoint"], early.body)
	}
	w.tick(t)

	checkpoint := get("checkpoint")
	keys := get("keys").ok(200)
	origin := text(keys, "origin")
	if want := strings.TrimPrefix(w.base, "http://") + "/" + h.id; origin != want {
		t.Errorf("the log is called %q, want %q", origin, want)
	}
	var known []string
	for _, k := range keys["keys"].([]any) {
		known = append(known, k.(string))
	}
	head, err := ledger.OpenCheckpoint(origin, checkpoint.body, known...)
	if err != nil {
		t.Fatal(err)
	}
	before, err := ledger.OpenCheckpoint(origin, early.body, known...)
	if err != nil || before.Size >= head.Size {
		t.Errorf("the earlier checkpoint is over %d, %v", before.Size, err)
	}
	lines := h.lines()
	if int64(len(lines)) != head.Size {
		t.Fatalf("the checkpoint is over %d of %d lines", head.Size, len(lines))
	}
	width := tlog.Tile{H: 8, L: 0, N: 0, W: int(head.Size)}
	path := strings.TrimPrefix(width.Path(), "tile/8/0/")
	hashes, entries := get("tile/0/"+path).body, get("tile/entries/"+path).body
	var leaves []string
	for i := 0; len(entries) > 0; i++ {
		n := int(binary.BigEndian.Uint16(entries))
		line := entries[2 : 2+n]
		entries = entries[2+n:]
		leaves = append(leaves, ledger.LeafHash(line))
		if h := tlog.RecordHash(line); !bytes.Equal(h[:], hashes[i*32:(i+1)*32]) {
			t.Errorf("tile and line %d do not agree", i)
		}
	}
	g, err := ledger.Grow(0, nil, leaves)
	if err != nil || g.Root != head.Root {
		t.Errorf("the lines make another tree: %v, %v", g.Root, err)
	}

	v := get("records/" + passed + "/proof").ok(200)
	var proof []ledger.Hash
	for _, one := range v["hashes"].([]any) {
		b, _ := base64.StdEncoding.DecodeString(one.(string))
		proof = append(proof, ledger.Hash(b))
	}
	leaf, err := hex.DecodeString(text(v, "leaf_hash"))
	if err == nil {
		err = tlog.CheckRecord(proof, head.Size, head.Root, int64(v["index"].(float64)), tlog.Hash(leaf))
	}
	if err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(text(v, "proof"), "\n\n"+text(v, "checkpoint")) || text(v, "checkpoint") != string(checkpoint.body) {
		t.Errorf("the proof is %v", v)
	}
	for _, none := range []string{"tile/0/001", "tile/9/000", "tile/x", "tile/0/000", "tile/0/000.p/257", "tile/entries/000", "tile/data/000.p/1", "tile/0/0", "records/" + nobodys + "/proof"} {
		get(none).refused(404, "not-found")
	}
}

// Whoever decides gets a promise that is kept: by then the very line is in the log.
func TestAPromiseOfTheLogIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.visitor()
	answers := []object{p.decide("refused").ok(201), p.decide("granted").ok(201),
		p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)}
	w.tick(t)
	for _, a := range answers {
		c := w.promised(t, text(a, "promise"))
		id := text(c, "record")
		if id == "" || c["iss"] != w.base || c["placed_by"].(float64)-c["iat"].(float64) < 600 || c["placed_by"].(float64)-c["iat"].(float64) > 601 {
			t.Errorf("the promise is %v", c)
		}
		proof := h.do(t, "GET", "/v1/log/records/"+id+"/proof", h.auditor, nil).ok(200)
		if proof["leaf_hash"] != c["leaf_hash"] || !strings.HasPrefix(text(proof, "checkpoint"), text(c, "origin")+"\n") {
			t.Errorf("the promise is %v, and in the log is %v", c, proof)
		}
	}
	if n := len(h.recordsOf("consent.")); n != len(answers) {
		t.Errorf("%d decisions have %d promises", n, len(answers))
	}
}
