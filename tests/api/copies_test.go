package api

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/ledger"
)

// proves verifies a copy's Records as the person can, from the JSON alone: so many of them
// are proven to be in the log, and the others are promised to be.
func (w *world) proves(t *testing.T, copied object, want int) {
	t.Helper()
	var keys []string
	origin := ""
	if log, ok := copied["log"].(object); ok {
		origin = text(log, "origin")
		for _, k := range log["keys"].([]any) {
			keys = append(keys, k.(string))
		}
	}
	proven := 0
	for _, r := range listOf(copied, "records") {
		line, proof := text(r, "record"), text(r, "proof")
		if proof == "" {
			if c := w.promised(t, text(r, "promise")); c["leaf_hash"] != r["leaf_hash"] || !strings.Contains(line, `"id":"`+text(c, "record")) {
				t.Errorf("of %s the promise is %v", line, c)
			}
			continue
		}
		index, path, checkpoint := readProof(t, proof)
		head, err := ledger.OpenCheckpoint(origin, []byte(checkpoint), keys...)
		if err == nil {
			err = tlog.CheckRecord(path, head.Size, head.Root, index, tlog.RecordHash([]byte(line)))
		}
		if err != nil || r["promise"] != nil {
			t.Errorf("%s is proven by %s: %v", line, proof, err)
		}
		if tlog.CheckRecord(path, head.Size, head.Root, index, tlog.RecordHash([]byte(line+" "))) == nil {
			t.Errorf("what is not %s is proven as well", line)
		}
		proven++
	}
	if proven != want {
		t.Errorf("%d records of %d are proven, want %d", proven, len(listOf(copied, "records")), want)
	}
}

// readProof reads a C2SP tlog-proof.
func readProof(t *testing.T, proof string) (index int64, path []tlog.Hash, checkpoint string) {
	t.Helper()
	head, checkpoint, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	number, ok := strings.CutPrefix(lines[1], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if lines[0] != "c2sp.org/tlog-proof@v1" || !ok || err != nil {
		t.Fatalf("it is no proof: %s", proof)
	}
	for _, line := range lines[2:] {
		b, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(b) != tlog.HashSize {
			t.Fatalf("it has no hash %q: %s", line, proof)
		}
		path = append(path, tlog.Hash(b))
	}
	return index, path, checkpoint
}

// Who has come for years takes all of it in one answer of a bounded size, with a proof of
// each Record.
func TestD21_ALongCopyIsProvenAndSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	for range 100 {
		p.open().verify("a1").verdict("pass")
	}
	w.tick(t)
	p.open().verify("a1").verdict("pass") // has no place yet
	r := h.do(t, "GET", "/v1/me/copy", p.atHome().token, nil)
	v := r.ok(200)
	w.proves(t, v, 202)
	if records := listOf(v, "records"); len(records) != 204 || v["next"] != nil {
		t.Errorf("it has %d records, and goes on at %v", len(records), v["next"])
	}
	if each := len(r.body) / 204; each > 4_000 {
		t.Errorf("a record takes %d bytes: a thousand would not fit into an answer", each)
	}
}
