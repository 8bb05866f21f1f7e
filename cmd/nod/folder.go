package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nod/shared/domain"
	"nod/shared/vault"
)

// folder is where a local Nod keeps its keys, its database and its log. Only one
// process uses it at a time.
type folder struct {
	path string
	lock *os.File
}

// openFolder makes the folder if it is not there, and takes it.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "nod.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if !tryLock(lock) {
		lock.Close()
		return nil, fmt.Errorf("another Nod uses the folder %s: end that one, or name another folder with -dir", path)
	}
	return &folder{path, lock}, nil
}

// Close gives the folder back.
func (f *folder) Close() error { return f.lock.Close() }

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

func (f *folder) has(name string) bool {
	_, err := os.Stat(f.file(name))
	return err == nil
}

// write replaces a file as a whole, readable by its owner alone.
func (f *folder) write(name string, content []byte) error {
	half := f.file(name + ".new")
	if err := os.WriteFile(half, content, 0o600); err != nil {
		return err
	}
	return os.Rename(half, f.file(name))
}

const keysFile = "nod.env"

// keys reads the keys of this folder, or makes and keeps them the first time.
func (f *folder) keys() (map[string]string, error) {
	file, err := os.Open(f.file(keysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f.makeKeys()
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	keys := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			keys[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if err := f.addLaterKeys(keys); err != nil {
		return nil, err
	}
	for _, name := range keyOrder {
		if keys[name] == "" && os.Getenv(name) == "" {
			return nil, fmt.Errorf("%s is missing in %s: put it back from a copy, or remove the folder %s to begin anew",
				name, f.file(keysFile), f.path)
		}
	}
	return keys, nil
}

// addLaterKeys makes those keys that were not known when the folder was made.
func (f *folder) addLaterKeys(keys map[string]string) error {
	added := false
	for _, name := range laterKeys {
		if keys[name] == "" && os.Getenv(name) == "" {
			keys[name], added = vault.RandomKey(), true
		}
	}
	if !added {
		return nil
	}
	return f.keep(keys)
}

// keep writes the keys down.
func (f *folder) keep(keys map[string]string) error {
	var b strings.Builder
	for _, name := range keyOrder {
		if keys[name] != "" {
			fmt.Fprintf(&b, "%s=%s\n", name, keys[name])
		}
	}
	return f.write(keysFile, []byte(b.String()))
}

// makeKeys makes the keys of a new folder. A database without its keys is of no use:
// with others nobody would be recognised.
func (f *folder) makeKeys() (map[string]string, error) {
	if f.has(databaseFile) && os.Getenv("NOD_DB") == "" && os.Getenv("NOD_INDEX_KEY") == "" {
		return nil, fmt.Errorf("the database %s is there, but not its keys: put %s back from a copy, or remove the folder %s to begin anew",
			f.file(databaseFile), f.file(keysFile), f.path)
	}
	keys, err := newKeys()
	if err != nil {
		return nil, err
	}
	return keys, f.keep(keys)
}

var keyOrder = []string{"NOD_OPERATOR_KEY", "NOD_ASSERTION_KEY", "NOD_CHECKPOINT_KEY", "NOD_PROMISE_KEY", "NOD_DATA_KEY", "NOD_INDEX_KEY"}

// laterKeys came after folders had been made without them: such a folder gets one.
var laterKeys = []string{"NOD_CHECKPOINT_KEY", "NOD_PROMISE_KEY"}

// newKeys makes every key that Nod needs.
func newKeys() (map[string]string, error) {
	data, err := vault.NewDataKey()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"NOD_OPERATOR_KEY":   domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String(),
		"NOD_ASSERTION_KEY":  vault.RandomKey(),
		"NOD_INDEX_KEY":      vault.RandomKey(),
		"NOD_CHECKPOINT_KEY": vault.RandomKey(),
		"NOD_PROMISE_KEY":    vault.RandomKey(),
		"NOD_DATA_KEY":       data,
	}, nil
}
