package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
)

func TestARefreshSeesWhatWasCommittedBefore(t *testing.T) {
	each(t, func(w *world) {
		other := w.replica(w.DB)
		_, err := w.Refresh(w.ctx) // a stranger's key
		require.NoError(w, err)
		for range 2 {
			var version int64
			require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) (err error) {
				version, err = tx.BumpVersion(w.ctx)
				return err
			}))
			together(8, func(int) {
				snap, err := w.Refresh(w.ctx)
				if err != nil || snap.Version < version {
					w.Errorf("got %v, %v", snap, err)
				}
			})
			snap, err := other.Reload(w.ctx)
			require.NoError(w, err)
			require.Equal(w, version, snap.Version)
		}
	})
}
