//go:build unix

package main

import (
	"os"
	"syscall"
)

// tryLock takes the file for this process alone, until it ends; false if another has it.
func tryLock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
