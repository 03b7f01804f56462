package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// OpenTraced is Open for PostgreSQL with a tracer that sees every statement.
func OpenTraced(ctx context.Context, dsn string, tracer pgx.QueryTracer) (*DB, error) {
	return openPostgres(ctx, dsn, tracer)
}
