package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"nod/cmd/nod/demo"
	"nod/shared/runtime/serve"
)

func run(ctx context.Context, args []string) error {
	f := flags("run", "start Nod on this machine; NOD_... variables go before these options")
	dir := f.String("dir", "var", "folder for the database and the keys of this machine")
	withDemo := f.Bool("demo", true, "enter a demo enterprise at the first start, and serve its photos")
	verbose := f.Bool("v", false, "print the log here instead of into nod.log in the folder")
	if err := f.Parse(args); err != nil {
		return err
	}
	addr := os.Getenv("NOD_ADDR")
	if addr == "" {
		addr = "127.0.0.1:8080"
	}
	log, err := openLog(*dir, *verbose)
	if err != nil {
		return err
	}
	defer log.Close()
	l, err := startLocal(ctx, *dir, addr, log)
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	err = l.Serve(ctx, l.All(), serve.Options{Addr: l.Config.Addr, Started: func(net.Addr) {
		go func() { // requests to the server that has just begun to listen
			if err := l.welcome(ctx, *dir, *withDemo); err != nil {
				stop(err)
			}
		}()
	}})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// openLog is where the server's log goes: a file beside the database, so that the
// terminal stays readable.
func openLog(dir string, verbose bool) (*os.File, error) {
	if verbose {
		return os.Stderr, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(dir, "nod.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// welcome enters the demo enterprise at the first start and says what to do next.
func (l *local) welcome(ctx context.Context, dir string, withDemo bool) error {
	fmt.Printf("\nNod listens on %s and keeps its database, keys and log in %s/.\n", l.Config.PublicURL, dir)
	if l.FaceAPI != "" {
		fmt.Println("Faces are compared on this machine, for development: not calibrated, no liveness.")
	}
	if !withDemo {
		return nil
	}
	photos, err := demo.ServePhotos(ctx, "127.0.0.1:8090")
	if err != nil {
		return err
	}
	kept := filepath.Join(dir, "demo.json")
	tenant, err := readTenant(kept)
	if errors.Is(err, os.ErrNotExist) {
		tenant, err = demo.Enter(ctx, demo.Client{Base: l.Config.PublicURL}, string(l.Config.OperatorKey), photos)
		if err == nil {
			err = writeTenant(kept, tenant)
		}
	}
	if err != nil {
		return fmt.Errorf("demo enterprise: %w", err)
	}
	demo.NextSteps(os.Stdout, l.Config.PublicURL, photos, kept, tenant)
	return nil
}

func readTenant(path string) (t demo.Tenant, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(b, &t)
}

// writeTenant keeps the demo enterprise's keys, which Nod itself shows only once.
func writeTenant(path string, t demo.Tenant) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}
