package postgres

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// actAsVictim makes the test binary a program that starts a server, says
// where, and waits to be killed.
const actAsVictim = "NOD_TEST_POSTGRES_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(actAsVictim) != "" {
		victim()
	}
	Main(m)
}

func victim() {
	c, err := startCluster(Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.dir, c.port)
	select {}
}

func TestDatabasesAreFreshAndApart(t *testing.T) {
	for i := range 4 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			db := connect(t, Database(t))
			// The second of these to meet the table would fail.
			if _, err := db.ExecContext(t.Context(), `CREATE TABLE person (id text PRIMARY KEY)`); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestDatabaseIsGoneAfterItsTestEvenIfSomebodyIsConnected(t *testing.T) {
	var name string
	t.Run("a test", func(t *testing.T) {
		dsn := Database(t)
		name = dsn[strings.LastIndex(dsn, "/")+1:]
		name, _, _ = strings.Cut(name, "?")
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Left open on purpose.
	})
	var n int
	err := connect(t, Database(t)).QueryRowContext(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = $1`, name).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("database %q: %d left (error: %v)", name, n, err)
	}
}

func TestSettings(t *testing.T) {
	tests := map[string]struct {
		server func(testing.TB) string
		want   map[string]string
	}{
		"the shared server is fast and takes many connections": {
			Database,
			map[string]string{"fsync": "off", "max_connections": "200", "TimeZone": "UTC", "server_encoding": "UTF8", "synchronous_commit": "on"},
		},
		"a durable one writes for real, and further settings win": {
			func(t testing.TB) string {
				return Start(t, Options{Durable: true, Settings: map[string]string{"max_connections": "50"}}).Database(t)
			},
			map[string]string{"fsync": "on", "full_page_writes": "on", "max_connections": "50"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(ExistingServer) != "" {
				t.Skip("the server's settings are its owner's")
			}
			db := connect(t, tt.server(t))
			for setting, want := range tt.want {
				var got string
				if err := db.QueryRowContext(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%s = %s, want %s", setting, got, want)
				}
			}
		})
	}
}

func TestServerOfATestsOwnEndsWithIt(t *testing.T) {
	var c *cluster
	t.Run("a test", func(t *testing.T) {
		server := Start(t, Options{})
		c = server.cluster
		if server.Port() != c.port {
			t.Errorf("Port() = %d, want %d", server.Port(), c.port)
		}
	})
	select {
	case <-c.exited:
	default:
		t.Error("the process lives")
	}
	if _, err := os.Stat(c.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its folder is still there (%v)", err)
	}
}

func TestKilledTestLeavesNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), actAsVictim+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var dir string
	var port int
	if _, err := fmt.Sscan(line, &dir, &port); err != nil {
		t.Fatalf("the victim said %q", line)
	}
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=disable", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())

	sweep()
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("a sweep took the folder of a test that lives: %v", err)
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := conn.WaitForNotification(ctx); ctx.Err() != nil {
		t.Errorf("the server outlived the test that started it: %v", err)
	}
	sweep()
	if _, err := os.Stat(filepath.Join(dir, "data", "base")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a sweep left %s (%v)", dir, err)
	}
	// The server may have written a last file while we were sweeping.
	_ = os.RemoveAll(dir)
}

func TestFind(t *testing.T) {
	t.Run("takes the newest", func(t *testing.T) {
		root := t.TempDir()
		for _, version := range []string{"9.6", "13", "15", "9", "old"} {
			bin := filepath.Join(root, version, "bin")
			if err := errors.Join(os.MkdirAll(bin, 0o700), os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o700)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := find(root)
		if want := filepath.Join(root, "15", "bin"); got != want || err != nil {
			t.Errorf("find = %s, %v, want %s", got, err, want)
		}
	})
	t.Run("falls back on the path", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "initdb"), nil, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", "relative:"+dir)
		if got, err := find(t.TempDir()); got != dir || err != nil {
			t.Errorf("find = %s, %v, want %s", got, err, dir)
		}
	})
	t.Run("says what to do when there is none", func(t *testing.T) {
		t.Setenv("PATH", "")
		if _, err := find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make setup") {
			t.Errorf("find = %v, want a hint at make setup", err)
		}
	})
}

func TestExistingServer(t *testing.T) {
	t.Run("is used as it is", func(t *testing.T) {
		theirs := Start(t, Options{})
		t.Setenv(ExistingServer, theirs.admin.String())
		server, err := open(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if server.cluster != nil || server.Port() != 0 {
			t.Error("a server was started although there is one")
		}
		if err := connect(t, server.Database(t)).PingContext(t.Context()); err != nil {
			t.Error(err)
		}
		server.stop()
		if err := connect(t, theirs.Database(t)).PingContext(t.Context()); err != nil {
			t.Errorf("somebody else's server was ended: %v", err)
		}
	})
	t.Run("is named by a URL, which an error does not repeat", func(t *testing.T) {
		for _, dsn := range []string{"host=localhost password=hunter2", "mysql://nod:hunter2@localhost/", "postgres://nod:hunter2@%zz/"} {
			if _, err := existing(dsn); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("existing(%q) = %v", dsn, err)
			}
		}
	})
}

func TestBadSettingIsReportedWithTheServersOwnWords(t *testing.T) {
	_, err := startCluster(Options{Settings: map[string]string{"max_connections": "many"}})
	if err == nil || !strings.Contains(err.Error(), "max_connections") {
		t.Errorf("startCluster = %v", err)
	}
}

func TestWithoutMainADatabaseIsRefused(t *testing.T) {
	shared.mu.Lock()
	shared.promised = false
	shared.mu.Unlock()
	defer func() {
		shared.mu.Lock()
		shared.promised = true
		shared.mu.Unlock()
	}()
	if _, err := sharedServer(); err == nil || !strings.Contains(err.Error(), "TestMain") {
		t.Errorf("sharedServer = %v, want a hint at TestMain", err)
	}
}

func BenchmarkDatabase(b *testing.B) {
	for b.Loop() {
		server, err := sharedServer()
		if err != nil {
			b.Fatal(err)
		}
		name, err := server.create(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := server.drop(name); err != nil {
			b.Fatal(err)
		}
	}
}

func connect(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
