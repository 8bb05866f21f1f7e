package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// base holds the clusters' folders. It is not TMPDIR, which may be closed
	// to the user postgres and too long for a socket's path (107 bytes).
	base   = "/tmp"
	prefix = "nod-postgres-"

	startWithin = 2 * time.Minute  // on a machine that is busy with other tests
	stopWithin  = 15 * time.Second // then it is killed
)

// errPortTaken means that somebody took the port between our choosing it and
// the server's: choose another.
var errPortTaken = errors.New("the port was taken meanwhile")

// A cluster is a PostgreSQL server process with its folder:
//
//	/tmp/nod-postgres-*/lock     locked for as long as the test binary lives
//	                   /data     what initdb made
//	                   /socket   the Unix socket
//	                   /log      what the server says
type cluster struct {
	dir     string
	port    int
	lock    *os.File
	process *os.Process
	exited  chan struct{} // closed when the process is gone
}

func startCluster(options Options) (*cluster, error) {
	bin, err := find("/usr/lib/postgresql")
	if err != nil {
		return nil, err
	}
	sweep()
	who, err := account()
	if err != nil {
		return nil, err
	}
	dir, lock, err := claim(who)
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, lock: lock}
	if err := c.init(bin, who); err != nil {
		c.remove()
		return nil, err
	}
	for range 5 {
		if err = c.start(bin, who, options); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// claim makes a cluster's folder, owned by who.
func claim(who *syscall.Credential) (dir string, lock *os.File, err error) {
	dir, err = os.MkdirTemp(base, prefix)
	if err != nil {
		return "", nil, err
	}
	// The lock gets its name only once it is held, so that another test's
	// sweep never finds a fresh folder with a lock that is free.
	fresh := filepath.Join(dir, "lock.new")
	lock, err = os.Create(fresh)
	if err == nil {
		err = errors.Join(
			syscall.Flock(int(lock.Fd()), syscall.LOCK_EX),
			os.Rename(fresh, filepath.Join(dir, "lock")),
			os.Mkdir(filepath.Join(dir, "socket"), 0o700),
		)
	}
	if err == nil && who != nil {
		err = errors.Join(
			os.Chown(dir, int(who.Uid), int(who.Gid)),
			os.Chown(filepath.Join(dir, "socket"), int(who.Uid), int(who.Gid)),
		)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, lock, nil
}

// sweep removes the folders of test binaries that were killed: nobody holds
// their lock any more.
func sweep() {
	locks, _ := filepath.Glob(filepath.Join(base, prefix+"*", "lock"))
	for _, path := range locks {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
		_ = f.Close()
	}
}

func (c *cluster) init(bin string, who *syscall.Credential) error {
	cmd := exec.Command(filepath.Join(bin, "initdb"),
		"--pgdata", filepath.Join(c.dir, "data"),
		"--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	prepare(cmd, who)
	var out []byte
	var err error
	onOneThread(func() { out, err = cmd.CombinedOutput() })
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (c *cluster) start(bin string, who *syscall.Credential, options Options) error {
	var err error
	if c.port, err = freePort(); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), c.arguments(options)...)
	cmd.Stdout, cmd.Stderr = log, log
	prepare(cmd, who)
	if err := c.run(cmd); err != nil {
		return err
	}
	if err := c.ready(); err != nil {
		c.end()
		said, _ := os.ReadFile(log.Name())
		if bytes.Contains(said, []byte("Address already in use")) {
			return errPortTaken
		}
		return fmt.Errorf("the server did not start: %w\n%s", err, said)
	}
	return nil
}

func (c *cluster) arguments(options Options) []string {
	settings := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(c.port),
		"unix_socket_directories": filepath.Join(c.dir, "socket"),
		"max_connections":         "200",
		"shared_buffers":          "64MB",
		"timezone":                "UTC",
		"fsync":                   "off",
		"full_page_writes":        "off",
	}
	if options.Durable {
		settings["fsync"], settings["full_page_writes"] = "on", "on"
	}
	maps.Copy(settings, options.Settings)
	args := []string{"-D", filepath.Join(c.dir, "data")}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// run starts the server's process; exited tells of its end.
func (c *cluster) run(cmd *exec.Cmd) error {
	started := make(chan error, 1)
	exited := make(chan struct{})
	go onOneThread(func() {
		defer close(exited)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	})
	if err := <-started; err != nil {
		return err
	}
	c.process, c.exited = cmd.Process, exited
	return nil
}

// onOneThread keeps a process's starting and waiting on one thread, because
// the kernel takes the end of the thread that started a process for the
// parent's death.
func onOneThread(do func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	do()
}

// ready waits until the server lets somebody in by its socket. By then it
// listens on its port as well: it opens both before it answers on either.
func (c *cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		conn, err := pgx.Connect(ctx, c.socketDSN())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not ready after %v: %w", startWithin, err)
		case <-time.After(pause):
		}
	}
}

func (c *cluster) socketDSN() string {
	return fmt.Sprintf("host=%s port=%d user=postgres dbname=postgres", filepath.Join(c.dir, "socket"), c.port)
}

func (c *cluster) stop() {
	c.end()
	c.remove()
}

// end ends the process at once: what it holds is thrown away anyway.
func (c *cluster) end() {
	if c.process == nil {
		return
	}
	_ = c.process.Signal(syscall.SIGQUIT)
	select {
	case <-c.exited:
	case <-time.After(stopWithin):
		_ = c.process.Kill()
		<-c.exited
	}
}

func (c *cluster) remove() {
	_ = os.RemoveAll(c.dir)
	_ = c.lock.Close()
}

// freePort returns a port that is free at this moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// find returns the folder with the newest server's programs: Debian keeps one
// per version under root; elsewhere they are in the path.
func find(root string) (string, error) {
	var best string
	var newest float64
	found, _ := filepath.Glob(filepath.Join(root, "*", "bin", "initdb"))
	for _, path := range found {
		bin := filepath.Dir(path)
		version, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
		if err == nil && version > newest {
			best, newest = bin, version
		}
	}
	if best != "" {
		return best, nil
	}
	for dir := range strings.SplitSeq(os.Getenv("PATH"), string(os.PathListSeparator)) {
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil && filepath.IsAbs(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("PostgreSQL's server is not installed: run `make setup`, or set %s to the DSN of a running one", ExistingServer)
}
