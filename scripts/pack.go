//go:build ignore

// Pack puts one program into a zip as the clouds want it: at its root, executable, and with
// the same bytes each time.
//
//	go run scripts/pack.go dist/scf/verify/main dist/scf/verify.zip
package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run scripts/pack.go PROGRAM ZIP")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(program, to string) error {
	from, err := os.Open(program)
	if err != nil {
		return err
	}
	defer from.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	z := zip.NewWriter(out)
	head := zip.FileHeader{Name: filepath.Base(program), Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	head.SetMode(0o755)
	file, err := z.CreateHeader(&head)
	if err == nil {
		_, err = io.Copy(file, from)
	}
	return errors.Join(err, z.Close(), out.Close())
}
