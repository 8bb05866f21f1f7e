package notrace

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// asyncPreemption off: the runtime otherwise interrupts a goroutine wherever it is, and
// the kernel saves the registers on a stack that nobody wipes. Up to 128 bytes of what
// was just copied, hashed or encrypted stood in them.
const asyncPreemption = "asyncpreemptoff=1"

// Harden makes the process leave no core dump, and lets nobody but root trace it or
// read its memory. It starts the program anew where the runtime has to be told
// something that it reads at the start alone; so main calls it first.
func Harden() error {
	if settings := os.Getenv("GODEBUG"); !strings.Contains(settings, asyncPreemption) {
		return restart(strings.TrimPrefix(settings+","+asyncPreemption, ","))
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("notrace: core dumps cannot be turned off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("notrace: tracing cannot be turned off: %w", err)
	}
	return nil
}

// restart puts the same program in the place of this one, with the same process id. It
// returns only if that is not possible.
func restart(settings string) error {
	if err := os.Setenv("GODEBUG", settings); err != nil {
		return fmt.Errorf("notrace: %w", err)
	}
	err := unix.Exec("/proc/self/exe", os.Args, os.Environ())
	return fmt.Errorf("notrace: the program cannot be started anew: %w", err)
}
