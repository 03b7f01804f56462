package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var access = []promise{
	{"a token works once, for its kind, until it expires", tokenOnce},
	{"a key is found, used and revoked", apiKeys},
	{"a session is kept until it is ended", sessions},
	{"a parked press is taken once", parked},
	{"what is over is swept, and nothing else", sweep},
}

func tokenOnce(t *testing.T, db bed) {
	token := store.Token{Hash: []byte{1}, Kind: "signin", User: 4, Data: "x", ExpiresAt: noon.Add(time.Minute)}
	old := store.Token{Hash: []byte{2}, Kind: "signin", ExpiresAt: noon}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertToken(ctx, old))
		return tx.InsertToken(ctx, token)
	})
	use := func(kind string, hash byte) (got store.Token, err error) {
		err = db.try(func(ctx context.Context, tx *store.Tx) error {
			got, err = tx.UseToken(ctx, kind, []byte{hash}, noon)
			return err
		})
		return got, err
	}
	for _, c := range []struct {
		kind string
		hash byte
	}{{"signin", 2}, {"signin", 3}, {"link", 1}} {
		_, err := use(c.kind, c.hash)
		require.Equal(t, core.Denied, core.KindOf(err), "%v: %v", c, err)
	}
	results := make(chan error, 4)
	together(4, func(int) {
		got, err := use("signin", 1)
		if err == nil && got.Data != token.Data {
			t.Errorf("got %+v, want %+v", got, token)
		}
		results <- err
	})
	worked := 0
	for range 4 {
		if err := <-results; err == nil {
			worked++
		} else {
			require.Equal(t, core.Denied, core.KindOf(err))
		}
	}
	require.Equal(t, 1, worked)
}

func apiKeys(t *testing.T, db bed) {
	k := store.APIKey{Hash: []byte{1}, User: 2, Name: "ci", Role: core.Responder, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertAPIKey(ctx, &k))
		require.NotZero(t, k.ID)
		require.NoError(t, tx.TouchAPIKey(ctx, k.ID, noon.Add(time.Minute)))
		require.NoError(t, tx.RevokeAPIKey(ctx, k.ID, noon.Add(time.Minute)))
		require.NoError(t, tx.RevokeAPIKey(ctx, k.ID, noon.Add(time.Hour)))
		require.Equal(t, core.NotFound, core.KindOf(tx.RevokeAPIKey(ctx, 999, noon)))
		k.UsedAt, k.RevokedAt = noon.Add(time.Minute), noon.Add(time.Minute)
		got, err := tx.APIKeyByHash(ctx, []byte{1})
		require.NoError(t, err)
		require.Equal(t, k, got)
		_, err = tx.APIKeyByHash(ctx, []byte{9})
		require.Equal(t, core.NotFound, core.KindOf(err))
		all, err := tx.APIKeys(ctx)
		require.Equal(t, []store.APIKey{k}, all)
		return err
	})
}

func sessions(t *testing.T, db bed) {
	s := store.Session{Hash: []byte{1}, User: 2, CreatedAt: noon, SeenAt: noon}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertSession(ctx, s))
		s.SeenAt = noon.Add(time.Hour)
		require.NoError(t, tx.TouchSession(ctx, s.Hash, s.SeenAt))
		got, err := tx.SessionByHash(ctx, s.Hash)
		require.NoError(t, err)
		require.Equal(t, s, got)
		require.NoError(t, tx.DeleteSession(ctx, s.Hash))
		_, err = tx.SessionByHash(ctx, s.Hash)
		require.Equal(t, core.NotFound, core.KindOf(err))
		return nil
	})
}

func parked(t *testing.T, db bed) {
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		take := func(want string) {
			got, err := tx.Unpark(ctx, "webchat", "a", noon)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		take("")
		require.NoError(t, tx.Park(ctx, "webchat", "a", "first", noon.Add(time.Minute)))
		require.NoError(t, tx.Park(ctx, "webchat", "a", "last", noon.Add(time.Minute)))
		take("last")
		take("")
		require.NoError(t, tx.Park(ctx, "webchat", "a", "old", noon))
		take("")
		return nil
	})
}

func sweep(t *testing.T, db bed) {
	later := noon.Add(time.Second)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		for i, end := range []time.Time{noon, noon, noon, later} {
			key := []byte{byte(i)}
			require.NoError(t, tx.InsertToken(ctx, store.Token{Hash: key, Kind: "link", ExpiresAt: end}))
			require.NoError(t, tx.Park(ctx, "webchat", string(rune('a'+i)), "press", end))
			require.NoError(t, tx.SetSnooze(ctx, key, store.Snooze{Until: end}))
			require.NoError(t, tx.InsertSession(ctx, store.Session{Hash: key, SeenAt: end.Add(-90 * 24 * time.Hour)}))
		}
		for _, want := range []int64{2 * 4, 4, 0} {
			n, err := tx.Sweep(ctx, noon, 2)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		_, err := tx.UseToken(ctx, "link", []byte{3}, noon)
		require.NoError(t, err)
		press, err := tx.Unpark(ctx, "webchat", "d", noon)
		require.NoError(t, err)
		require.Equal(t, "press", press)
		snoozed, err := tx.Snoozes(ctx, [][]byte{{3}}, noon)
		require.NoError(t, err)
		require.Len(t, snoozed, 1)
		_, err = tx.SessionByHash(ctx, []byte{3})
		return err
	})
}
