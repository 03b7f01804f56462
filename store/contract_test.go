package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

func TestSQLiteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return storetest.SQLite(t) })
}

// TestPostgreSQLKeepsTheContract empties one database again and again: making and
// migrating one for each promise takes most of a minute.
func TestPostgreSQLKeepsTheContract(t *testing.T) {
	dsn := storetest.Postgres(t)
	db := storetest.Open(t, dsn)
	storetest.Run(t, func(t *testing.T) *store.DB {
		empty(t, dsn)
		return db
	})
}

func empty(t *testing.T, dsn string) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		SELECT tablename
		FROM pg_tables
		WHERE schemaname = 'public'
		AND tablename NOT IN ('goose_db_version', 'chat_head')
		ORDER BY tablename`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	_, err = conn.Exec(ctx, "TRUNCATE "+strings.Join(tables, ", "))
	require.NoError(t, err)
}
