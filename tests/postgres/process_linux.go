package postgres

import (
	"os/exec"
	"syscall"
)

// prepare says how a program of the cluster runs: as who (nil for ourselves),
// away from our folder, our environment and our terminal's signals. It is
// ended by the kernel if we die first.
func prepare(cmd *exec.Cmd, who *syscall.Credential) {
	cmd.Dir, cmd.Env = "/", environment
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: who,
		Setpgid:    true,
		Pdeathsig:  syscall.SIGQUIT,
	}
}
