package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// placed enters a person's lines in their copy, each with what proves that the log has it:
// they need nobody's word for that, and no key of anybody's to ask.
func (l Me) placed(ctx context.Context, enterprise domain.ID, lines []ChainLine, v *Copy) error {
	log := l.Log(enterprise)
	head, err := log.Log(ctx)
	if err != nil {
		return err
	}
	proofs := map[int64]string{}
	if head.Checkpoint != "" {
		v.Log = &LogKeys{Origin: l.Origin(enterprise), Keys: strings.Split(head.Keys, "\n")}
		if proofs, err = proofTexts(ctx, log, head, lines); err != nil {
			return err
		}
	}
	for _, x := range lines {
		r := RecordCopy{Record: x.Line, LeafHash: ledger.LeafHash([]byte(x.Line)), Proof: proofs[x.Place]}
		if r.Proof == "" {
			if r.Promise, err = l.promiseOf(r); err != nil {
				return err
			}
		}
		v.Records = append(v.Records, r)
	}
	return nil
}

// proofTexts are the proofs of those lines that the published checkpoint is over, by their
// places.
func proofTexts(ctx context.Context, log LogReader, head Log, lines []ChainLine) (map[int64]string, error) {
	var places []int64
	for _, x := range lines {
		if x.Place >= 0 && x.Place < head.Published {
			places = append(places, x.Place)
		}
	}
	paths, err := prove(ctx, log, head, places)
	if err != nil {
		return nil, err
	}
	texts := map[int64]string{}
	for i, place := range places {
		texts[place] = ledger.ProofText(place, paths[i], head.Checkpoint)
	}
	return texts, nil
}

// promiseOf signs that a line that waits will have its place, as its writing did.
func (l Me) promiseOf(r RecordCopy) (string, error) {
	var line struct {
		ID, Enterprise domain.ID
		At             time.Time
	}
	if err := json.Unmarshal([]byte(r.Record), &line); err != nil {
		return "", err
	}
	return l.promise(ledger.Entry{Leaf: r.LeafHash, Record: &domain.Record{ID: line.ID, Enterprise: line.Enterprise, At: line.At}}), nil
}
