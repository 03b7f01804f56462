package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// IdentityRow is a link and where it came from.
type IdentityRow struct {
	core.Identity
	Origin string // file:…, code, email
}

// Identities returns all links of accounts to users, by platform and account.
func (tx *Tx) Identities(ctx context.Context) (links []IdentityRow, err error) {
	err = tx.query(ctx, "load identities", func(r row) error {
		var l IdentityRow
		err := r.Scan(&l.Platform, &l.Account, &l.User, &l.Origin)
		links = append(links, l)
		return err
	}, `
		SELECT platform, account, user_id, origin
		FROM identities
		ORDER BY platform, account`)
	return links, err
}

// PutIdentity links an account; one that is linked to another user is core.Conflict.
func (tx *Tx) PutIdentity(ctx context.Context, r IdentityRow, now time.Time) error {
	n, err := tx.exec(ctx, "save identity", `
		INSERT INTO identities (platform, account, user_id, origin, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (platform, account) DO UPDATE SET origin = excluded.origin
		WHERE identities.user_id = excluded.user_id`,
		r.Platform, r.Account, int64(r.User), r.Origin, Micros(now))
	if err == nil && n == 0 {
		return core.Errorf(core.Conflict, "The %s account %s is linked to another user.", r.Platform, r.Account)
	}
	return err
}

// DeleteIdentity unlinks an account.
func (tx *Tx) DeleteIdentity(ctx context.Context, platform, account string) error {
	_, err := tx.exec(ctx, "delete identity", `
		DELETE FROM identities
		WHERE platform = $1
		AND account = $2`, platform, account)
	return err
}
