// Nod is the command: it runs everything on one machine, plays the whole job as a
// demonstration, migrates a database, makes keys and verifies what was exported.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // an enterprise's time zone is looked up where no zone files are
)

// command is one thing that nod does.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string) error
}

var commands = []command{
	{"run", "start Nod on this machine, with SQLite and the local face API", run},
	{"demo", "play the whole job on a server of its own and check every step", playDemo},
	{"residue", "search a built verify function for anything that a check leaves of an image", searchResidue},
	{"load", "play an exam morning, in which many are checked as fast as the vendor allows", playLoad},
	{"migrate", "bring the database NOD_DB to the schema this build needs", migrateDatabase},
	{"maintain", "do what is due in the database NOD_DB, once, as the timer does every minute", maintain},
	{"export", "have a bundle of an enterprise's records made and fetch it, with an auditor's key", exportBundle},
	{"keys", "make the keys that a deployment needs, as NOD_... lines", makeKeys},
	{"verify-export", "verify a bundle that was exported, on a machine without any network", verifyExport},
	{"config", "list the variables that configure Nod, and what they are set to", listConfig},
	{"version", "tell which build this is", version},
}

func main() {
	signal.Ignore(syscall.SIGPIPE) // who pipes into head sees an error of ours, and what is temporary goes
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	unheard := context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		fmt.Fprintln(os.Stderr, "\nEnding. Calls under way are finished first; press Ctrl-C again to end at once.")
	})
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	unheard() // who has ended by themselves are not told that they are ending
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "nod:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 2 && args[0] == "help" {
		args = []string{args[1], "-h"}
	}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(out)
		return nil
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, args[1:])
		}
	}
	usage(os.Stderr)
	return fmt.Errorf("there is no command %q", args[0])
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Nod asks first, has one face checked, and keeps nothing but the proof of consent.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  nod %-13s %s\n", c.name, c.help)
	}
	fmt.Fprint(w, "\nnod COMMAND -h tells a command's options; docs/integration.md has a first check in 15 minutes.\n")
}
