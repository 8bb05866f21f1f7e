package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
	"nod/shared/runtime/gateway"
	"nod/shared/runtime/serve"
)

func playDemo(ctx context.Context, args []string) error {
	f := flags("demo", "play the whole job by real requests to a server of its own; exit status 0 only if every step came out as it must")
	lang := f.String("lang", "en", "language that the people in it read: en or zh-CN")
	file := f.String("o", "", "keep the bundle that is exported at the end in this file; report.html in it is for people")
	verbose := f.Bool("v", false, "print the server's log, too")
	if err := parse(f, args); err != nil {
		return err
	}
	if !domain.Locale(*lang).Valid() {
		return fmt.Errorf("-lang must be en or zh-CN")
	}
	dir, err := os.MkdirTemp("", "nod-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	home, err := openFolder(filepath.Join(dir, "var"))
	if err != nil {
		return err
	}
	defer home.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	l, err := demoServer(ctx, home, listener.Addr().String(), *verbose)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer l.Close()
	return l.play(ctx, listener, domain.Locale(*lang), *file)
}

// play serves the demonstration for as long as it is played.
func (l *local) play(ctx context.Context, listener net.Listener, locale domain.Locale, file string) error {
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- l.Nod.Serve(ctx, l.All(), serve.Options{Listener: listener}) }()
	out := &watched{Writer: os.Stdout}
	stage := demo.Stage{
		Client: demo.Client{Base: l.base, Locale: locale}, Operator: string(l.Config.OperatorKey), Out: out, Colour: colourful(),
		Records: func(ctx context.Context, enterprise string) ([]string, error) {
			return l.Store.Tenant(domain.ID(enterprise)).Records(ctx, "", "", 1000)
		},
		Maintain: func(ctx context.Context) error {
			return l.Maintain().Run(ctx, gateway.Tick{Name: "every-minute", Time: time.Now()})
		},
	}
	if file != "" {
		stage.Keep = func(bundle []byte) error { return os.WriteFile(file, bundle, 0o600) }
	}
	photos, err := demo.ServePhotos(ctx, "127.0.0.1:0")
	if err == nil {
		stage.Photos = photos
		err = demo.Play(ctx, stage)
	}
	stop()
	<-served
	return errors.Join(err, out.err)
}

// watched remembers that something could not be written: a demonstration that nobody
// can read has not come out as it must.
type watched struct {
	io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// demoServer wires a Nod of its own: nothing of the caller's configuration goes
// into a demonstration, and nothing of it stays.
func demoServer(ctx context.Context, f *folder, addr string, verbose bool) (*local, error) {
	clearEnvironment()
	log := io.Discard
	if verbose {
		log = os.Stderr
	}
	return startLocal(ctx, f, addr, log)
}

// clearEnvironment takes the caller's configuration away from this process.
func clearEnvironment() {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "NOD_") {
			os.Unsetenv(name)
		}
	}
}

// colourful reports whether the terminal wants colours (https://no-color.org).
func colourful() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
