// Package process holds a function's program by its own handle: what it writes is
// kept, its end can be waited for, and nothing but it is ever killed.
package process

import (
	"bytes"
	"os/exec"
	"sync"
)

// Test is what the packages that start a program need of a testing.TB: what is no test
// uses them too.
type Test interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Process is a running program.
type Process struct {
	cmd    *exec.Cmd
	output transcript
	ended  chan struct{}
}

// Start runs the command. Whoever starts a program ends it.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the program, which End waits for
		cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// End kills the program, if it still runs, and waits until it is gone.
func (p *Process) End() {
	p.cmd.Process.Kill()
	<-p.ended
}

// Pid is the program's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ended is closed when the program is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Log is what the program has written to its standard output and error so far.
func (p *Process) Log() string { return p.output.String() }

// transcript keeps what is written, for readers at any time.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
