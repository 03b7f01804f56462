package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Session is a signed-in browser.
type Session struct {
	Hash      []byte
	User      core.UserID
	CreatedAt time.Time
	SeenAt    time.Time
}

// InsertSession, SessionByHash, TouchSession and DeleteSession keep sessions.
func (tx *Tx) InsertSession(ctx context.Context, s Session) error {
	_, err := tx.exec(ctx, "insert session", `
		INSERT INTO sessions (hash, user_id, created_at, seen_at)
		VALUES ($1, $2, $3, $4)`, s.Hash, int64(s.User), Micros(s.CreatedAt), Micros(s.SeenAt))
	return err
}

// SessionByHash finds one; core.NotFound if there is none. It judges no age.
func (tx *Tx) SessionByHash(ctx context.Context, hash []byte) (Session, error) {
	s := Session{Hash: hash}
	var created, seen int64
	ok, err := tx.one(ctx, "load session", []any{&s.User, &created, &seen}, `
		SELECT user_id, created_at, seen_at
		FROM sessions
		WHERE hash = $1`, hash)
	if err == nil && !ok {
		err = notFound("You are not signed in.")
	}
	s.CreatedAt, s.SeenAt = FromMicros(created), FromMicros(seen)
	return s, err
}

// TouchSession sets when it was last seen.
func (tx *Tx) TouchSession(ctx context.Context, hash []byte, at time.Time) error {
	_, err := tx.exec(ctx, "touch session", `
		UPDATE sessions
		SET seen_at = $2
		WHERE hash = $1`, hash, Micros(at))
	return err
}

// DeleteSession signs out.
func (tx *Tx) DeleteSession(ctx context.Context, hash []byte) error {
	_, err := tx.exec(ctx, "delete session", `
		DELETE FROM sessions
		WHERE hash = $1`, hash)
	return err
}

// Park keeps a press by an unknown account until it is linked; the last one counts.
func (tx *Tx) Park(ctx context.Context, platform, account, interaction string, expires time.Time) error {
	_, err := tx.exec(ctx, "park interaction", `
		INSERT INTO parked (platform, account, interaction, expires_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (platform, account) DO UPDATE SET
			interaction = excluded.interaction, expires_at = excluded.expires_at`,
		platform, account, interaction, Micros(expires))
	return err
}

// Unpark takes it out; "" if there is none that has not expired.
func (tx *Tx) Unpark(ctx context.Context, platform, account string, now time.Time) (string, error) {
	var interaction string
	var expires int64
	_, err := tx.one(ctx, "take parked interaction", []any{&interaction, &expires}, `
		DELETE FROM parked
		WHERE platform = $1
		AND account = $2
		RETURNING interaction, expires_at`, platform, account)
	if err != nil || expires <= Micros(now) {
		return "", err
	}
	return interaction, nil
}
