package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face/localapi"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

// local is Nod running whole on this machine.
type local struct {
	*boot.Nod
	FaceAPI string // address of the embedded face API; empty where another is configured
	close   []func()
}

var allParts = []config.Part{config.Face, config.Signing, config.Operator}

// startLocal makes what is missing (keys, a face API, the schema) and wires Nod.
// What it generates is kept in dir, so that the next start finds the same.
func startLocal(ctx context.Context, dir, addr string, log io.Writer) (*local, error) {
	l := &local{}
	if err := l.prepare(dir, addr); err != nil {
		l.Close()
		return nil, err
	}
	c, err := config.Load(allParts...)
	if err == nil {
		l.Nod, err = boot.New(c, log, allParts...)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	l.close = append(l.close, func() { _ = l.Store.Close() })
	if _, err := migrate.Up(ctx, l.Store); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close ends what startLocal started.
func (l *local) Close() {
	for i := len(l.close) - 1; i >= 0; i-- {
		l.close[i]()
	}
}

func (l *local) prepare(dir, addr string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	keys, err := keptKeys(filepath.Join(dir, "nod.env"))
	if err != nil {
		return err
	}
	defaults := map[string]string{
		"NOD_ADDR": addr, "NOD_PUBLIC_URL": "http://" + reachable(addr),
		"NOD_DB": "sqlite:" + filepath.Join(dir, "nod.db"), "NOD_DB_CONNECTIONS": "8",
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
// listens on every interface is reached by loopback.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// startFaceAPI serves the embedded face API on a free loopback port, with
// credentials of this run, and points the configuration at it.
func (l *local) startFaceAPI() error {
	id, key := "local-"+vault.NewSecret(), vault.NewSecret()
	api, err := localapi.New(localapi.Options{SecretID: id, SecretKey: key})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	l.close = append(l.close, func() { _ = server.Close() })
	l.FaceAPI = "http://" + listener.Addr().String()
	for name, value := range map[string]string{
		"NOD_FACE_ENDPOINT": l.FaceAPI, "NOD_FACE_SECRET_ID": id, "NOD_FACE_SECRET_KEY": key,
	} {
		os.Setenv(name, value)
	}
	return nil
}

// newKeys makes every key that Nod needs.
func newKeys() (map[string]string, error) {
	data, err := vault.NewDataKey()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"NOD_OPERATOR_KEY":  domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String(),
		"NOD_ASSERTION_KEY": vault.RandomKey(),
		"NOD_INDEX_KEY":     vault.RandomKey(),
		"NOD_DATA_KEY":      data,
	}, nil
}

var keyOrder = []string{"NOD_OPERATOR_KEY", "NOD_ASSERTION_KEY", "NOD_DATA_KEY", "NOD_INDEX_KEY"}

// keptKeys reads the keys of this machine, or makes and keeps them, readable by
// their owner alone.
func keptKeys(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKept(path)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	keys := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			keys[name] = value
		}
	}
	return keys, nil
}

func makeKept(path string) (map[string]string, error) {
	keys, err := newKeys()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, name := range keyOrder {
		fmt.Fprintf(&b, "%s=%s\n", name, keys[name])
	}
	return keys, os.WriteFile(path, []byte(b.String()), 0o600)
}
