package postgres

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pooled starts a PgBouncer in transaction mode before a server, for as long as the test
// runs: a connection to it has one to the server only while a transaction lasts, another
// one each time. through is the way by it to a database of that server.
func Pooled(t testing.TB, server string) (through func(dsn string) string) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !exists(program) {
			t.Fatal("postgres: PgBouncer is not installed: run scripts/setup.sh tests")
		}
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	who, err := account()
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(base, "nod-pooled-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "pgbouncer.ini")
	settings := fmt.Sprintf(`[databases]
* = host=%s port=%s user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 4
logfile = %s
`, address.Hostname(), address.Port(), port, filepath.Join(dir, "log"))
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--quiet", file)
	prepare(cmd, who)
	c := &cluster{dir: dir, port: port}
	if err := c.run(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.end)
	through = func(dsn string) string {
		by := *must(url.Parse(dsn))
		by.Host = fmt.Sprintf("127.0.0.1:%d", port)
		return by.String()
	}
	until := time.Now().Add(startWithin)
	for {
		conn, err := pgx.Connect(t.Context(), through(server))
		if err == nil {
			_ = conn.Close(context.Background())
			return through
		}
		if time.Now().After(until) {
			said, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("postgres: PgBouncer did not start: %v\n%s", err, said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// must is for what was parsed before.
func must(u *url.URL, err error) *url.URL {
	if err != nil {
		panic(err)
	}
	return u
}
