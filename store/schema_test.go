package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// TestBothDatabasesHaveTheSameTables compares what is really there after the migrations:
// tables, columns with type and whether they may be NULL, keys and indexes.
func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "watchbell.db")
	address := storetest.Postgres(t)
	for _, dsn := range []string{"sqlite:" + file, address} {
		db, err := store.Open(t.Context(), dsn)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
	lite, pg := sqliteSchema(t, file), postgresSchema(t, address)
	require.Greater(t, len(lite), 150)
	for line := range lite {
		require.True(t, pg[line], "only SQLite has %s", line)
	}
	for line := range pg {
		require.True(t, lite[line], "only PostgreSQL has %s", line)
	}
}

func sqliteSchema(t *testing.T, file string) map[string]bool {
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	schema := map[string]bool{}
	for _, r := range textRows(t, db, `
		SELECT m.name, c.name, c.type, c."notnull" OR c.pk > 0
		FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT IN ('ids', 'goose_db_version')`) {
		schema[fmt.Sprintf("column %s.%s %s, not null %s", r[0], r[1], r[2], r[3])] = true
	}
	for _, r := range textRows(t, db, `
		SELECT m.name, i."unique", group_concat(c.name, ','), COALESCE(x.sql, '')
		FROM sqlite_master AS m, pragma_index_list(m.name) AS i, pragma_index_info(i.name) AS c
		LEFT JOIN sqlite_master AS x ON x.name = i.name
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT IN ('ids', 'goose_db_version')
		GROUP BY m.name, i.name`) {
		schema[index(r[0], r[1], r[2], r[3])] = true
	}
	return schema
}

func postgresSchema(t *testing.T, dsn string) map[string]bool {
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	defer db.Close()
	schema := map[string]bool{}
	for _, r := range textRows(t, db, `
		SELECT table_name, column_name, upper(data_type), CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`) {
		schema[fmt.Sprintf("column %s.%s %s, not null %s", r[0], r[1], r[2], r[3])] = true
	}
	for _, r := range textRows(t, db, `
		SELECT c.relname, CASE WHEN i.indisunique THEN '1' ELSE '0' END,
			(SELECT string_agg(a.attname, ',' ORDER BY k.n)
				FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
				JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum),
			pg_get_indexdef(i.indexrelid)
		FROM pg_index AS i
		JOIN pg_class AS c ON c.oid = i.indrelid
		JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relname <> 'goose_db_version'`) {
		schema[index(r[0], r[1], r[2], r[3])] = true
	}
	return schema
}

// index says what an index is, without its name: keys have names of their own in each
// database.
func index(table, unique, columns, definition string) string {
	where := ""
	if _, after, ok := strings.Cut(definition, "WHERE "); ok {
		where = " where " + regexp.MustCompile(`[()]|::\w+`).ReplaceAllString(after, "")
	}
	return fmt.Sprintf("index on %s (%s), unique %s%s", table, columns, unique, where)
}

func textRows(t *testing.T, db *sql.DB, query string) (all [][4]string) {
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var r [4]string
		require.NoError(t, rows.Scan(&r[0], &r[1], &r[2], &r[3]))
		all = append(all, r)
	}
	require.NoError(t, rows.Err())
	return all
}
