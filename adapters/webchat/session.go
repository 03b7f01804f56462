package webchat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

const (
	cookieName  = "watchbell_session"
	sessionIdle = 30 * 24 * time.Hour
	sessionLife = 90 * 24 * time.Hour
	touchEvery  = time.Hour // how exactly the last visit is known
)

// person is who is signed in.
type person struct {
	core.User
	account string
	session []byte // hash
}

func (p person) actor() core.Actor {
	return core.Actor{Platform: Platform, Account: p.account, Name: p.Name()}
}

// secret draws 256 bits and returns them with their hash, which is what is stored.
func secret() (text string, hash []byte) {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	text = base64.RawURLEncoding.EncodeToString(b)
	return text, hashOf(text)
}

func hashOf(text string) []byte {
	h := sha256.Sum256([]byte(text))
	return h[:]
}

// signedIn finds the person of a request. Two cookies of our name mean that somebody
// planted one: nobody is signed in.
func (a *Adapter) signedIn(r *http.Request) (person, error) {
	cookies := r.CookiesNamed(cookieName)
	if len(cookies) != 1 {
		return person{}, errNotSignedIn
	}
	hash := hashOf(cookies[0].Value)
	s, err := a.session(r.Context(), hash)
	if core.KindOf(err) == core.NotFound {
		return person{}, errNotSignedIn
	}
	if err != nil {
		return person{}, err
	}
	now := a.e.Now()
	if now.Sub(s.SeenAt) > touchEvery {
		err := a.e.DB.Tx(r.Context(), func(tx *store.Tx) error {
			return tx.TouchSession(r.Context(), hash, now)
		})
		if err != nil {
			a.log.Warn("note a visit", "err", err) // the next one will
		}
	}
	return a.personOf(s)
}

// session loads one that is not over; core.NotFound otherwise.
func (a *Adapter) session(ctx context.Context, hash []byte) (s store.Session, err error) {
	err = a.e.DB.View(ctx, func(tx *store.Tx) (err error) {
		s, err = tx.SessionByHash(ctx, hash)
		return err
	})
	now := a.e.Now()
	if err == nil && (now.Sub(s.SeenAt) > sessionIdle || now.Sub(s.CreatedAt) > sessionLife) {
		return s, core.Errorf(core.NotFound, "The session is over.")
	}
	return s, err
}

func (a *Adapter) personOf(s store.Session) (person, error) {
	snap := a.e.Snapshot()
	u, ok := snap.Users[s.User]
	if !ok {
		return person{}, errNotSignedIn
	}
	account, ok := snap.AccountOf(u.ID, Platform)
	if !ok {
		account = unlinked(snap, u)
	}
	return person{User: u, account: account, session: s.Hash}, nil
}

// unlinked names the account of somebody who has none, so that the bot can say what it
// thinks of that: like the user, unless that is the account of another, as whom they would
// act.
func unlinked(snap *engine.Snapshot, u core.User) string {
	if _, taken := snap.UserOf(Platform, u.Username); !taken {
		return u.Username
	}
	return fmt.Sprintf("user %d", u.ID) // no name has a space
}

// stillIn tells whether an open stream may go on; a database that is away ends nothing.
func (a *Adapter) stillIn(ctx context.Context, who person) bool {
	if _, ok := a.e.Snapshot().Users[who.ID]; !ok {
		return false
	}
	_, err := a.session(ctx, who.session)
	return core.KindOf(err) != core.NotFound
}

func (a *Adapter) setCookie(w http.ResponseWriter, value string) {
	age := int(sessionLife / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: a.base + "/", MaxAge: age,
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
	})
}
