package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	// SigninToken is the kind of the one-time tokens that sign somebody in to the web chat.
	SigninToken = "signin"
	// SigninLife is how long a sign-in link works.
	SigninLife = 10 * time.Minute
)

// SigninLink makes a link that signs the user in to the web chat once, within SigninLife of
// now.
func SigninLink(ctx context.Context, db *store.DB, publicURL string, user core.UserID, now time.Time) (string, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	token := base64.RawURLEncoding.EncodeToString(secret)
	sum := sha256.Sum256([]byte(token))
	t := store.Token{Hash: sum[:], Kind: SigninToken, User: user, ExpiresAt: now.Add(SigninLife)}
	if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertToken(ctx, t) }); err != nil {
		return "", err
	}
	// Browsers send what stands behind # to nobody.
	return strings.TrimRight(publicURL, "/") + "/chat/signin#token=" + token, nil
}

// signin gives a link that signs the person in to the web chat, once.
func signin(ctx context.Context, c *call) (Reply, error) {
	if err := c.private(); err != nil {
		return Reply{}, err
	}
	href, err := SigninLink(ctx, c.engine.DB, c.publicURL, c.user.ID, c.now)
	if err != nil {
		return Reply{}, err
	}
	return answer(linked("Sign in to the web chat", href), plain(href),
		say("The link works once, until {}. Give it to nobody.", clock(c.now.Add(SigninLife)))), nil
}
