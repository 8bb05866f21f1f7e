package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"nod/cmd/nod/load"
)

func playLoad(ctx context.Context, args []string) error {
	f := flags("load", "play an exam morning: many people begin within minutes and are checked as fast as the vendor allows; exit status 0 only if every promise was kept")
	o := load.Options{Progress: os.Stdout, Live: isTerminal(os.Stdout)}
	f.StringVar(&o.DB, "db", "", "an empty PostgreSQL database to work in: postgres://... (needed; make load brings one)")
	f.IntVar(&o.People, "people", 100_000, "people of the enterprise that has its exam")
	f.IntVar(&o.Small, "small", 0, "people of a smaller enterprise, in the same minutes (0: one for fifty of the other)")
	f.DurationVar(&o.Within, "within", 10*time.Minute, "time within which all of them mean to begin")
	f.Uint64Var(&o.Seed, "seed", 1, "draws when each of them begins; the same seed, the same morning")
	f.IntVar(&o.Rate, "rate", 50, "calls a second that the vendor allows")
	f.DurationVar(&o.Answer, "answer", 800*time.Millisecond, "time that the vendor takes to answer")
	f.IntVar(&o.Instances, "instances", 100, "most instances of each of two functions, the one of the pages and verify")
	f.IntVar(&o.Connections, "connections", 1, "database connections of an instance")
	f.DurationVar(&o.Cold, "cold", 300*time.Millisecond, "time that an instance takes to start")
	f.DurationVar(&o.Limit, "limit", 2*time.Hour, "time after which the run ends, whoever still waits")
	file := f.String("report", "load.html", "write the report here, as one HTML file")
	if err := parse(f, args); err != nil {
		return err
	}
	if o.Small == 0 {
		o.Small = max(1, o.People/50)
	}
	switch {
	case !strings.HasPrefix(o.DB, "postgres"):
		return errors.New("-db must name a PostgreSQL database: a function in a cloud takes no other")
	case o.People < 1 || o.Small < 1 || o.Rate < 1 || o.Instances < 1 || o.Connections < 1:
		return errors.New("-people, -small, -rate, -instances and -connections must be 1 or more")
	case o.Within < 0 || o.Answer < 0 || o.Cold < 0 || o.Limit <= 0:
		return errors.New("-within, -answer, -cold and -limit must be times")
	}
	objects, err := os.MkdirTemp("", "nod-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(objects)
	o.Objects = objects
	result, err := load.Run(ctx, o)
	if err != nil {
		return err
	}
	return publishLoad(result, "nod load "+withoutDatabase(args), *file)
}

// withoutDatabase is a command line that can be shown: a database's name may hold a password.
func withoutDatabase(args []string) string {
	var shown []string
	for n, a := range args {
		named := strings.HasPrefix(a, "-db") || strings.HasPrefix(a, "--db")
		if !named && (n == 0 || strings.TrimLeft(args[n-1], "-") != "db") {
			shown = append(shown, a)
		}
	}
	return strings.Join(shown, " ")
}

func publishLoad(r *load.Result, command, file string) error {
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := errors.Join(r.Report(w, command, time.Now()), w.Close()); err != nil {
		return err
	}
	fmt.Println()
	for _, p := range r.Promises() {
		word := "kept  "
		if !p.Kept {
			word = "BROKEN"
		}
		fmt.Printf("%s  %s: %s\n", word, p.Name, p.Found)
	}
	fmt.Println("The report is in", file)
	return r.Broken()
}
