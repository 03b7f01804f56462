// Package storetest is the contract that both databases keep, and databases to test with.
package storetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/watchbell/watchbell/store"
)

// Memory opens an empty database in memory. It works in a testing/synctest bubble.
func Memory(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, "sqlite::memory:")
}

// SQLite opens an empty database in a file that goes with the test.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, "sqlite:"+filepath.Join(t.TempDir(), "watchbell.db"))
}

// Open opens a database until the end of the test.
func Open(t testing.TB, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	addresses.Store(db, dsn)
	t.Cleanup(func() {
		addresses.Delete(db)
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

// Each runs a test on both databases, each with an empty one of its own;
// WATCHBELL_TEST_DATABASES narrows that to those it names (sqlite,postgres).
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	if wanted("sqlite") {
		t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	}
	if wanted("postgres") {
		t.Run("postgres", func(t *testing.T) { test(t, Open(t, Postgres(t))) })
	}
}

func wanted(database string) bool {
	list := os.Getenv("WATCHBELL_TEST_DATABASES")
	return list == "" || slices.Contains(strings.Split(list, ","), database)
}
