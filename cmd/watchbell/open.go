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
	fresh, err := uninstalled(ctx, db)
	var secret core.Secret
	if err == nil {
		secret, err = a.secret(fresh)
	}
	if err == nil {
		var e *engine.Engine
		if e, err = engine.New(ctx, db, engine.Options{Secret: secret, Log: log, Platforms: platforms}); err == nil {
			return e, nil
		}
	}
	_ = db.Close()
	return nil, err
}

// uninstalled tells whether nothing was ever sealed in a database: it is new, or its first
// start was cut off.
func uninstalled(ctx context.Context, db *store.DB) (fresh bool, err error) {
	err = db.View(ctx, func(tx *store.Tx) error {
		_, err := tx.Settings(ctx)
		fresh = core.KindOf(err) == core.NotFound
		if fresh {
			return nil
		}
		return err
	})
	return fresh, err
}

// there refuses a SQLite file that does not exist: only serve, demo and a real apply make
// one.
func (a *app) there() error {
	file, ok := strings.CutPrefix(a.Database, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return &core.Error{Kind: core.NotFound, Text: fmt.Sprintf("there is no database %s", file),
			Do: "Name it with --database or WATCHBELL_DATABASE; watchbell serve or apply makes one."}
	}
	return nil
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
	case err == nil && len(strings.TrimSpace(string(b))) < 16:
		return "", &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("%s holds no secret", path),
			Do: "Put back the file that belongs to this database, or set WATCHBELL_SECRET."}
	case err == nil:
		return core.Secret(strings.TrimSpace(string(b))), nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("read the secret: %w", err)
	case !fresh:
		return "", &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("the database exists, but its secret (%s) does not", path),
			Do: "Put the file back, or set WATCHBELL_SECRET. Without it integration keys cannot be read."}
	}
	return makeSecret(path)
}

// makeSecret writes a new secret whole or not at all; of two programs that try, one wins
// and both read the same.
func makeSecret(path string) (core.Secret, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".watchbell-secret-")
	if err != nil {
		return "", fmt.Errorf("make the secret: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(rand.Text() + rand.Text() + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("write the secret: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the secret: %w", err)
	}
	return secretFile(path, true)
}
