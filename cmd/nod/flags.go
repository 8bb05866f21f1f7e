package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

// flags makes a flag set that explains its command.
func flags(name, what string) *flag.FlagSet {
	f := flag.NewFlagSet("nod "+name, flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "nod %s: %s\n", name, what)
		f.PrintDefaults()
	}
	return f
}

// parse reads a command's options, and nothing else: a word too many is a slip that
// must not be passed over.
func parse(f *flag.FlagSet, args []string) error {
	var said bytes.Buffer
	f.SetOutput(&said)
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = os.Stdout.Write(said.Bytes())
		return err
	case err != nil:
		return fmt.Errorf("%w; %s -h tells the options", err, f.Name())
	case f.NArg() > 0:
		return fmt.Errorf("%q is one word too many; %s -h tells the options", f.Arg(0), f.Name())
	}
	return nil
}

// isTerminal reports whether somebody looks on: progress is told to nobody else.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
