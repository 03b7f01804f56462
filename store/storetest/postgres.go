package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres makes an empty database and returns its address; it is dropped at the end of
// the test. The server is the one in WATCHBELL_TEST_POSTGRES (an address whose user may
// create databases), else a throwaway cluster from the machine's own binaries, one for
// each test process, that ends with it. Neither there is a failure.
//
// The throwaway cluster does not wait for the disk: it survives the death of any process,
// not that of the machine.
func Postgres(t testing.TB) string {
	t.Helper()
	return newDatabase(t, quick)
}

// PostgresDurable is Postgres on a cluster that waits for the disk, for measuring.
func PostgresDurable(t testing.TB) string {
	t.Helper()
	return newDatabase(t, durable)
}

// quick and durable are found or started once in a process.
var (
	quick   = sync.OnceValues(func() (cluster, error) { return findServer("off") })
	durable = sync.OnceValues(func() (cluster, error) { return findServer("on") })
)

func findServer(fsync string) (cluster, error) {
	if dsn := os.Getenv("WATCHBELL_TEST_POSTGRES"); dsn != "" {
		return cluster{address: dsn}, nil
	}
	return startCluster(fsync)
}

func newDatabase(t testing.TB, server func() (cluster, error)) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatalf("PostgreSQL to test with: %v\nInstall it (apt-get install postgresql), or set WATCHBELL_TEST_POSTGRES=postgres://USER:PASSWORD@HOST/postgres", err)
	}
	admin := s.address
	address, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("WATCHBELL_TEST_POSTGRES must be an address (postgres://…)")
	}
	name := "watchbell_test_" + strings.ToLower(rand.Text()[:12])
	run(t, t.Context(), admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		run(t, context.Background(), admin, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name))
	})
	address.Path = "/" + name
	return address.String()
}

func run(t testing.TB, ctx context.Context, dsn, sql string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
