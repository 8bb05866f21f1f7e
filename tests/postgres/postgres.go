// Package postgres gives tests a real PostgreSQL and takes it away again.
//
// A test binary that needs one says so in its TestMain and then asks for as
// many databases as it likes:
//
//	func TestMain(m *testing.M) { postgres.Main(m) }
//
//	func TestStore(t *testing.T) {
//		db, err := sql.Open("pgx", postgres.Database(t))
//		...
//	}
//
// The server is started when the first test asks for a database: a cluster of
// its own in a folder of its own under /tmp, on a loopback port of its own,
// never the system's. It forgoes fsync, since nothing in it has to outlive the
// test; a test that wants the real thing starts its own with [Options].Durable.
//
// Nothing stays behind. Main ends the server when the tests are over; if the
// test binary is killed, the kernel ends the server, and the next start removes
// the folder.
//
// With NOD_TEST_POSTGRES set to the DSN of a running server
// (postgres://user:password@host:port/postgres), no server is started and the
// databases are made there; its user needs the right to create databases.
package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ExistingServer is the environment variable that names a running server to
// use in place of a throw-away one.
const ExistingServer = "NOD_TEST_POSTGRES"

// Options says how a server of a test's own differs from the usual one.
type Options struct {
	// Durable turns fsync and full-page writes on, for tests and benchmarks
	// whose point is what they cost or what they save.
	Durable bool

	// Settings are further server settings, such as
	// {"log_statement": "all"}. They win over the package's own.
	Settings map[string]string
}

// A Server is a running PostgreSQL. It is safe for concurrent use.
type Server struct {
	admin   *url.URL // the maintenance database, as a user who may create others
	cluster *cluster // nil when the server is not ours to end
}

// shared is the server of this test binary, started by the first test that
// asks for a database and ended by Main.
var shared struct {
	mu       sync.Mutex
	promised bool // Main will end the server
	server   *Server
	err      error
}

// Main runs the tests and then ends the server that they shared. Call it from
// TestMain; the testing package takes care of the exit status.
func Main(m *testing.M) {
	shared.mu.Lock()
	shared.promised = true
	shared.mu.Unlock()

	m.Run()

	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.promised = false
	if shared.server != nil {
		shared.server.stop()
		shared.server = nil
	}
}

// Database creates an empty database for this test alone and returns its DSN,
// a postgres:// URL. The database is dropped when the test ends, whoever is
// still connected. The first call of a test binary starts the server, which
// takes about a second.
func Database(t testing.TB) string {
	t.Helper()
	server, err := sharedServer()
	if err != nil {
		t.Fatal(err)
	}
	return server.Database(t)
}

func sharedServer() (*Server, error) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.promised {
		return nil, errors.New("postgres: nobody would end the server: " +
			"add `func TestMain(m *testing.M) { postgres.Main(m) }` to this package's tests")
	}
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = open(Options{})
	}
	return shared.server, shared.err
}

// Start starts a server for this test alone and ends it when the test does.
// Most tests are better served by [Database]. NOD_TEST_POSTGRES does not
// matter here: a test that asks for its own server needs it.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	server, err := launch(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.stop)
	return server
}

// Database is like the function of that name, on this server.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name, err := s.create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.drop(name); err != nil {
			t.Error(err)
		}
	})
	return s.dsn(name)
}

// Port is the loopback port of a server that this package started, for a test
// that puts something in between. It is 0 for a server that was there before.
func (s *Server) Port() int {
	if s.cluster == nil {
		return 0
	}
	return s.cluster.port
}

// open returns the server that NOD_TEST_POSTGRES names, or starts one.
func open(options Options) (*Server, error) {
	if dsn := os.Getenv(ExistingServer); dsn != "" {
		return existing(dsn)
	}
	return launch(options)
}

func existing(dsn string) (*Server, error) {
	admin, err := url.Parse(dsn)
	if err != nil || (admin.Scheme != "postgres" && admin.Scheme != "postgresql") {
		// The value may hold a password, so it is not repeated here.
		return nil, fmt.Errorf("postgres: %s is not a URL like postgres://user:password@host:5432/postgres", ExistingServer)
	}
	return &Server{admin: admin}, nil
}

func launch(options Options) (*Server, error) {
	c, err := startCluster(options)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	admin := &url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Host:     fmt.Sprintf("127.0.0.1:%d", c.port),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return &Server{admin: admin, cluster: c}, nil
}

func (s *Server) stop() {
	if s.cluster != nil {
		s.cluster.stop()
	}
}

func (s *Server) dsn(database string) string {
	u := *s.admin
	u.Path = "/" + database
	return u.String()
}

func (s *Server) create(ctx context.Context) (string, error) {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // it never fails: see crypto/rand
	name := "nod_test_" + hex.EncodeToString(random)
	return name, s.exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

// drop has a context of its own: in a test's clean-up the test's is over.
func (s *Server) drop(name string) error {
	return s.exec(context.Background(), "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}

func (s *Server) exec(ctx context.Context, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
