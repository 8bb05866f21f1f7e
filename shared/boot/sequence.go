package boot

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/objects"
	"nod/shared/store"
)

// Sequencing gives Records their places in a store's logs and publishes checkpoints.
func Sequencing(c config.Config, st *store.Store, outside *objects.Store, log *slog.Logger) (s app.Sequencing, err error) {
	var seeds [][]byte
	for text := range strings.SplitSeq(string(c.Checkpoints), ",") {
		seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return s, fmt.Errorf("configuration: %s_CHECKPOINT_KEY is not 32 bytes in base64", config.Prefix)
		}
		seeds = append(seeds, seed)
	}
	notary, err := ledger.NewNotary(seeds...)
	if err != nil {
		return s, fmt.Errorf("configuration: %w", err)
	}
	return app.Sequencing{
		Waiting: st.Unsequenced, Log: func(id domain.ID) app.Sequence { return st.Tenant(id) }, Outside: outside, Notary: notary,
		Origin: func(id domain.ID) string { return ledger.Origin(c.PublicURL, string(id)) }, Logger: log,
	}, nil
}

// sequenceWithin is the part of a run's time that sequencing may take, so that it and what
// somebody's privacy waits for both have their turn every minute.
const sequenceWithin = 25 * time.Second

// sequence is one run of the timer, of which the rest follows.
func (n *Nod) sequence(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sequenceWithin)
	defer cancel()
	_, err := n.sequencing.Run(ctx)
	return err
}
