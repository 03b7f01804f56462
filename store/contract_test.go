package store_test

import (
	"testing"

	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

func TestSQLiteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return storetest.SQLite(t) })
}

func TestPostgreSQLKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.DB { return storetest.Open(t, storetest.Postgres(t)) })
}
