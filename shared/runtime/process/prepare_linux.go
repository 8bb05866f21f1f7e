package process

import (
	"os/exec"
	"syscall"
)

// prepare has the kernel end the program if we die: a program that
// only listens would live on.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
