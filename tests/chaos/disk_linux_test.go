package chaos

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/tests/postgres"
	"nod/tests/told"
)

// The database's disk is full: what cannot be written is told as busy and not sent to the
// face API, and when there is room again everything goes on, with nothing lost.
func TestTheDiskIsFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	for engine, on := range map[string]func(t *testing.T, disk string) (dsn string){
		"sqlite":   func(_ *testing.T, disk string) string { return "sqlite:" + filepath.Join(disk, "nod.db") },
		"postgres": tablespace,
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t)
			s := newStage(t, on(t, disk), seed(t), told.Options{})
			s.comes(t, 8)
			s.next(t, time.Minute, told.Checked)
			fill(t, disk)
			s.turnedAway(t, "503 busy")
			empty(t, disk)
			for range 5 {
				s.next(t, time.Minute, told.Checked)
			}
			s.holds(t)
			for how, n := range s.crowd.Book.Tries() {
				if how != "503 busy" && how != "409 check-in-progress" && how != "no answer" {
					t.Errorf("%d times it was told as %s", n, how)
				}
			}
		})
	}
}

// smallDisk mounts a disk of its own for the test.
func smallDisk(t *testing.T) (disk string) {
	t.Helper()
	disk, err := os.MkdirTemp("/tmp", "nod-disk-")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("nod", disk, "tmpfs", 0, "size=64m,mode=0777"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(syscall.Unmount(disk, syscall.MNT_DETACH), os.Remove(disk)); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// tablespace makes a database on the disk; the server's own log is elsewhere.
func tablespace(t *testing.T, disk string) (dsn string) {
	t.Helper()
	server := postgres.Start(t, postgres.Options{})
	address, err := url.Parse(server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(disk, "tables")
	who, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	if err := errors.Join(os.Mkdir(folder, 0o700), os.Chown(folder, uid, gid)); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"CREATE TABLESPACE small LOCATION '" + folder + "'", "CREATE DATABASE small TABLESPACE small"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	address.Path = "/small"
	return address.String()
}

// fill takes all the room that is left.
func fill(t *testing.T, disk string) {
	t.Helper()
	f, err := os.CreateTemp(disk, "ballast-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// empty gives the room back.
func empty(t *testing.T, disk string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(disk, "ballast-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, ballast := range all {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}
