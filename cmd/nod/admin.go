package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"nod/shared/config"
	"nod/shared/store"
	"nod/shared/store/migrate"
)

func migrateDatabase(ctx context.Context, args []string) error {
	f := flags("migrate", "bring the database NOD_DB to the schema this build needs; running it again changes nothing")
	if err := parse(f, args); err != nil {
		return err
	}
	st, err := openDatabase()
	if err != nil {
		return err
	}
	defer st.Close()
	applied, err := migrate.Migration{Store: st, Tell: func(what string) { fmt.Println(what) }}.Up(ctx)
	for _, name := range applied {
		fmt.Println("applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Println("the schema is up to date")
	}
	return err
}

// openDatabase opens the database that the environment names.
func openDatabase() (*store.Store, error) {
	dsn := os.Getenv("NOD_DB")
	if dsn == "" {
		return nil, errors.New("NOD_DB is not set: name the database by sqlite:PATH or a postgres:// address")
	}
	return store.Open(dsn, store.Options{})
}

func makeKeys(_ context.Context, args []string) error {
	f := flags("keys", "make the keys that a deployment needs, as NOD_... lines; keep them as secrets")
	if err := parse(f, args); err != nil {
		return err
	}
	keys, err := newKeys()
	if err != nil {
		return err
	}
	for _, name := range keyOrder {
		fmt.Printf("%s=%s\n", name, keys[name])
	}
	return nil
}

func listConfig(_ context.Context, args []string) error {
	f := flags("config", "list the variables that configure Nod, and what the environment sets them to; secrets are not shown")
	if err := parse(f, args); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VARIABLE\tSET TO\tDEFAULT\tMEANING")
	for _, v := range config.Variables() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.Name, v.Shown(), v.Default, v.Meaning)
	}
	return w.Flush()
}

func version(_ context.Context, args []string) error {
	f := flags("version", "tell which build this is")
	if err := parse(f, args); err != nil {
		return err
	}
	of := buildSettings()
	fmt.Printf("nod of revision %s, %s, %s/%s\n", cmp.Or(of["vcs.revision"], "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if of["vcs.modified"] == "true" {
		fmt.Println("with changes that are not committed")
	}
	return nil
}

// buildSettings is what the go command noted of this build.
func buildSettings() map[string]string {
	of := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			of[s.Key] = s.Value
		}
	}
	return of
}
