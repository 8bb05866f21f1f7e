// Package outside has the parts of functions that keep something outside of the database.
// They are apart from the others because the client of an object storage is large, and
// begins to work when a process starts: no function has it that needs none.
package outside

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/timestamp"
	"nod/shared/objects"
	"nod/shared/tsa"
)

// Sequencing gives Records their places in the logs, and publishes checkpoints; Exporting
// is what it has of that, the place where bundles are kept.
var (
	Sequencing = boot.NewPart(config.Sequencing, sequencing)
	Exporting  = boot.NewPart(config.Exporting, exporting)
)

// exporting opens where bundles and checkpoints are kept.
func exporting(n *boot.Nod) error {
	c := n.Config
	store, err := objects.Open(c.Objects, objects.Credentials{ID: string(c.ObjectsID), Key: string(c.ObjectsKey), Token: string(c.ObjectsToken)})
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	n.Outside, n.API.Exports.Objects = store, store
	n.Timestamping = app.Timestamping{Stamps: n.Store, Outside: store, Every: time.Duration(c.TSAEvery), Log: n.API.Log}
	return nil
}

func sequencing(n *boot.Nod) error {
	if err := exporting(n); err != nil {
		return err
	}
	var seeds [][]byte
	for text := range strings.SplitSeq(string(n.Config.Checkpoints), ",") {
		seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("configuration: %s_CHECKPOINT_KEY is not 32 bytes in base64", config.Prefix)
		}
		seeds = append(seeds, seed)
	}
	notary, err := ledger.NewNotary(seeds...)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	n.Sequencing = app.Sequencing{
		Waiting: n.Store.Unsequenced, Log: func(id domain.ID) app.Sequence { return n.Store.Tenant(id) },
		Outside: n.Outside, Notary: notary, Origin: n.API.Auditor.Origin, Logger: n.API.Log,
	}
	return timestamping(n)
}

// timestamping knows the authority, if there is one.
func timestamping(n *boot.Nod) error {
	c := n.Config
	if c.TSA == "" {
		return nil
	}
	roots, err := timestamp.Roots(c.TSARoots)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	n.Timestamping.Authority = tsa.New(tsa.Options{URL: string(c.TSA), Roots: roots})
	return nil
}
