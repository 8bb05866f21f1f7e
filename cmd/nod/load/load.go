// Package load plays an exam morning: many people of one enterprise begin within minutes,
// and are checked as fast as the vendor allows. It runs the real handlers behind simulated
// function instances, on a real PostgreSQL, and holds what it found against what Nod
// promises.
package load

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face/localapi"
	"nod/shared/face/localapi/portraits"
	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

// Options say what is played.
type Options struct {
	DB          string // an empty PostgreSQL database
	Objects     string // a folder
	People      int    // of the enterprise that has its exam
	Small       int    // of a smaller one, meanwhile
	Within      time.Duration
	Seed        uint64
	Rate        int           // the vendor's allowance: calls a second
	Answer      time.Duration // of the vendor
	Instances   int           // most of each of the two functions
	Connections int           // of each instance
	Cold        time.Duration
	Limit       time.Duration // of the whole run
	Progress    io.Writer
	Live        bool // progress overwrites its line
}

// garbageFirst is by how many percent the heap grows before the collector runs.
const garbageFirst = 400

// run is one morning under way.
type run struct {
	Options
	pages, verify                      *platform
	vendor                             *localapi.StandIn
	large, small                       demo.Tenant
	image                              string
	began                              time.Time
	arrived, decided, waiting, outcome atomic.Int64
	mu                                 sync.Mutex
	Result                             *Result
}

// Run plays the morning. The error is about the run itself; Result.Broken tells whether
// the promises were kept.
func Run(ctx context.Context, o Options) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Limit)
	defer cancel()
	// All people and all functions share one heap here, which the collector would walk again and
	// again; a function of its own has a small one.
	defer debug.SetGCPercent(debug.SetGCPercent(garbageFirst))
	r := &run{
		Options: o, image: base64.StdEncoding.EncodeToString(portraits.Hopper),
		vendor: &localapi.StandIn{Answer: o.Answer, Rate: o.Rate}, Result: newResult(o, draw(o)),
	}
	faces, stop, err := r.serveVendor()
	if err != nil {
		return nil, err
	}
	defer stop()
	c, err := r.configuration(faces)
	if err != nil {
		return nil, err
	}
	if err := r.enter(ctx, c); err != nil {
		return nil, err
	}
	for _, p := range []**platform{&r.pages, &r.verify} {
		*p = &platform{cold: o.Cold, most: o.Instances, start: func() (*boot.Nod, error) {
			return boot.New(c, io.Discard, boot.Face, boot.Signing, boot.Promising)
		}}
		defer (*p).close()
	}
	return r.Result, r.play(ctx)
}

// serveVendor serves the stand-in for the face API on a free loopback port.
func (r *run) serveVendor() (address string, stop func(), err error) {
	api, err := localapi.New(localapi.Options{SecretID: "id", SecretKey: "key", StandIn: r.vendor})
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

func (r *run) configuration(faces string) (config.Config, error) {
	dataKey, err := vault.NewDataKey()
	return config.Config{
		PublicURL: "http://127.0.0.1:8080", DB: config.Secret(r.DB), Connections: config.Count(r.Connections), Region: "ap-guangzhou",
		FaceEndpoint: faces, FaceID: "id", FaceKey: "key", FaceTimeout: config.Duration(r.Answer + 10*time.Second), FaceRate: config.Count(r.Rate),
		OperatorKey:  config.Secret(domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()),
		AssertionKey: config.Secret(vault.RandomKey()), DataKey: config.Secret(dataKey), IndexKey: config.Secret(vault.RandomKey()),
		Checkpoints: config.Secret(vault.RandomKey()), PromiseKey: config.Secret(vault.RandomKey()), Objects: "file:" + r.Objects,
	}, err
}

// enter makes the schema and enters both enterprises.
func (r *run) enter(ctx context.Context, c config.Config) error {
	nod, err := boot.New(c, io.Discard, boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising)
	if err != nil {
		return err
	}
	defer nod.Store.Close()
	if err := empty(ctx, nod.Store); err != nil {
		return err
	}
	if _, err := migrate.Up(ctx, nod.Store); err != nil {
		return err
	}
	server := httptest.NewServer(nod.All())
	defer server.Close()
	for _, t := range []*demo.Tenant{&r.large, &r.small} {
		if *t, err = demo.Enter(ctx, demo.Client{Base: server.URL}, string(c.OperatorKey), "https://lms.example.com", domain.Live); err != nil {
			return err
		}
	}
	return nil
}

// ErrInUse says that the database has something in it already. A morning leaves a hundred
// thousand people behind whom nobody can read: its keys are thrown away.
var ErrInUse = errors.New("the database is not empty: name one that is thrown away afterwards, never one in use")

func empty(ctx context.Context, s *store.Store) error {
	return s.Admin(func(db *sql.DB) error {
		var tables int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')").Scan(&tables)
		if err == nil && tables > 0 {
			return ErrInUse
		}
		return err
	})
}

// play lets everybody arrive when they mean to, and ends when all are through.
func (r *run) play(ctx context.Context) error {
	watching, done := context.WithCancel(ctx)
	defer done()
	var watch, people sync.WaitGroup
	r.began = time.Now()
	watch.Go(func() { r.watch(watching) })
	var failed atomic.Pointer[error]
	for n, a := range r.Result.arrivals {
		select {
		case <-time.After(time.Until(r.began.Add(a.at))):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		people.Go(func() {
			r.arrived.Add(1)
			outcome, queued, err := r.person(ctx, n, a)
			if err != nil && ctx.Err() == nil {
				err = fmt.Errorf("person %d: %w", n, err)
				failed.CompareAndSwap(nil, &err)
				outcome = "error"
			}
			if outcome == "" || ctx.Err() != nil {
				outcome = "still waiting at the end"
			}
			r.outcome.Add(1)
			r.mu.Lock()
			defer r.mu.Unlock()
			now := time.Since(r.began)
			r.Result.add(a, outcome, now, now-a.at, queued) // from when they meant to begin
		})
	}
	people.Wait()
	done()
	watch.Wait()
	r.Result.Accepted, r.Result.Refused = r.vendor.Count()
	r.Result.Took = time.Since(r.began)
	if err := failed.Load(); err != nil {
		return *err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return nil // who had not come to an end by the limit, the promises speak of
}
