package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"nod/shared/boot"
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
	faults := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})
	done, err := boot.Maintenance(st, slog.New(faults)).Run(ctx)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
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
		{done.Faults, "things were left because of a fault"},
	} {
		fmt.Fprintf(w, "%d\t%s\n", line.n, line.what)
	}
	if done.Unheeded {
		fmt.Fprintln(w, "not all was looked at: run it again")
	}
	return errors.Join(err, w.Flush())
}
