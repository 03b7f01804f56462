package store_test

import (
	"bytes"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// wire is a proxy in front of PostgreSQL that can break in the ways networks do.
type wire struct {
	target string
	cut    atomic.Bool // drop the server's answer to the next COMMIT, and the connection
	frozen atomic.Bool // pass nothing on to the server
}

// through starts the proxy and returns the address of the database behind it.
func (w *wire) through(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	w.target = u.Host
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(client)
		}
	}()
	u.Host = l.Addr().String()
	u.RawQuery = "sslmode=disable"
	return u.String()
}

func (w *wire) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	var committing atomic.Bool
	go func() {
		defer server.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			if w.frozen.Load() {
				continue
			}
			if w.cut.Load() && bytes.Contains(bytes.ToLower(buf[:n]), []byte("commit\x00")) {
				committing.Store(true)
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || committing.Load() {
			return // the server has answered, and so has committed
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// TestLostAnswerToCommitIsUnknown cuts the connection after the server has committed.
// pgconn.SafeToRetry says of this very error that nothing was sent.
func TestLostAnswerToCommitIsUnknown(t *testing.T) {
	var w wire
	db := storetest.Open(t, w.through(t, storetest.Postgres(t)))
	ctx := t.Context()
	w.cut.Store(true)
	runs := 0
	err := db.Tx(ctx, func(tx *store.Tx) error {
		runs++
		return tx.InsertEvents(ctx, []store.EventRow{{ID: 1, Correlation: "abc"}})
	})
	w.cut.Store(false)
	require.ErrorIs(t, err, store.ErrUnknown)
	require.Equal(t, 1, runs, "what may have happened is not run again")
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		found, err := tx.HasEvent(ctx, 1, "abc")
		require.True(t, found, "it did happen, and the key tells so")
		return err
	}))
}

// TestFrozenDatabaseIsUnavailableSoon covers a server that takes connections and says
// nothing more.
func TestFrozenDatabaseIsUnavailableSoon(t *testing.T) {
	var w wire
	db := storetest.Open(t, w.through(t, storetest.Postgres(t)))
	require.NoError(t, db.Ping(t.Context()))
	w.frozen.Store(true)
	start := time.Now()
	err := db.Ping(t.Context())
	require.Equal(t, core.Unavailable, core.KindOf(err), "%v", err)
	require.Less(t, time.Since(start), 6*time.Second)
	w.frozen.Store(false)
	require.NoError(t, db.Ping(t.Context()), "the connection that was silent is not used again")
}

// TestAbsentDatabaseIsUnavailable covers a server that is not there, and an
// address that is none; neither tells the password.
func TestAbsentDatabaseIsUnavailable(t *testing.T) {
	_, err := store.Open(t.Context(), "postgres://u:secret@127.0.0.1:1/x")
	require.Equal(t, core.Unavailable, core.KindOf(err), "%v", err)
	require.NotContains(t, err.Error(), "secret")
	_, err = store.Open(t.Context(), "postgres://u:secret@[::bad/x")
	require.Equal(t, core.Invalid, core.KindOf(err))
	require.NotContains(t, err.Error(), "secret")
}
