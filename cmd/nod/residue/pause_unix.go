//go:build unix

package residue

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// pause stops a process and waits until all of it stands still.
func pause(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for range 5000 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return err
		}
		if state := string(stat[strings.LastIndexByte(string(stat), ')')+2]); state == "T" || state == "t" {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("the process does not stop")
}

func resume(pid int) error { return syscall.Kill(pid, syscall.SIGCONT) }
