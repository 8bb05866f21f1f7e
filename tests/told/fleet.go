package told

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/domain"
	"nod/shared/runtime/process"
	"nod/shared/vault"
)

// role is the variable that makes a process of the test binary a function.
const role = "TOLD_FUNCTION"

// Built is the variable that names a folder of built functions (dist/scf) to start in
// place of the test binary.
const Built = "NOD_BUILT_FUNCTIONS"

// functions are the mains of functions/, as far as people meet them.
var functions = map[string]func() int{
	"admin":    func() int { return boot.Function((*boot.Nod).Admin, boot.Operator) },
	"session":  func() int { return boot.Function((*boot.Nod).Session, boot.Signing) },
	"consent":  func() int { return boot.Function((*boot.Nod).Consent, boot.Promising) },
	"verify":   func() int { return boot.Traceless((*boot.Nod).Verify, boot.Face) },
	"maintain": func() int { return boot.Timed((*boot.Nod).Maintain, outside.Sequencing, boot.Signing) },
}

// Main makes this process a function if it was started as one. Call it first in TestMain.
func Main() {
	if f, is := functions[os.Getenv(role)]; is {
		os.Exit(f())
	}
}

// serves says which function a path belongs to.
func serves(path string) string {
	switch {
	case path == "/v1/verify":
		return "verify"
	case path == "/v1/session" || strings.HasPrefix(path, "/v1/session/") || path == "/v1/consent" || strings.HasPrefix(path, "/v1/me"):
		return "consent"
	case strings.HasPrefix(path, "/v1/sessions"):
		return "session"
	}
	return "admin"
}

// Fleet is function processes that share a database and nothing else. One that ends is
// started anew, as a platform does.
type Fleet struct {
	// OperatorKey is the operator's first.
	OperatorKey string

	t         testing.TB
	env       []string
	instances map[string][]*instance
	over      atomic.Bool
	keepers   sync.WaitGroup
	turn      atomic.Uint64
	wrap      []string
}

type instance struct {
	function, addr string
	mu             sync.Mutex
	process        *process.Process
	said           string // by those before
	restarts       int
}

// Options of a Fleet.
type Options struct {
	DB        string // a DSN
	Faces     string // address of the face API
	Instances int    // of each function; one if zero. There is one admin
	Env       []string
	// Wrap is a command that the functions' processes are started by, with its arguments.
	Wrap []string
}

// NewFleet starts the functions and waits until they are ready.
func NewFleet(t testing.TB, o Options) *Fleet {
	t.Helper()
	dataKey, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	f := &Fleet{t: t, instances: map[string][]*instance{}, wrap: o.Wrap,
		OperatorKey: domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()}
	f.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "NOD_DB=" + o.DB, "NOD_DB_CONNECTIONS=4", "NOD_DATA_KEY=" + dataKey, "NOD_INDEX_KEY=" + vault.RandomKey(),
		"NOD_ASSERTION_KEY=" + vault.RandomKey(), "NOD_PROMISE_KEY=" + vault.RandomKey(), "NOD_OPERATOR_KEY=" + f.OperatorKey,
		"NOD_CHECKPOINT_KEY=" + vault.RandomKey(), "NOD_OBJECTS=file:" + t.TempDir(),
		"NOD_FACE_ENDPOINT=" + o.Faces, "NOD_FACE_SECRET_ID=id", "NOD_FACE_SECRET_KEY=key", "NOD_FACE_TIMEOUT=2s",
	}, o.Env...)
	for _, function := range []string{"admin", "session", "consent", "verify"} {
		n := max(1, o.Instances)
		if function == "admin" {
			n = 1
		}
		for range n {
			f.add(function)
		}
	}
	t.Cleanup(f.End)
	f.Ready(time.Minute)
	return f
}

func (f *Fleet) add(function string) {
	i := &instance{function: function, addr: freeAddress(f.t)}
	f.instances[function] = append(f.instances[function], i)
	if err := f.start(i); err != nil {
		f.t.Fatal(err)
	}
	f.keepers.Go(func() { // a platform starts another one
		for {
			<-i.running().Ended()
			if f.over.Load() {
				return
			}
			if err := f.start(i); err != nil {
				f.t.Errorf("%s: %v", function, err)
				return
			}
		}
	})
}

func (i *instance) running() *process.Process {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.process
}

func (f *Fleet) start(i *instance) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if dir := os.Getenv(Built); dir != "" {
		program = filepath.Join(dir, i.function, "main")
	}
	args := append(f.wrap[:len(f.wrap):len(f.wrap)], program)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(f.env[:len(f.env):len(f.env)], role+"="+i.function, "NOD_ADDR="+i.addr)
	p, err := process.Start(cmd)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.process != nil {
		i.said += i.process.Log()
		i.restarts++
	}
	i.process = p
	return nil
}

// Base is the address of an instance that serves a path, of several each in turn.
func (f *Fleet) Base(path string) string {
	list := f.instances[serves(path)]
	return "http://" + list[f.turn.Add(1)%uint64(len(list))].addr
}

// Kill ends an instance at once, with SIGKILL, and says which function's it was. The next
// one is started by the fleet.
func (f *Fleet) Kill(random *rand.Rand, among ...string) string {
	function := among[random.IntN(len(among))]
	list := f.instances[function]
	list[random.IntN(len(list))].running().End()
	return function
}

// Restarts is how many processes ended and were followed by another.
func (f *Fleet) Restarts() (n int) {
	for _, list := range f.instances {
		for _, i := range list {
			i.mu.Lock()
			n += i.restarts
			i.mu.Unlock()
		}
	}
	return n
}

// End ends them all. It may be called twice.
func (f *Fleet) End() {
	f.over.Store(true)
	for _, list := range f.instances {
		for _, i := range list {
			i.running().End()
		}
	}
	f.keepers.Wait()
	for _, list := range f.instances { // one may have been started between the two
		for _, i := range list {
			i.running().End()
		}
	}
}

// Log is all that the processes wrote.
func (f *Fleet) Log() string {
	var b strings.Builder
	for _, list := range f.instances {
		for _, i := range list {
			i.mu.Lock()
			fmt.Fprintf(&b, "== %s\n%s%s", i.function, i.said, i.process.Log())
			i.mu.Unlock()
		}
	}
	return b.String()
}

// Ready waits until all say that they can work.
func (f *Fleet) Ready(within time.Duration) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for _, list := range f.instances {
		for _, i := range list {
			for !ready(ctx, i.addr) {
				if ctx.Err() != nil {
					f.t.Fatalf("%s is not ready after %v:\n%.3000s", i.function, within, f.Log())
				}
				select {
				case <-ctx.Done():
				case <-time.After(20 * time.Millisecond):
				}
			}
		}
	}
}

func ready(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// freeAddress is one that is free at this moment.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
