package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// open opens the database and an engine on it; close the database when done.
func (a *app) open(ctx context.Context, log *slog.Logger) (*engine.Engine, error) {
	return a.openFor(ctx, log, adapters.Platforms())
}

// openFor opens an engine that pages on these platforms only.
func (a *app) openFor(ctx context.Context, log *slog.Logger, platforms []string) (*engine.Engine, error) {
	db, err := store.Open(ctx, a.Database)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	secret, err := a.secret(db.Fresh())
	if err == nil {
		var e *engine.Engine
		if e, err = engine.New(ctx, db, engine.Options{Secret: secret, Log: log, Platforms: platforms}); err == nil {
			return e, nil
		}
	}
	_ = db.Close()
	return nil, err
}

// secret is WATCHBELL_SECRET. On SQLite it is made at the first start, in a file beside
// the database; on PostgreSQL, which outlives machines, it must be given.
func (a *app) secret(fresh bool) (core.Secret, error) {
	v, ok, err := a.env.value("WATCHBELL_SECRET")
	if err != nil {
		return "", err
	}
	if ok && len(v) < 16 {
		return "", &core.Error{Kind: core.Invalid, Text: "WATCHBELL_SECRET is shorter than 16 characters", Do: "Make one with: openssl rand -hex 32"}
	}
	if ok {
		return core.Secret(v), nil
	}
	file, ok := strings.CutPrefix(a.Database, "sqlite:")
	if !ok {
		return "", &core.Error{Kind: core.Invalid, Text: "WATCHBELL_SECRET is not set",
			Do: "On PostgreSQL it must be given, the same for every replica. Make one with: openssl rand -hex 32"}
	}
	if strings.Contains(file, ":memory:") {
		return core.Secret(rand.Text()), nil
	}
	return secretFile(filepath.Join(filepath.Dir(file), "watchbell.secret"), fresh)
}

func secretFile(path string, fresh bool) (core.Secret, error) {
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		return core.Secret(strings.TrimSpace(string(b))), nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("read the secret: %w", err)
	case !fresh:
		return "", &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("the database exists, but its secret (%s) does not", path),
			Do: "Put the file back, or set WATCHBELL_SECRET. Without it integration keys cannot be read."}
	}
	secret := rand.Text() + rand.Text()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return secretFile(path, fresh) // another process was first
	}
	if err != nil {
		return "", fmt.Errorf("make the secret: %w", err)
	}
	if _, err := f.WriteString(secret + "\n"); err != nil {
		return "", fmt.Errorf("write the secret: %w", err)
	}
	return core.Secret(secret), errors.Join(f.Sync(), f.Close())
}
