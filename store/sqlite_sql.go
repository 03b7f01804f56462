package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

func (sqlite) Among(column string, n int) string {
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, n)
}

func (sqlite) AmongBytes(column string, n int) string {
	return fmt.Sprintf("%s IN (SELECT unhex(value) FROM json_each($%d))", column, n)
}

func (sqlite) List(n int) string {
	return fmt.Sprintf("(SELECT value AS id FROM json_each($%d)) AS s", n)
}

func (sqlite) Array(values any) any {
	if keys, ok := values.([][]byte); ok {
		texts := make([]string, len(keys))
		for i, k := range keys {
			texts[i] = hex.EncodeToString(k)
		}
		values = texts
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic("store: array of an unknown type: " + err.Error())
	}
	return string(text)
}

// Gate does nothing: there is one writer.
func (sqlite) Gate(context.Context, *sql.Tx, []int64) error { return nil }

func (sqlite) IDs(ctx context.Context, tx *sql.Tx, seq string, n int) ([]int64, error) {
	var last int64
	err := tx.QueryRowContext(ctx, `
		UPDATE ids
		SET last = last + $2
		WHERE seq = $1
		RETURNING last`, seq, n).Scan(&last)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = last - int64(n) + int64(i) + 1
	}
	return ids, nil
}

func (sqlite) Insert(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any, tail string) error {
	query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) %s",
		table, strings.Join(columns, ", "), params(1, len(columns)), tail)
	return perRow(ctx, tx, query, rows)
}

func (d sqlite) InsertNumbered(ctx context.Context, tx *sql.Tx, table, seq string, columns []string, rows [][]any, tail string) error {
	ids, err := d.IDs(ctx, tx, seq, len(rows))
	if err != nil {
		return err
	}
	numbered := make([][]any, len(rows))
	for i, r := range rows {
		numbered[i] = append([]any{ids[i]}, r...)
	}
	return d.Insert(ctx, tx, table, append([]string{"id"}, columns...), numbered, tail)
}

func (sqlite) Update(ctx context.Context, tx *sql.Tx, table string, keys, columns []string, rows [][]any) error {
	query := fmt.Sprintf("UPDATE %s SET %s WHERE %s", table,
		equals(columns, len(keys)+1, ", "), equals(keys, 1, " AND "))
	return perRow(ctx, tx, query, rows)
}

func (sqlite) Delete(ctx context.Context, tx *sql.Tx, table string, keys []string, rows [][]any) error {
	return perRow(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE %s", table, equals(keys, 1, " AND ")), rows)
}

func perRow(ctx context.Context, tx *sql.Tx, query string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if err := allStorable(rows); err != nil {
		return err
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, r := range rows {
		if _, err := stmt.ExecContext(ctx, r...); err != nil {
			return err
		}
	}
	return nil
}

// params is "$from, …" for n parameters.
func params(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// equals is "a = $from<sep>b = $…".
func equals(columns []string, from int, sep string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf("%s = $%d", c, from+i)
	}
	return strings.Join(parts, sep)
}
