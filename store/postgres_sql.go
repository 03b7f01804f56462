package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

func (postgres) Among(column string, n int) string { return fmt.Sprintf("%s = ANY($%d)", column, n) }

func (d postgres) AmongBytes(column string, n int) string { return d.Among(column, n) }

func (postgres) List(n int) string { return fmt.Sprintf("unnest($%d::bigint[]) AS s(id)", n) }

func (postgres) Array(values any) any { return values }

// Gate is a statement of its own: at READ COMMITTED the next one sees what it waited for.
func (postgres) Gate(ctx context.Context, tx *sql.Tx, sources []int64) error {
	_, err := tx.ExecContext(ctx, `
		SELECT pg_advisory_xact_lock(k)
		FROM (SELECT DISTINCT unnest($1::bigint[]) AS k ORDER BY 1) AS s`, sources)
	return err
}

func (postgres) IDs(ctx context.Context, tx *sql.Tx, seq string, n int) ([]int64, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT nextval($1::text::regclass)
		FROM generate_series(1, $2::bigint)`, seq, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := make([]int64, 0, n)
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (postgres) Insert(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any, tail string) error {
	if len(rows) == 0 {
		return nil
	}
	if err := allStorable(rows); err != nil {
		return err
	}
	from, args := unnest(columns, rows)
	_, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM %s %s",
		table, strings.Join(columns, ", "), from, tail), args...)
	return err
}

// InsertNumbered leaves the column id to its default.
func (d postgres) InsertNumbered(ctx context.Context, tx *sql.Tx, table, _ string, columns []string, rows [][]any, tail string) error {
	return d.Insert(ctx, tx, table, columns, rows, tail)
}

func (postgres) Update(ctx context.Context, tx *sql.Tx, table string, keys, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if err := allStorable(rows); err != nil {
		return err
	}
	from, args := unnest(append(append([]string(nil), keys...), columns...), rows)
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = u." + c
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE %s AS t SET %s FROM %s WHERE %s",
		table, strings.Join(set, ", "), from, matching(keys)), args...)
	return err
}

func (postgres) Delete(ctx context.Context, tx *sql.Tx, table string, keys []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	from, args := unnest(keys, rows)
	_, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s AS t USING %s WHERE %s",
		table, from, matching(keys)), args...)
	return err
}

// matching is the condition that t is one of the rows u. That each key is in its array
// follows from it, but gives the planner the index whichever of the two it starts from:
// with a table that it believes to be empty it starts there, and reads all of it.
func matching(keys []string) string {
	parts := make([]string, 0, 2*len(keys))
	for i, k := range keys {
		parts = append(parts, fmt.Sprintf("t.%s = u.%s", k, k), fmt.Sprintf("t.%s = ANY($%d)", k, i+1))
	}
	return strings.Join(parts, " AND ")
}

// unnest is rows as a table u with these columns: one array a column, so that the text,
// and with it the prepared statement, is the same for any number of rows.
func unnest(columns []string, rows [][]any) (from string, args []any) {
	types := make([]string, len(columns))
	args = make([]any, len(columns))
	for i := range columns {
		var t string
		args[i], t = column(rows, i)
		types[i] = fmt.Sprintf("$%d::%s[]", i+1, t)
	}
	return fmt.Sprintf("unnest(%s) AS u(%s)", strings.Join(types, ", "), strings.Join(columns, ", ")), args
}

// column turns a column of rows into an array; its type is that of the first row.
func column(rows [][]any, i int) (array any, sqlType string) {
	switch rows[0][i].(type) {
	case int64:
		return typed[int64](rows, i), "bigint"
	case string:
		return typed[string](rows, i), "text"
	case *string:
		return typed[*string](rows, i), "text"
	case bool:
		return typed[bool](rows, i), "boolean"
	case []byte:
		return typed[[]byte](rows, i), "bytea"
	}
	panic(fmt.Sprintf("store: no array of %T", rows[0][i]))
}

func typed[T any](rows [][]any, i int) []T {
	array := make([]T, len(rows))
	for r := range rows {
		array[r] = rows[r][i].(T)
	}
	return array
}
