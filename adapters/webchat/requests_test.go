package webchat_test

import (
	"context"
	"crypto/sha256"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
)

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	require.NoError(t, err)
	return u
}

func mustInt(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return float64(n)
}

// age makes a browser's session as old as the test wants it.
func age(t *testing.T, db *store.DB, b *browser, created, seen time.Time) {
	t.Helper()
	ctx := context.Background()
	hash := sha256.Sum256([]byte(b.client.Jar.Cookies(mustURL(t, b.http.URL))[0].Value))
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		s, err := tx.SessionByHash(ctx, hash[:])
		if err != nil {
			return err
		}
		if err := tx.DeleteSession(ctx, hash[:]); err != nil {
			return err
		}
		s.CreatedAt, s.SeenAt = created, seen
		return tx.InsertSession(ctx, s)
	}))
}
