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
func (tx *Tx) InsertAPIKey(ctx context.Context, k *APIKey) error {
	ids, err := tx.ids(ctx, "keys_id", 1)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "insert API key", `
		INSERT INTO api_keys (id, hash, user_id, name, role, created_at, expires_at, revoked_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		ids[0], k.Hash, int64(k.User), k.Name, int64(k.Role),
		Micros(k.CreatedAt), Micros(k.ExpiresAt), Micros(k.RevokedAt), Micros(k.UsedAt))
	if err == nil {
		k.ID = ids[0]
	}
	return err
}

// APIKeyByHash finds one; core.NotFound if there is none (revoked ones are found).
func (tx *Tx) APIKeyByHash(ctx context.Context, hash []byte) (APIKey, error) {
	keys, err := tx.apiKeysBy(ctx, "WHERE hash = $1", hash)
	if err != nil {
		return APIKey{}, err
	}
	if len(keys) == 0 {
		return APIKey{}, notFound("There is no such key.")
	}
	return keys[0], nil
}

// APIKeys returns all, by id.
func (tx *Tx) APIKeys(ctx context.Context) ([]APIKey, error) {
	return tx.apiKeysBy(ctx, "ORDER BY id")
}

func (tx *Tx) apiKeysBy(ctx context.Context, which string, args ...any) (keys []APIKey, err error) {
	err = tx.query(ctx, "load API keys", func(r row) error {
		var k APIKey
		var created, expires, revoked, used int64
		err := r.Scan(&k.ID, &k.Hash, &k.User, &k.Name, &k.Role, &created, &expires, &revoked, &used)
		k.CreatedAt, k.ExpiresAt = FromMicros(created), FromMicros(expires)
		k.RevokedAt, k.UsedAt = FromMicros(revoked), FromMicros(used)
		keys = append(keys, k)
		return err
	}, `
		SELECT id, hash, user_id, name, role, created_at, expires_at, revoked_at, used_at
		FROM api_keys
		`+which, args...)
	return keys, err
}

// RevokeAPIKey ends a key; core.NotFound if there is none. One that is revoked stays so
// since when it was first.
func (tx *Tx) RevokeAPIKey(ctx context.Context, id int64, at time.Time) error {
	n, err := tx.exec(ctx, "revoke API key", `
		UPDATE api_keys
		SET revoked_at = CASE WHEN revoked_at = 0 THEN $2 ELSE revoked_at END
		WHERE id = $1`, id, Micros(at))
	if err == nil && n == 0 {
		return notFound("There is no key %d.", id)
	}
	return err
}

// TouchAPIKey sets when it was last used.
func (tx *Tx) TouchAPIKey(ctx context.Context, id int64, at time.Time) error {
	_, err := tx.exec(ctx, "touch API key", `
		UPDATE api_keys
		SET used_at = $2
		WHERE id = $1`, id, Micros(at))
	return err
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
func (tx *Tx) InsertToken(ctx context.Context, t Token) error {
	_, err := tx.exec(ctx, "insert token", `
		INSERT INTO tokens (hash, kind, user_id, data, expires_at, used_at)
		VALUES ($1, $2, $3, $4, $5, 0)`, t.Hash, t.Kind, int64(t.User), t.Data, Micros(t.ExpiresAt))
	return err
}

// UseToken spends a token: it works once and until it expires, else core.Denied. Of two
// at the same time one gets it.
func (tx *Tx) UseToken(ctx context.Context, kind string, hash []byte, now time.Time) (Token, error) {
	t := Token{Hash: hash, Kind: kind}
	var expires int64
	ok, err := tx.one(ctx, "use token", []any{&t.User, &t.Data, &expires}, `
		UPDATE tokens
		SET used_at = $3
		WHERE hash = $1
		AND kind = $2
		AND used_at = 0
		AND expires_at > $3
		RETURNING user_id, data, expires_at`, hash, kind, Micros(now))
	if err != nil {
		return Token{}, err
	}
	if !ok {
		return Token{}, &core.Error{Kind: core.Denied, Text: "This link or code was used before, or is too old.", Do: "Ask for a new one."}
	}
	t.ExpiresAt = FromMicros(expires)
	return t, nil
}
