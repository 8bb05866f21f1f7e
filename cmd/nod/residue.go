package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"nod/cmd/nod/residue"
)

func searchResidue(ctx context.Context, args []string) error {
	f := flags("residue", "search a built verify function for anything that a check leaves of an image, a name or an ID number; exit status 0 only if there is nothing")
	verify := f.String("verify", "dist/scf/verify/main", "the built function")
	db := f.String("db", "", "an empty PostgreSQL database to work in: postgres://... (needed; make residue brings one)")
	also := f.String("also", "", "folders to search at the end, as NAME=FOLDER with commas between: database=/var/lib/postgresql, for instance")
	runs := f.Int("runs", 24, "processes to start on each cloud; each tries every scenario once")
	file := f.String("report", "", "write the report here, as Markdown")
	if err := parse(f, args); err != nil {
		return err
	}
	switch {
	case runtime.GOOS != "linux":
		return errors.New("the memory of another process can be searched on Linux only")
	case !strings.HasPrefix(*db, "postgres"):
		return errors.New("-db must name a PostgreSQL database: a function in a cloud takes no other")
	case *runs < 1:
		return errors.New("-runs must be 1 or more")
	}
	path, err := filepath.Abs(*verify)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: build it with make build, or name it with -verify", err)
	}
	keys, err := newKeys()
	if err != nil {
		return err
	}
	clearEnvironment()
	fmt.Printf("Searching %s: %d processes on each cloud, every scenario in each\n", path, *runs)
	report, err := residue.Run(ctx, residue.Options{
		Verify: path, DB: *db, Keys: keys, Also: folders(*also), Runs: *runs, Progress: os.Stdout,
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(program)
	return publish(report, residue.Setting{
		Command: "make residue", Date: time.Now(), SHA256: hex.EncodeToString(sum[:]),
		Revision: buildSettings()["vcs.revision"],
	}, *file)
}

func folders(list string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(list, ",") {
		if name, dir, named := strings.Cut(pair, "="); named {
			all[name] = dir
		} else if pair != "" {
			all[pair] = pair
		}
	}
	return all
}

func publish(r residue.Report, s residue.Setting, file string) error {
	if file != "" {
		var text strings.Builder
		if err := errors.Join(r.Markdown(&text, s), os.WriteFile(file, []byte(text.String()), 0o644)); err != nil {
			return err
		}
		fmt.Println("The report is in", file)
	} else if err := r.Markdown(os.Stdout, s); err != nil {
		return err
	}
	if r.Left() > 0 {
		return residue.ErrResidue
	}
	fmt.Println("Nothing of any image, name or ID number is left.")
	return nil
}
