package patroni

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// running is a program that was started here.
type running struct {
	process *os.Process
	ended   chan struct{}
}

// run starts a program as the cluster's user; what it says is in the folder. The kernel
// ends it if this process dies.
func (c *Cluster) run(name, program string, args ...string) (*running, error) {
	log, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, log, log
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + c.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.who, Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error, 1), make(chan struct{})
	go func() { // one thread: the kernel takes its end for the parent's death
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("patroni: %s: %w", name, err)
	}
	return &running{cmd.Process, ended}, nil
}

func (r *running) kill() {
	if r != nil {
		_ = r.process.Kill()
		<-r.ended
	}
}

// Kill ends a node at once, as a machine that loses its power: its Patroni, its PostgreSQL
// and all of that one's processes, with SIGKILL.
func (n *Node) Kill() {
	server := n.server()
	n.patroni.kill()
	signal(server, syscall.SIGKILL)
	for len(alive(server)) > 0 {
		time.Sleep(5 * time.Millisecond)
	}
}

// Part is what of a node is frozen.
type Part int

const (
	Machine Part = iota // both
	Server              // PostgreSQL
	Keeper              // Patroni
)

// Freeze has a node, or a part of it, do nothing any more, as a machine that is suspended:
// connections to it stay, and nothing answers.
func (n *Node) Freeze(p Part) {
	if p != Server {
		_ = n.patroni.process.Signal(syscall.SIGSTOP)
	}
	if p != Keeper {
		signal(n.server(), syscall.SIGSTOP)
	}
}

// Thaw has it go on where it was: first PostgreSQL, which does not know yet what became of
// the others.
func (n *Node) Thaw(p Part) {
	if p != Keeper {
		signal(n.server(), syscall.SIGCONT)
	}
	if p != Server {
		_ = n.patroni.process.Signal(syscall.SIGCONT)
	}
}

// StartEtcd starts it, again after it was killed, with all that it knew.
func (c *Cluster) StartEtcd() {
	c.t.Helper()
	p, err := c.run("etcd", "etcd", c.store...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.etcd = p
}

// KillEtcd ends it at once.
func (c *Cluster) KillEtcd() { c.etcd.kill() }

// CutOff has a node reach etcd no more, until it is let in.
func (n *Node) CutOff() { n.line.Cut() }

// LetIn ends that.
func (n *Node) LetIn() { n.line.Mend() }

// server is the PostgreSQL of a node: the process that its file names, if it is the one,
// and its children.
func (n *Node) server() []int { return server(filepath.Join(n.dir(), "data")) }

func server(data string) (pids []int) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return nil
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(command, []byte(data)) {
		return nil
	}
	return append(children(pid), pid)
}

func children(pid int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// signal reaches the parent first, which is the last of the list, so that it starts nobody.
func signal(pids []int, s syscall.Signal) {
	for i := len(pids) - 1; i >= 0; i-- {
		_ = syscall.Kill(pids[i], s)
	}
}

// alive are those that still run.
func alive(pids []int) (left []int) {
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		if _, rest, _ := bytes.Cut(stat, []byte(") ")); len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X' {
			left = append(left, pid)
		}
	}
	return left
}

// end ends everything and takes the folder away.
func (c *Cluster) end() {
	for _, n := range c.Nodes {
		if n.patroni != nil {
			n.Kill()
		}
	}
	c.etcd.kill()
	if c.t.Failed() {
		for _, n := range c.Nodes {
			text, _ := os.ReadFile(filepath.Join(c.dir, n.Name+".log"))
			c.t.Logf("%s:\n%s", n.Name, text[max(0, len(text)-3000):])
		}
	}
	_ = os.RemoveAll(c.dir)
}

// sweep takes away what test binaries left that were killed: their etcd and Patroni died
// with them, and of their PostgreSQL nothing but what is below a folder of ours is ended.
func sweep() {
	left, _ := filepath.Glob("/tmp/" + prefix + "*")
	for _, dir := range left {
		if inUse(dir) {
			continue
		}
		data, _ := filepath.Glob(filepath.Join(dir, "*", "data"))
		for _, d := range data {
			signal(server(d), syscall.SIGKILL)
		}
		_ = os.RemoveAll(dir)
	}
}

// inUse reports whether a Patroni or etcd of a folder still runs.
func inUse(dir string) bool {
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range commands {
		text, _ := os.ReadFile(path)
		if bytes.Contains(text, []byte(dir+"/")) && (bytes.Contains(text, []byte("patroni\x00")) || bytes.Contains(text, []byte("etcd\x00"))) {
			return true
		}
	}
	return false
}
