package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/watchbell/watchbell/migrations"
)

// migrate brings the tables to this program's version and tells whether it made the
// first. A database that is newer is left as it is: migrations only add, in steps that
// the previous release survives.
func migrate(ctx context.Context, d goose.Dialect, folder string, pool *sql.DB, o ...goose.ProviderOption) (fresh bool, err error) {
	files, err := fs.Sub(migrations.FS, folder)
	if err != nil {
		return false, err
	}
	p, err := goose.NewProvider(d, pool, files, append(o, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return false, fmt.Errorf("read migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	return len(done) > 0 && done[0].Source.Version == 1, nil
}
