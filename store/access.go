package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// APIKey is a key without its secret.
type APIKey struct {
	ID        int64
	Hash      []byte // SHA-256
	User      core.UserID
	Name      string
	Role      core.Role // 0: the user's
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: it works
	UsedAt    time.Time
}

// InsertAPIKey stores a key and sets its id.
func (tx *Tx) InsertAPIKey(ctx context.Context, k *APIKey) error { panic("not written") }

// APIKeyByHash finds one; core.NotFound if there is none (revoked ones are found).
func (tx *Tx) APIKeyByHash(ctx context.Context, hash []byte) (APIKey, error) { panic("not written") }

// APIKeys returns all, by id.
func (tx *Tx) APIKeys(ctx context.Context) ([]APIKey, error) { panic("not written") }

// RevokeAPIKey ends a key; core.NotFound if there is none.
func (tx *Tx) RevokeAPIKey(ctx context.Context, id int64, at time.Time) error {
	panic("not written")
}

// Token is a one-time secret, stored hashed.
type Token struct {
	Hash      []byte
	Kind      string // signin, link, page
	User      core.UserID
	Data      string
	ExpiresAt time.Time
}

// InsertToken stores one.
func (tx *Tx) InsertToken(ctx context.Context, t Token) error { panic("not written") }

// UseToken spends a token: it works once and until it expires, else core.Denied.
func (tx *Tx) UseToken(ctx context.Context, kind string, hash []byte, now time.Time) (Token, error) {
	panic("not written")
}

// Session is a signed-in browser.
type Session struct {
	Hash      []byte
	User      core.UserID
	CreatedAt time.Time
	SeenAt    time.Time
}

// InsertSession, SessionByHash, TouchSession and DeleteSession keep sessions.
func (tx *Tx) InsertSession(ctx context.Context, s Session) error { panic("not written") }

// SessionByHash finds one; core.NotFound if there is none. It judges no age.
func (tx *Tx) SessionByHash(ctx context.Context, hash []byte) (Session, error) {
	panic("not written")
}

// TouchSession sets when it was last seen.
func (tx *Tx) TouchSession(ctx context.Context, hash []byte, at time.Time) error {
	panic("not written")
}

// DeleteSession signs out.
func (tx *Tx) DeleteSession(ctx context.Context, hash []byte) error { panic("not written") }

// Park keeps a press by an unknown account until it is linked; the last one counts.
func (tx *Tx) Park(ctx context.Context, platform, account, interaction string, expires time.Time) error {
	panic("not written")
}

// Unpark takes it out; "" if there is none that has not expired.
func (tx *Tx) Unpark(ctx context.Context, platform, account string, now time.Time) (string, error) {
	panic("not written")
}

// Beat records that a replica is alive, finds how long nobody was, and records that
// interval as blind if it is longer than gap. It returns the blind interval, if any.
func (tx *Tx) Beat(ctx context.Context, replica int64, now time.Time, gap time.Duration) (from time.Time, blind bool, err error) {
	panic("not written")
}
