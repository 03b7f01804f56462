package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// caller is who asks.
type caller struct {
	core.Viewer           // capped by the key
	user        core.User // the built-in admin has id core.AdminKey
	key         int64     // 0: the admin key
	actor       string    // for the audit
}

// noKey are words that programs send when they were given no key.
var noKey = []string{"", "null", "nil", "none", "undefined", "nothing", "false", "true", "0", "%", "*", "{}", "[]"}

const maxKey = 512

// authenticate finds whose key it is. Nothing is asked of the database for what is no
// key; a key that is unknown costs what a revoked one does.
func (a *API) authenticate(r *http.Request) (caller, error) {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	key = strings.TrimSpace(key)
	if !strings.EqualFold(scheme, "Bearer") || len(key) > maxKey || slices.Contains(noKey, strings.ToLower(key)) {
		return caller{}, &refusal{status: http.StatusUnauthorized, code: "UNAUTHORIZED",
			text: "An API key is needed: send the header Authorization: Bearer KEY."}
	}
	hash := sha256.Sum256([]byte(key))
	if subtle.ConstantTimeCompare(hash[:], a.admin[:]) == 1 && !a.locked {
		return caller{Viewer: core.Viewer{User: core.AdminKey, Role: core.Admin}, user: builtIn(), actor: "key:admin"}, nil
	}
	return a.owner(r, hash[:])
}

// builtIn is whose the admin key is. Nobody is paged as this user.
func builtIn() core.User {
	return core.User{ID: core.AdminKey, Username: core.AdminName, FirstName: "Admin", LastName: "Key", Timezone: "UTC", Role: core.Admin}
}

func (a *API) owner(r *http.Request, hash []byte) (caller, error) {
	var k store.APIKey
	err := a.engine.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		k, err = tx.APIKeyByHash(r.Context(), hash)
		return err
	})
	switch {
	case core.KindOf(err) == core.NotFound:
		return caller{}, wrongKey("This API key is not known.")
	case err != nil:
		return caller{}, fmt.Errorf("look up a key: %w", err)
	case !k.RevokedAt.IsZero():
		return caller{}, wrongKey("This API key was revoked.")
	case !k.ExpiresAt.IsZero() && !a.engine.Now().Before(k.ExpiresAt):
		return caller{}, wrongKey("This API key has expired.")
	}
	a.used(r, k)
	return a.holder(r, k)
}

// used notes that a key is in use, to the minute; a request does not fail for it.
func (a *API) used(r *http.Request, k store.APIKey) {
	now := a.engine.Now()
	if now.Sub(k.UsedAt) < time.Minute {
		return
	}
	err := a.engine.DB.Tx(r.Context(), func(tx *store.Tx) error { return tx.TouchAPIKey(r.Context(), k.ID, now) })
	if err != nil {
		a.log.Warn("note the use of a key", "err", err)
	}
}

// holder is the key's user, who may be newer than what this replica knows.
func (a *API) holder(r *http.Request, k store.APIKey) (caller, error) {
	snap := a.engine.Snapshot()
	user, known := snap.Users[k.User]
	if !known {
		var err error
		if snap, err = a.engine.Refresh(r.Context()); err != nil {
			return caller{}, fmt.Errorf("refresh the configuration: %w", err)
		}
		if user, known = snap.Users[k.User]; !known {
			return caller{}, wrongKey("The user of this API key is gone.")
		}
	}
	return caller{
		Viewer: capped(snap.Viewer(k.User), k.Role),
		user:   user, key: k.ID, actor: "key:" + strconv.FormatInt(k.ID, 10),
	}, nil
}

func wrongKey(text string) error {
	return &refusal{status: http.StatusForbidden, code: "KEY_ERROR", text: text}
}

// capped is the viewer with no role above a key's; the key's role 0 caps nothing.
func capped(v core.Viewer, top core.Role) core.Viewer {
	if top == 0 {
		return v
	}
	teams := make(map[core.TeamID]core.Role, len(v.Teams))
	for id, role := range v.Teams {
		teams[id] = min(role, top)
	}
	return core.Viewer{User: v.User, Role: min(v.Role, top), Teams: teams}
}

// perMinute is what a key may ask; the admin key has no limit.
const perMinute = 1200

// limits counts what each key asks. Only keys that exist get here, so it stays small.
type limits struct {
	mu    sync.Mutex // guards byKey
	byKey map[int64]*rate.Limiter
}

// take counts one request of a key, or says when to come back.
func (l *limits) take(key int64, now time.Time) error {
	if key == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = map[int64]*rate.Limiter{}
	}
	if l.byKey[key] == nil {
		l.byKey[key] = rate.NewLimiter(rate.Limit(perMinute)/60, perMinute)
	}
	if l.byKey[key].AllowN(now, 1) {
		return nil
	}
	return &refusal{status: http.StatusTooManyRequests, code: "TOO_MANY_REQUESTS", retry: "1",
		text: fmt.Sprintf("This key has asked more than %d times in a minute.", perMinute)}
}
