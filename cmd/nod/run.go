package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"

	"nod/cmd/nod/demo"
	"nod/cmd/nod/demo/lms"
	"nod/shared/domain"
	"nod/shared/runtime/serve"
)

const defaultAddr = "127.0.0.1:8080"

func run(ctx context.Context, args []string) error {
	f := flags("run", "start Nod on this machine; NOD_... variables go before these options (NOD_ADDR=HOST:PORT sets where it listens; nod config lists them all)")
	dir := f.String("dir", "var", "folder for the database, the keys and the log of this machine")
	withDemo := f.Bool("demo", true, "enter a demo enterprise at the first start, and serve its learning platform")
	platform := f.String("platform", "", "origin of a platform of your own that may show the demo enterprises' checks, such as http://127.0.0.1:7788")
	verbose := f.Bool("v", false, "print the log here instead of into nod.log in the folder")
	if err := parse(f, args); err != nil {
		return err
	}
	home, err := openFolder(*dir)
	if err != nil {
		return err
	}
	defer home.Close()
	log, err := openLog(home, *verbose)
	if err != nil {
		return err
	}
	defer log.Close()
	listener, addr, err := listen()
	if err != nil {
		return err
	}
	l, err := startLocal(ctx, home, addr, log)
	if err != nil {
		if listener != nil {
			listener.Close()
		}
		return err
	}
	defer l.Close()
	return l.serve(ctx, listener, func(ctx context.Context) error { return l.welcome(ctx, home, *withDemo, *platform) })
}

// listen takes the address that Nod is to be reached at, before anything is wired for
// it. What is no address is left to the configuration, which names all faults at once.
func listen() (net.Listener, string, error) {
	addr := os.Getenv("NOD_ADDR")
	if addr == "" {
		addr = defaultAddr
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, addr, nil
	}
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, "", fmt.Errorf("%s is in use, by another Nod or another program: choose another address, for example NOD_ADDR=127.0.0.1:8181 make run", addr)
	case err != nil:
		return nil, "", err
	}
	return listener, listener.Addr().String(), nil
}

// serve runs the server, and beside it what a timer does elsewhere, and welcome once it
// listens.
func (l *local) serve(ctx context.Context, listener net.Listener, welcome func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var beside sync.WaitGroup
	beside.Go(func() { l.KeepMaintained(ctx) })
	err := l.Nod.Serve(ctx, l.All(), serve.Options{Listener: listener, Started: func(net.Addr) {
		beside.Go(func() { // requests to the server that has just begun to listen
			if err := welcome(ctx); err != nil {
				stop(err)
			}
		})
	}})
	stop(nil)
	beside.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// openLog is where the server's log goes: a file beside the database, so that the
// terminal stays readable.
func openLog(f *folder, verbose bool) (io.WriteCloser, error) {
	if verbose {
		return struct {
			io.Writer
			io.Closer
		}{os.Stderr, io.NopCloser(nil)}, nil
	}
	return os.OpenFile(f.file("nod.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// welcome enters the demo enterprises at the first start and says what to do next.
func (l *local) welcome(ctx context.Context, f *folder, withDemo bool, platform string) error {
	fmt.Printf("\nNod listens on %s\n", l.base)
	if l.Config.PublicURL != l.base {
		fmt.Printf("for %s,\n", l.Config.PublicURL)
	}
	if f.has(databaseFile) {
		fmt.Printf("and keeps its database, keys and log in %s/.\n", f.path)
	} else {
		fmt.Printf("and keeps its keys and log in %s/, the rest in the database NOD_DB.\n", f.path)
	}
	if l.FaceAPI != "" {
		fmt.Println("Faces are compared on this machine, for development: not calibrated, no liveness.")
	}
	if !withDemo {
		return nil
	}
	listener, err := lms.Listen(defaultLMS)
	if err != nil {
		return err
	}
	origin := "http://" + listener.Addr().String()
	tenant, err := l.tenants(ctx, f, origin, platform)
	if err != nil {
		listener.Close()
		return fmt.Errorf("demo enterprise: %w", err)
	}
	lms.Serve(ctx, listener, lms.Nod{
		URL: l.Config.PublicURL, Key: tenant.Integrator, Enterprise: tenant.Enterprise, Mode: string(domain.Live),
	})
	demo.NextSteps(os.Stdout, l.Config.PublicURL, f.file(demoFile), f.file(testFile), tenant)
	return nil
}

// tenants are the demo enterprise and the one with scripted outcomes, with the platforms
// that may show their checks.
func (l *local) tenants(ctx context.Context, f *folder, origin, platform string) (live demo.Tenant, err error) {
	for _, mode := range []domain.Mode{domain.Test, domain.Live} {
		name := map[domain.Mode]string{domain.Live: demoFile, domain.Test: testFile}[mode]
		if live, err = l.tenant(ctx, f, name, mode, origin); err != nil {
			return live, err
		}
		if platform == "" {
			continue
		}
		if err := demo.Move(ctx, demo.Client{Base: l.base}, string(l.Config.OperatorKey), &live, mode, origin, platform); err != nil {
			return live, fmt.Errorf("registering the platform %s: %w", platform, err)
		}
	}
	if platform != "" {
		fmt.Printf("The platform %s may show the checks of the demo enterprises.\n", platform)
	}
	return live, nil
}

const defaultLMS = "127.0.0.1:8090"

const (
	demoFile = "demo.json"
	testFile = "test.json" // of the enterprise with scripted outcomes
)

// tenant finds an enterprise that was entered before, or enters it. Its keys are kept
// in a file: Nod itself shows them only once.
func (l *local) tenant(ctx context.Context, f *folder, name string, mode domain.Mode, origin string) (t demo.Tenant, err error) {
	client := demo.Client{Base: l.base}
	kept, err := os.ReadFile(f.file(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return t, err
	default:
		if err := json.Unmarshal(kept, &t); err != nil {
			return t, fmt.Errorf("%s cannot be read (%w): remove it, and a new enterprise is entered", f.file(name), err)
		}
		if demo.Known(ctx, client, t) {
			return l.moved(ctx, client, f, name, mode, t, origin)
		}
		fmt.Printf("The keys in %s are not of this database: a new enterprise is entered.\n", f.file(name))
	}
	if t, err = demo.Enter(ctx, client, string(l.Config.OperatorKey), origin, mode); err != nil {
		return t, err
	}
	return t, keep(f, name, t)
}

// moved registers where the learning platform is this time, if that has changed.
func (l *local) moved(ctx context.Context, c demo.Client, f *folder, name string, mode domain.Mode, t demo.Tenant, origin string) (demo.Tenant, error) {
	if t.LMS == origin {
		return t, nil
	}
	if err := demo.Move(ctx, c, string(l.Config.OperatorKey), &t, mode, origin); err != nil {
		return t, err
	}
	return t, keep(f, name, t)
}

func keep(f *folder, name string, t demo.Tenant) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return f.write(name, append(b, '\n'))
}
