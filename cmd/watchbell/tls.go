package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
)

// checkPair refuses to start with half of what TLS needs, or with what cannot be read.
func checkPair(cert, key string) error {
	if (cert == "") != (key == "") {
		return &core.Error{Kind: core.Invalid, Text: "of --tls-cert and --tls-key only one is given", Do: "TLS needs both."}
	}
	if cert == "" {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		return fmt.Errorf("read certificate and key: %w", err)
	}
	return nil
}

// reloading reads certificate and key again when either file has changed, so that a
// renewed certificate needs no restart. One that cannot be read keeps the old one.
func reloading(cert, key string, log *slog.Logger) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	var mu sync.Mutex // guards what follows
	var have *tls.Certificate
	var from time.Time
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		changed := modified(cert, key)
		if have != nil && !changed.After(from) {
			return have, nil
		}
		c, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			if have == nil {
				return nil, err
			}
			log.Warn("read the renewed certificate", "err", err)
			return have, nil
		}
		have, from = &c, changed
		return have, nil
	}
}

func modified(files ...string) (latest time.Time) {
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
	}
	return latest
}
