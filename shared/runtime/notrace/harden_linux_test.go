package notrace

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const child = "NOTRACE_CHILD"

// TestMain runs the tests, or is the program that is hardened.
func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		m.Run()
		return
	}
	if err := Harden(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	var core unix.Rlimit
	fmt.Println(dumpable, err, unix.Getrlimit(unix.RLIMIT_CORE, &core), core.Cur, core.Max, os.Getenv("GODEBUG"), os.Args[1:])
}

func TestAHardenedProcessLeavesNoDump(t *testing.T) {
	for name, given := range map[string]string{"": "asyncpreemptoff=1", "madvdontneed=1": "madvdontneed=1,asyncpreemptoff=1"} {
		cmd := exec.Command(os.Args[0], "an argument")
		cmd.Env = append(os.Environ(), child+"=yes", "GODEBUG="+name)
		out, err := cmd.CombinedOutput()
		if want := "0 <nil> <nil> 0 0 " + given + " [an argument]"; err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%v: %s, want %s", err, out, want)
		}
	}
}
