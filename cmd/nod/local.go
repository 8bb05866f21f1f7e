package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/store/migrate"
)

const databaseFile = "nod.db"

// local is Nod running whole on this machine.
type local struct {
	*boot.Nod
	base    string // where it listens; people may reach it elsewhere, at its public URL
	FaceAPI string // address of the embedded face API; empty where another is configured
	close   []func()
}

var allParts = []boot.Part{boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising}

// startLocal makes what is missing (keys, a face API, the schema) and wires Nod for
// the address it will be served at. What it generates is kept in the folder, so that
// the next start finds the same.
func startLocal(ctx context.Context, f *folder, addr string, log io.Writer) (*local, error) {
	l := &local{base: "http://" + reachable(addr)}
	if err := l.start(ctx, f, addr, log); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *local) start(ctx context.Context, f *folder, addr string, log io.Writer) error {
	if err := l.prepare(f, addr); err != nil {
		return err
	}
	c, err := config.Load(boot.Needs(allParts...)...)
	if err != nil {
		return err
	}
	if l.Nod, err = boot.New(c, log, allParts...); err != nil {
		return err
	}
	l.close = append(l.close, func() { _ = l.Store.Close() }, l.API.Trace.Close)
	if _, err := migrate.Up(ctx, l.Store); err != nil {
		return err
	}
	err = l.API.Ready(ctx)
	if errors.Is(err, boot.ErrOtherKeys) {
		err = fmt.Errorf("%w; this folder's are in %s", err, f.file(keysFile))
	}
	return err
}

// Close ends what startLocal started.
func (l *local) Close() {
	for i := len(l.close) - 1; i >= 0; i-- {
		l.close[i]()
	}
}

func (l *local) prepare(f *folder, addr string) error {
	keys, err := f.keys()
	if err != nil {
		return err
	}
	defaults := map[string]string{
		"NOD_ADDR": addr, "NOD_DB": "sqlite:" + f.file(databaseFile), "NOD_DB_CONNECTIONS": "8", "NOD_OBJECTS": "file:" + f.file("objects"),
	}
	if host := reachable(addr); host != "" {
		defaults["NOD_PUBLIC_URL"] = "http://" + host
	}
	for _, set := range []map[string]string{keys, defaults} {
		for name, value := range set {
			if os.Getenv(name) == "" {
				os.Setenv(name, value)
			}
		}
	}
	if os.Getenv("NOD_FACE_ENDPOINT") != "" {
		return nil
	}
	return l.startFaceAPI()
}

// reachable is the address at which this machine reaches a server on addr: one that
// listens on every interface is reached by loopback. It is empty for what is no address.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}
