//go:build unix && !linux

package postgres

import (
	"os/exec"
	"syscall"
)

// prepare says how a program of the cluster runs: as who (nil for ourselves),
// away from our folder, our environment and our terminal's signals. Only Linux
// would also end it if we are killed.
func prepare(cmd *exec.Cmd, who *syscall.Credential) {
	cmd.Dir, cmd.Env = "/", environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true}
}
