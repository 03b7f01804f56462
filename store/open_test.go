package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

func TestOpenMakesTheTablesOnce(t *testing.T) {
	for name, dsn := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "what?a #name%20.db"),
		"postgres": storetest.Postgres(t),
	} {
		first := storetest.Open(t, dsn)
		require.True(t, first.Fresh(), name)
		require.NoError(t, first.Tx(t.Context(), func(tx *store.Tx) error { return tx.SetApplied(t.Context(), "x", time.Unix(1, 0)) }))
		second := storetest.Open(t, dsn)
		require.False(t, second.Fresh(), name)
		require.Equal(t, name == "postgres", second.Shared())
		require.NoError(t, second.View(t.Context(), func(tx *store.Tx) error {
			at, err := tx.Applied(t.Context(), "x")
			require.False(t, at.IsZero(), name)
			return err
		}))
	}
}

func TestProgramsThatStartTogetherAllOpen(t *testing.T) {
	for name, dsn := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "watchbell.db"),
		"postgres": storetest.Postgres(t),
	} {
		fresh := make(chan error, 3)
		for range 3 {
			go func() {
				db, err := store.Open(t.Context(), dsn)
				if err == nil {
					err = db.Close()
				}
				fresh <- err
			}()
		}
		for range 3 {
			require.NoError(t, <-fresh, name)
		}
	}
}

func TestFileIsItsOwnersOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "watchbell.db")
	storetest.Open(t, "sqlite:"+file)
	for _, name := range []string{file, file + "-wal"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, "-rw-------", info.Mode().String(), name)
	}
}

func TestUnknownAddressIsInvalid(t *testing.T) {
	for _, dsn := range []string{"", "mysql://x", "watchbell.db", "sqlite:"} {
		_, err := store.Open(t.Context(), dsn)
		require.Equal(t, core.Invalid, core.KindOf(err), "%q: %v", dsn, err)
	}
	_, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	require.Equal(t, core.Unavailable, core.KindOf(err), "%v", err)
}

func TestSecondServeNamesTheFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "watchbell.db")
	first, second := storetest.Open(t, "sqlite:"+file), storetest.Open(t, "sqlite:"+file)
	require.NoError(t, first.Serve())
	require.NoError(t, first.Serve(), "asking again changes nothing")
	err := second.Serve()
	require.Equal(t, core.Conflict, core.KindOf(err))
	host, _ := os.Hostname()
	require.ErrorContains(t, err, fmt.Sprintf("process %d on %s", os.Getpid(), host))
	require.NoError(t, first.Close())
	require.NoError(t, second.Serve())
}

// TestLockOfADeadProcessIsFree kills a process that serves.
func TestLockOfADeadProcessIsFree(t *testing.T) {
	if file := os.Getenv("WATCHBELL_TEST_SERVE"); file != "" {
		db, err := store.Open(t.Context(), "sqlite:"+file)
		require.NoError(t, err)
		require.NoError(t, db.Serve())
		fmt.Println("serving")
		select {}
	}
	file := filepath.Join(t.TempDir(), "watchbell.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestLockOfADeadProcessIsFree$")
	cmd.Env = append(os.Environ(), "WATCHBELL_TEST_SERVE="+file)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "serving\n", said)
	db := storetest.Open(t, "sqlite:"+file)
	require.ErrorContains(t, db.Serve(), fmt.Sprintf("process %d ", cmd.Process.Pid))
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.NoError(t, db.Serve())
}

// TestMemoryWorksInABubble runs virtual hours of work on a database in memory.
func TestMemoryWorksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Memory(t)
		start, err := db.Clock(t.Context())
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- db.Listen(ctx, func(string) {}) }()
		for i := range 100 {
			time.Sleep(time.Minute)
			now, err := db.Clock(t.Context())
			require.NoError(t, err)
			require.Equal(t, start.Add(time.Duration(i+1)*time.Minute), now)
			require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
				_, err := tx.NextRun(ctx, store.LanePage)
				return err
			}))
			_, ok, err := db.Claim(ctx, store.LanePage, now, time.Minute)
			require.NoError(t, err)
			require.False(t, ok)
		}
		stop()
		require.NoError(t, <-done)
		require.Error(t, db.Tx(ctx, func(*store.Tx) error { return nil }))
		require.NoError(t, db.Ping(t.Context()), "a caller who left takes no database with them")
	})
}

func TestHintsReachOtherProcessesOnly(t *testing.T) {
	dsn := storetest.Postgres(t)
	a, b := storetest.Open(t, dsn), storetest.Open(t, dsn)
	ctx, stop := context.WithCancel(t.Context())
	heard := make(chan string, 100)
	done := make(chan error)
	go func() { done <- a.Listen(ctx, func(hint string) { heard <- hint }) }()
	for got := false; !got; { // until it listens
		require.NoError(t, a.Notify(ctx, "own"))
		require.NoError(t, b.Notify(ctx, "page"))
		select {
		case hint := <-heard:
			require.Equal(t, "page", hint)
			got = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	stop()
	require.NoError(t, <-done)
}
