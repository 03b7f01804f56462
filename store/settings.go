package store

import (
	"context"
	"time"
)

// Settings is the installation's own row.
type Settings struct {
	Version      int64
	Installation string
	SecretCheck  []byte
}

// Settings reads the row; core.NotFound before Init.
func (tx *Tx) Settings(ctx context.Context) (s Settings, err error) {
	ok, err := tx.one(ctx, "load settings", []any{&s.Version, &s.Installation, &s.SecretCheck}, `
		SELECT version, installation, secret_check
		FROM settings
		WHERE id = 1`)
	if err == nil && !ok {
		err = errNoSettings()
	}
	return s, err
}

// Init writes the row of a new installation. A second one is a Duplicate, so that of two
// replicas that start together one makes it and the other reads it.
func (tx *Tx) Init(ctx context.Context, s Settings, now time.Time) error {
	_, err := tx.exec(ctx, "write settings", `
		INSERT INTO settings (id, version, installation, secret_check, created_at)
		VALUES (1, $1, $2, $3, $4)`, s.Version, s.Installation, s.SecretCheck, Micros(now))
	return err
}

// Version reads the configuration's version; BumpVersion raises it, and locks it to the
// end of the transaction.
func (tx *Tx) Version(ctx context.Context) (v int64, err error) {
	ok, err := tx.one(ctx, "read version", []any{&v}, `
		SELECT version
		FROM settings
		WHERE id = 1`)
	if err == nil && !ok {
		err = errNoSettings()
	}
	return v, err
}

// BumpVersion tells every replica that the configuration changed.
func (tx *Tx) BumpVersion(ctx context.Context) (v int64, err error) {
	ok, err := tx.one(ctx, "raise version", []any{&v}, `
		UPDATE settings
		SET version = version + 1
		WHERE id = 1
		RETURNING version`)
	if err == nil && !ok {
		err = errNoSettings()
	}
	return v, err
}

func errNoSettings() error { return notFound("This database has not been set up.") }

// Applied tells when a configuration file with this hash was applied; zero if never.
func (tx *Tx) Applied(ctx context.Context, hash string) (time.Time, error) {
	var at int64
	_, err := tx.one(ctx, "look for applied file", []any{&at}, `
		SELECT at
		FROM applied
		WHERE hash = $1`, hash)
	return FromMicros(at), err
}

// SetApplied remembers that it was.
func (tx *Tx) SetApplied(ctx context.Context, hash string, at time.Time) error {
	_, err := tx.exec(ctx, "remember applied file", `
		INSERT INTO applied (hash, at)
		VALUES ($1, $2)
		ON CONFLICT (hash) DO UPDATE SET at = excluded.at`, hash, Micros(at))
	return err
}
