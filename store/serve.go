package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/watchbell/watchbell/core"
)

// errLocked is that another process has the lock.
var errLocked = errors.New("locked")

// serveLock is the claim to be the one process that serves a SQLite file: a lock on a
// file beside it, which the system drops when the process ends, however it ends. The file
// says who has it and stays.
type serveLock struct {
	file string // "" where nobody has to be kept out

	mu   sync.Mutex // guards held
	held *os.File
}

func (l *serveLock) take() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == "" || l.held != nil {
		return nil
	}
	f, err := os.OpenFile(l.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unavailable(fmt.Sprintf("The lock file %s cannot be opened.", l.file), err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return l.taken()
		}
		return unavailable(fmt.Sprintf("The file %s cannot be locked.", l.file), err)
	}
	if err := l.sign(f); err != nil {
		_ = f.Close()
		return unavailable(fmt.Sprintf("The lock file %s cannot be written.", l.file), err)
	}
	l.held = f
	return nil
}

// sign writes who has the lock.
func (l *serveLock) sign(f *os.File) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "process %d on %s\n", os.Getpid(), host), 0)
	return err
}

func (l *serveLock) taken() error {
	who := "another process"
	if text, err := os.ReadFile(l.file); err == nil && len(text) > 0 {
		who = strings.TrimSpace(string(text))
	}
	return &core.Error{
		Kind: core.Conflict,
		Text: fmt.Sprintf("%s is already served by %s.", strings.TrimSuffix(l.file, ".lock"), who),
		Do:   "Stop that process, give this one another --database, or use PostgreSQL, which several may serve.",
	}
}

func (l *serveLock) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		return nil
	}
	err := l.held.Close()
	l.held = nil
	return err
}
