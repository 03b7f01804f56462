package storetest

import (
	"database/sql"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/watchbell/watchbell/store"
)

// addresses are those of the databases that Open opened, by *store.DB.
var addresses sync.Map

// Raw opens the database behind db beside it, for what the program never does: to break
// a row, or to look at a table as it is. Not for one in memory.
func Raw(t testing.TB, db *store.DB) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", Address(t, db)
	if file, is := strings.CutPrefix(dsn, "sqlite:"); is {
		driver, dsn = "sqlite", "file:"+file+"?_busy_timeout=5000"
	}
	raw, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatalf("open the database raw: %v", err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

// Address is what a database was opened with.
func Address(t testing.TB, db *store.DB) string {
	t.Helper()
	address, ok := addresses.Load(db)
	if !ok {
		t.Fatal("only the address of a database of storetest.Open is known")
	}
	return address.(string)
}
