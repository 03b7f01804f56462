package webchat

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	// TokenKind is the kind of the one-time tokens that sign somebody in.
	TokenKind = bot.SigninToken
	// TokenLife is how long a link works.
	TokenLife = bot.SigninLife

	demoKind = "demo" // opens the choice of people once
)

// SigninLink is bot.SigninLink, for those who know only the web chat.
func SigninLink(ctx context.Context, db *store.DB, publicURL string, user core.UserID, now time.Time) (string, error) {
	return bot.SigninLink(ctx, db, publicURL, user, now)
}

// DemoLink makes a link that opens the demo's choice of people where the visitor is not
// on a loopback address: in a container.
func DemoLink(ctx context.Context, db *store.DB, publicURL string, now time.Time) (string, error) {
	token, hash := secret()
	t := store.Token{Hash: hash, Kind: demoKind, ExpiresAt: now.Add(24 * time.Hour)}
	if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertToken(ctx, t) }); err != nil {
		return "", err
	}
	return strings.TrimRight(publicURL, "/") + "/chat/signin#demo=" + token, nil
}

// NewSigninLink is SigninLink with this installation's database, address and time.
func (a *Adapter) NewSigninLink(ctx context.Context, user core.UserID) (string, error) {
	return SigninLink(ctx, a.e.DB, a.o.PublicURL, user, a.e.Now())
}

// signin answers POST /chat/api/signin: a token, or in the demo a choice.
func (a *Adapter) signin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Token string `json:"token"`
		User  string `json:"user"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	switch {
	case in.User != "":
		return a.signinAs(w, r, in.User, in.Token)
	case in.Token != "":
		return a.signinByToken(w, r, in.Token)
	}
	return core.Errorf(core.Invalid, "Signing in needs a token.")
}

func (a *Adapter) signinByToken(w http.ResponseWriter, r *http.Request, token string) error {
	ctx, now := r.Context(), a.e.Now()
	var user core.UserID
	text, hash := secret()
	err := a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.UseToken(ctx, TokenKind, hashOf(token), now)
		if err != nil {
			return err
		}
		user = t.User
		return a.begin(ctx, tx, r, store.Session{Hash: hash, User: user, CreatedAt: now, SeenAt: now})
	})
	if core.KindOf(err) == core.Denied || core.KindOf(err) == core.NotFound {
		return errLinkSpent
	}
	if err != nil {
		return err
	}
	return a.welcome(w, r, user, text)
}

// signinAs is the demo's choice: for visitors on loopback, for those with the demo's
// link, and for those who chose before.
func (a *Adapter) signinAs(w http.ResponseWriter, r *http.Request, name, token string) error {
	if !a.o.Demo {
		return errNoSuchPage
	}
	u, known := a.e.Snapshot().UserNamed(name)
	if !known {
		return errNoSuchPage
	}
	_, err := a.signedIn(r)
	open := loopback(r) || err == nil
	ctx, now := r.Context(), a.e.Now()
	text, hash := secret()
	err = a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		if !open {
			if _, err := tx.UseToken(ctx, demoKind, hashOf(token), now); err != nil {
				return errNoSuchPage
			}
		}
		return a.begin(ctx, tx, r, store.Session{Hash: hash, User: u.ID, CreatedAt: now, SeenAt: now})
	})
	if err != nil {
		return err
	}
	return a.welcome(w, r, u.ID, text)
}

// begin starts a session and ends the one the browser had.
func (a *Adapter) begin(ctx context.Context, tx *store.Tx, r *http.Request, s store.Session) error {
	for _, old := range r.CookiesNamed(cookieName) {
		if err := tx.DeleteSession(ctx, hashOf(old.Value)); err != nil && core.KindOf(err) != core.NotFound {
			return err
		}
	}
	return tx.InsertSession(ctx, s)
}

// welcome sets the cookie once the person has an account and a conversation.
func (a *Adapter) welcome(w http.ResponseWriter, r *http.Request, user core.UserID, session string) error {
	u, err := a.settle(r.Context(), user)
	if err != nil {
		return err
	}
	a.setCookie(w, session)
	return answer(w, http.StatusOK, meOf(u))
}

// settle ties the account named like the user to them if they have none, and makes
// their direct conversation.
func (a *Adapter) settle(ctx context.Context, user core.UserID) (core.User, error) {
	snap := a.e.Snapshot()
	u, ok := snap.Users[user]
	if !ok { // another process may have made both the user and the link
		var err error
		if snap, err = a.e.Refresh(ctx); err != nil {
			return core.User{}, err
		}
		if u, ok = snap.Users[user]; !ok {
			return core.User{}, errLinkSpent
		}
	}
	account, linked := snap.AccountOf(user, Platform)
	if !linked {
		account = u.Username
		if _, taken := snap.UserOf(Platform, account); taken {
			return core.User{}, core.Errorf(core.Conflict,
				"The web chat account %s belongs to somebody else.", account)
		}
	}
	if _, ok := snap.Direct(user, Platform); ok && linked {
		return u, nil
	}
	direct := core.Conversation{Platform: Platform, Ref: "@" + account, Name: u.Username, User: user}
	err := a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		row := store.IdentityRow{Origin: "code",
			Identity: core.Identity{Platform: Platform, Account: account, User: user}}
		if !linked {
			if err := tx.PutIdentity(ctx, row, a.e.Now()); err != nil {
				return err
			}
		}
		if _, err := tx.EnsureConversation(ctx, direct); err != nil {
			return err
		}
		_, err := tx.BumpVersion(ctx)
		return err
	})
	if err != nil {
		return core.User{}, err
	}
	_, err = a.e.Refresh(ctx)
	return u, err
}

// signout ends the session; without one there is nothing to do.
func (a *Adapter) signout(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		for _, c := range r.CookiesNamed(cookieName) {
			if err := tx.DeleteSession(ctx, hashOf(c.Value)); err != nil && core.KindOf(err) != core.NotFound {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.setCookie(w, "")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// loopback tells whether the visitor is on this machine. One whose request was forwarded
// is not known to be, nor one who came under a foreign name (DNS rebinding).
func loopback(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && isLoopback(peer) && isLoopback(hostname(r.Host))
}

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// choice is one person on the demo's sign-in page.
type choice struct{ Username, Name, What, Initials string }

func (a *Adapter) choices() []choice {
	var all []choice
	for _, u := range a.e.Snapshot().Users {
		what := u.Position
		if what == "" {
			what = roleWord(u.Role)
		}
		if place := placeOf(u.Timezone); place != "" {
			what += " · " + place
		}
		all = append(all, choice{Username: u.Username, Name: u.FullName(), What: what, Initials: initials(u.FullName())})
	}
	slices.SortFunc(all, func(a, b choice) int { return strings.Compare(a.Username, b.Username) })
	return all
}

func roleWord(r core.Role) string {
	switch r {
	case core.Admin:
		return "Administrator"
	case core.RoleUser, core.Responder:
		return "Responder"
	}
	return "Looks on"
}

func placeOf(zone string) string {
	_, city, ok := strings.Cut(zone, "/")
	if !ok {
		return ""
	}
	return strings.ReplaceAll(city[strings.LastIndex(city, "/")+1:], "_", " ")
}

func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		out = append(out, []rune(word)[0])
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return strings.ToUpper(string(out))
}
