package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
)

func maintain(ctx context.Context, args []string) error {
	f := flags("maintain", "do what is due in the database NOD_DB, once; a server started by nod run does it by itself every minute")
	if err := parse(f, args); err != nil {
		return err
	}
	st, err := openDatabase()
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Ready(ctx); err != nil {
		return err
	}
	faults := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	work := boot.Maintenance(st, faults)
	var log *app.Sequenced
	var stamped *app.Timestamped
	if os.Getenv("NOD_DATA_KEY") != "" {
		nod, err := withKeys(ctx)
		if err != nil {
			return err
		}
		defer nod.Store.Close()
		defer nod.API.Trace.Close()
		work = nod.Maintenance(faults)
		if sequences() {
			nod.Sequencing.Logger = faults
			placed, err := nod.Sequencing.Run(ctx)
			if err != nil {
				return err
			}
			log = &placed
			if stamped, err = timestamped(ctx, nod, faults); err != nil {
				return err
			}
		}
	}
	done, err := work.Run(ctx)
	return errors.Join(err, tellDone(done, log, stamped, work))
}

// timestamped has an authority timestamp the checkpoints, if there is one.
func timestamped(ctx context.Context, nod *boot.Nod, faults *slog.Logger) (*app.Timestamped, error) {
	if nod.Timestamping.Authority == nil {
		return nil, nil
	}
	nod.Timestamping.Log = faults
	done, err := nod.Timestamping.Run(ctx)
	return &done, err
}

// sequences reports whether it is told how checkpoints are signed, and where they go.
func sequences() bool { return os.Getenv("NOD_CHECKPOINT_KEY") != "" && os.Getenv("NOD_OBJECTS") != "" }

// withKeys wires what delivers webhooks, too, and what makes bundles if it is told where
// they are kept: anywhere else, nobody would find them.
func withKeys(ctx context.Context) (*boot.Nod, error) {
	parts := []boot.Part{boot.Signing}
	switch {
	case sequences():
		parts = append(parts, outside.Sequencing) // which keeps objects too
	case os.Getenv("NOD_OBJECTS") != "":
		parts = append(parts, outside.Exporting)
	}
	c, err := config.Load(boot.Needs(parts...)...)
	if err != nil {
		return nil, err
	}
	nod, err := boot.New(c, os.Stderr, parts...)
	if err != nil {
		return nil, err
	}
	if err := nod.API.Ready(ctx); err != nil {
		nod.Store.Close()
		return nil, err
	}
	return nod, nil
}

func tellDone(done app.Done, log *app.Sequenced, stamped *app.Timestamped, work app.Maintenance) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	if log != nil {
		fmt.Fprintf(w, "%d\tRecords have their place in the log\n", log.Placed)
		fmt.Fprintf(w, "%d\tcheckpoints were published\n", log.Signed)
		fmt.Fprintf(w, "%d\tlogs were left because of a fault\n", log.Stopped)
	}
	if stamped != nil {
		fmt.Fprintf(w, "%d\tcheckpoints were timestamped\n", stamped.Made)
		fmt.Fprintf(w, "%d\tcheckpoints could not be timestamped now\n", stamped.Failed)
	}
	for _, line := range []struct {
		n    int
		what string
	}{
		{done.Secrets, "sessions lost what they would have been compared with"},
		{done.Expired, "sessions have expired"},
		{done.Unknown, "checks ended without an outcome"},
		{done.Lapsed, "consents have lapsed"},
		{done.Answers, "kept answers were forgotten"},
		{done.Released, "consents, sessions and requests were deleted, after they were kept long enough"},
		{done.Erased, "people were erased, of whom nothing was left"},
		{done.Emptied, "closed enterprises have nobody left"},
		{done.HandOver, "closed enterprises have their last export made"},
		{done.Sent.Warned, "warnings were given"},
		{done.Sent.Delivered, "webhooks were delivered"},
		{done.Sent.Retried, "webhooks did not arrive and are tried again"},
		{done.Sent.Failed, "webhooks were given up"},
		{done.Exported.Ready, "bundles of records are ready"},
		{done.Exported.Gone, "bundles of records were deleted, after seven days"},
		{done.Exported.Failed, "bundles of records could not be made"},
		{done.Faults + done.Exported.Faults, "things were left because of a fault"},
	} {
		fmt.Fprintf(w, "%d\t%s\n", line.n, line.what)
	}
	if log == nil {
		fmt.Fprintln(w, "the log was left: it needs the keys, NOD_CHECKPOINT_KEY among them, and NOD_OBJECTS")
	}
	if work.Deliverer == nil {
		fmt.Fprintln(w, "webhooks were left: they need the keys, beginning with NOD_DATA_KEY")
	}
	if work.Exporter == nil {
		fmt.Fprintln(w, "bundles were left: they need the keys, and NOD_OBJECTS")
	}
	if done.Unheeded {
		fmt.Fprintln(w, "not all was looked at: run it again")
	}
	return w.Flush()
}
