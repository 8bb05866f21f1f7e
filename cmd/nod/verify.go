package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"nod/shared/ledger/bundle"
	"nod/shared/ledger/timestamp"
)

// verifyExport is for whoever was handed a bundle: it needs the file and the key, and asks
// nobody.
func verifyExport(_ context.Context, args []string) error {
	f := flags("verify-export", "verify a bundle that was exported, without any network: nod verify-export bundle.zip --key VKEY; exit status 0 only if everything holds")
	var keys []string
	f.Func("key", "the key that the log's checkpoints verify with (name+id+key), or a file that holds such keys, one a line; may be given again (needed; it must come another way than the bundle)", func(s string) error {
		more, err := verifierKeys(s)
		keys = append(keys, more...)
		return err
	})
	checkpoint := f.String("checkpoint", "", "a file with a checkpoint of the same log that you kept: the bundle's log must contain it")
	var roots []byte
	f.Func("tsa-root", "a file with certificates (PEM) of whom timestamps are believed; may be given again; without one, timestamps are read and not verified", func(s string) error {
		raw, err := os.ReadFile(s)
		if err != nil {
			return err
		}
		_, err = timestamp.Roots(raw)
		roots = slices.Concat(roots, raw, []byte("\n"))
		return err
	})
	file, args := bundleIn(args)
	if err := parse(f, args); err != nil {
		return err
	}
	switch {
	case file == "":
		return errors.New("name the bundle: nod verify-export bundle.zip --key VKEY")
	case len(keys) == 0:
		return errors.New("--key is missing: the key must come another way than the bundle, for instance from the contract or from the operator's page")
	}
	var held []byte
	if *checkpoint != "" {
		var err error
		if held, err = os.ReadFile(*checkpoint); err != nil {
			return err
		}
		held = asSigned(held)
	}
	o := bundle.Options{Keys: keys, Checkpoint: held, Progress: progressOn(os.Stderr)}
	if len(roots) > 0 {
		var err error
		if o.TSARoots, err = timestamp.Roots(roots); err != nil {
			return err
		}
	}
	return verifyFile(file, o)
}

// asSigned is a checkpoint as it was signed, without what editors and shells do to the ends
// of lines: it ends in one line feed.
func asSigned(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return append(bytes.TrimRight(text, "\n"), '\n')
}

// bundleIn takes the bundle's name out of the arguments: it may stand before the options or
// behind them.
func bundleIn(args []string) (file string, rest []string) {
	option := func(s string) bool { return strings.HasPrefix(s, "-") }
	n := len(args) - 1
	switch {
	case n >= 0 && !option(args[0]):
		return args[0], args[1:]
	case n > 0 && !option(args[n]) && (!option(args[n-1]) || strings.Contains(args[n-1], "=")):
		return args[n], args[:n]
	}
	return "", args
}

// verifierKeys takes a key as it is, or reads a file of them.
func verifierKeys(s string) (keys []string, err error) {
	if strings.Count(s, "+") >= 2 {
		return []string{s}, nil
	}
	raw, err := os.ReadFile(s)
	if err != nil {
		return nil, errors.New("it is no key (name+id+key), and no file that can be read")
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" {
			keys = append(keys, line)
		}
	}
	return keys, nil
}

func verifyFile(name string, o bundle.Options) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	report, err := bundle.Verify(file, info.Size(), o)
	if o.Progress != nil {
		fmt.Fprint(os.Stderr, "\r     \r")
	}
	tellReport(os.Stdout, report)
	if err != nil {
		if fault, is := errors.AsType[*bundle.Fault](err); is {
			return fmt.Errorf("the bundle does not hold: %s", plain(fault.What))
		}
		return err
	}
	if report.Uncompared {
		fmt.Println("Everything in the bundle holds; the checkpoint that you hold is newer and was not compared with it.")
		return nil
	}
	fmt.Println("Everything holds.")
	return nil
}

func tellReport(w io.Writer, r bundle.Report) {
	for _, line := range r.Checked {
		fmt.Fprintln(w, "ok  ", plain(line))
	}
	for _, line := range r.Notes {
		fmt.Fprintln(w, "note", plain(line))
	}
	if r.WasReconciled {
		for _, line := range r.Sum() {
			fmt.Fprintln(w, "    ", line)
		}
	}
}

// plain is a sentence as a terminal shows it and does nothing else with: what a bundle says
// may stand in it, and nobody has vouched for that.
func plain(sentence string) string {
	var b strings.Builder
	for _, r := range sentence {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// progressOn tells the progress where somebody looks on; nil elsewhere.
func progressOn(terminal *os.File) func(done, total int64) {
	if !isTerminal(terminal) {
		return nil
	}
	const large = 64 << 20
	return func(done, total int64) {
		if total > large {
			fmt.Fprintf(terminal, "\r%3d %%", 100*done/total)
		}
	}
}
