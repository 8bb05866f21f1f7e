package rollout

import (
	"bufio"
	"cmp"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"nod/shared/runtime/process"
)

// release is a nod command that was built.
type release struct {
	name, program string
	env           []string
}

// server is one of its processes that serves everything.
type server struct {
	release *release
	addr    string
	process *process.Process
}

const patience = time.Minute // for what takes moments on a machine with nothing else to do

// does runs a command to its end.
func (r *release) does(t *testing.T, args ...string) string {
	t.Helper()
	said, err := r.tries(t.Context(), args...)
	if err != nil {
		t.Fatalf("%s: nod %s: %v\n%s", r.name, strings.Join(args, " "), err, said)
	}
	return said
}

func (r *release) tries(ctx context.Context, args ...string) (said string, err error) {
	cmd := exec.CommandContext(ctx, r.program, args...)
	cmd.Env = r.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// begins runs a command that something has to be done about before it ends.
func (r *release) begins(t *testing.T, args ...string) *process.Process {
	t.Helper()
	cmd := exec.Command(r.program, args...)
	cmd.Env = r.env
	p, err := process.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.End)
	return p
}

// starts starts a process and waits until it can work.
func (r *release) starts(t *testing.T) *server {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{release: r, addr: listener.Addr().String()}
	_ = listener.Close()
	cmd := exec.Command(r.program, "run", "-demo=false", "-v", "-dir", t.TempDir())
	cmd.Env = append(r.env[:len(r.env):len(r.env)], "NOD_ADDR="+s.addr)
	if s.process, err = process.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.process.End)
	for until := time.Now().Add(patience); !s.ready(t); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.process.Ended():
			t.Fatalf("%s does not start:\n%s", r.name, s.process.Log())
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("%s is not ready after %v:\n%s", r.name, patience, s.process.Log())
		}
	}
	return s
}

func (s *server) ready(t *testing.T) bool {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.addr+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// ends has a process finish what it has, and end.
func (s *server) ends(t *testing.T) {
	t.Helper()
	p, err := os.FindProcess(s.process.Pid())
	if err := cmp.Or(err, p.Signal(syscall.SIGTERM)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.process.Ended():
	case <-time.After(patience):
		t.Errorf("%s does not end:\n%s", s.release.name, s.process.Log())
	}
	if said := s.faults(); said != "" {
		t.Errorf("%s: %s", s.release.name, said)
	}
}

// faults are the lines of a process's log about what nobody foresaw.
func (s *server) faults() string {
	var b strings.Builder
	for line := range strings.Lines(s.process.Log()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// keys are what a deployment begins with, made by the older release, and what the newer one
// asks for besides.
func keys(t *testing.T, from, to *release) (env []string, operator string) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range []*release{from, to} {
		lines := bufio.NewScanner(strings.NewReader(r.does(t, "keys")))
		for lines.Scan() {
			name, value, is := strings.Cut(lines.Text(), "=")
			if !is || seen[name] {
				continue
			}
			seen[name] = true
			env = append(env, lines.Text())
			if name == "NOD_OPERATOR_KEY" {
				operator = value
			}
		}
	}
	if operator == "" {
		t.Fatal("nod keys makes no operator's key")
	}
	return env, operator
}
