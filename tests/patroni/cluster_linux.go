package patroni

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nod/tests/line"
)

// The lease: a primary that does not renew it for Lease is none any more, and a standby
// takes over. It is the shortest that Patroni allows. The primary looks every loopWait, and
// retries what it asks etcd and PostgreSQL for up to retry.
const (
	Lease    = 20 * time.Second
	loopWait = 5 * time.Second
	retry    = 5 * time.Second
)

const prefix = "nod-patroni-"

// Installed reports what is missing to start a cluster.
func Installed() error {
	for _, program := range []string{"patroni", "etcd"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("patroni: %w: run scripts/setup.sh ha", err)
		}
	}
	if _, err := binaries(); err != nil {
		return err
	}
	return nil
}

// binaries is the folder of the newest PostgreSQL's programs.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", fmt.Errorf("patroni: PostgreSQL's server is not installed: run scripts/setup.sh ha")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// Cluster is three nodes and an etcd.
type Cluster struct {
	t     testing.TB
	dir   string
	who   *syscall.Credential
	etcd  *running
	store []string // etcd's arguments
	Nodes []*Node
}

// Node is a PostgreSQL under its Patroni.
type Node struct {
	Name    string
	cluster *Cluster
	port    int // PostgreSQL's
	rest    int // Patroni's own
	patroni *running
	line    *line.Line // from Patroni to etcd
}

// Start starts a cluster and waits until it is whole.
func Start(t testing.TB) *Cluster {
	t.Helper()
	if err := Installed(); err != nil {
		t.Fatal(err)
	}
	sweep()
	c := &Cluster{t: t}
	t.Cleanup(c.end)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	c.who, err = account()
	must(err)
	c.dir, err = os.MkdirTemp("/tmp", prefix)
	must(err)
	must(c.own(c.dir))
	client, peer := freePort(t), freePort(t)
	c.store = []string{"--enable-v2", "--name", "etcd", "--data-dir", filepath.Join(c.dir, "etcd"), "--log-level", "error",
		"--listen-client-urls", local(client), "--advertise-client-urls", local(client),
		"--listen-peer-urls", local(peer), "--initial-advertise-peer-urls", local(peer), "--initial-cluster", "etcd=" + local(peer)}
	c.StartEtcd()
	for i := range 3 {
		n := &Node{Name: fmt.Sprint("node", i+1), cluster: c, port: freePort(t), rest: freePort(t), line: line.To(t, fmt.Sprintf("127.0.0.1:%d", client))}
		c.Nodes = append(c.Nodes, n)
		must(n.configure())
		n.Start()
	}
	c.Whole(2 * time.Minute)
	return c
}

func local(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

// DSN names all nodes; whoever connects looks for the one that takes writes.
func (c *Cluster) DSN() string {
	var hosts []string
	for _, n := range c.Nodes {
		hosts = append(hosts, n.addr())
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/postgres?sslmode=disable&target_session_attrs=read-write"
}

// DSN is the node's own, whatever it is just now.
func (n *Node) DSN() string {
	return "postgres://postgres@" + n.addr() + "/postgres?sslmode=disable"
}

func (n *Node) addr() string { return fmt.Sprintf("127.0.0.1:%d", n.port) }

func (n *Node) dir() string { return filepath.Join(n.cluster.dir, n.Name) }

// configure writes the node's configuration; YAML takes JSON.
func (n *Node) configure() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	type m = map[string]any
	conf := m{
		"scope": "nod", "name": n.Name,
		"restapi": m{"listen": fmt.Sprintf("127.0.0.1:%d", n.rest), "connect_address": fmt.Sprintf("127.0.0.1:%d", n.rest)},
		// Not etcd3: by that, Patroni before 3.0.3 takes a lease back that it let run out, whoever has it meanwhile.
		"etcd": m{"proxy": "http://" + n.line.Addr}, // as a host, it would ask etcd for its address and pass the line by
		"bootstrap": m{
			"dcs": m{
				"ttl": Lease.Seconds(), "loop_wait": loopWait.Seconds(), "retry_timeout": retry.Seconds(),
				"synchronous_mode": true, "synchronous_mode_strict": true,
				"postgresql": m{"use_pg_rewind": true, "parameters": m{"max_connections": 200, "shared_buffers": "32MB", "wal_keep_size": "256MB"}},
			},
			"initdb": []any{m{"auth": "trust"}, m{"encoding": "UTF8"}, "no-locale", "data-checksums"},
		},
		"postgresql": m{
			"listen": n.addr(), "connect_address": n.addr(), "data_dir": filepath.Join(n.dir(), "data"), "bin_dir": bin,
			"pgpass":                 filepath.Join(n.dir(), "pgpass"),
			"authentication":         m{"superuser": m{"username": "postgres"}, "replication": m{"username": "replicator"}},
			"parameters":             m{"unix_socket_directories": n.dir()},
			"pg_hba":                 []string{"local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"},
			"create_replica_methods": []string{"basebackup"}, "basebackup": m{"checkpoint": "fast"},
		},
	}
	text, err := json.Marshal(conf)
	if err != nil {
		return err
	}
	if err := os.Mkdir(n.dir(), 0o700); err != nil {
		return err
	}
	if err := n.cluster.own(n.dir()); err != nil {
		return err
	}
	return os.WriteFile(n.config(), text, 0o644)
}

func (n *Node) config() string { return filepath.Join(n.cluster.dir, n.Name+".yml") }

// Start starts the node, again after it was killed: its Patroni finds what is left of it.
func (n *Node) Start() {
	n.cluster.t.Helper()
	p, err := n.cluster.run(n.Name, "patroni", n.config())
	if err != nil {
		n.cluster.t.Fatal(err)
	}
	n.patroni = p
}

// own gives a file to the user who runs the programs.
func (c *Cluster) own(path string) error {
	if c.who == nil {
		return nil
	}
	return os.Chown(path, int(c.who.Uid), int(c.who.Gid))
}

// account says who the programs run as: PostgreSQL refuses root.
func account() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// freePort returns a port that is free at this moment.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
