package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Create an API key; it is printed once."`
	List   keyListCmd   `cmd:"" help:"List API keys, without their secrets."`
	Revoke keyRevokeCmd `cmd:"" help:"Revoke an API key."`
}

type keyCreateCmd struct {
	User    string `required:"" help:"whose key it is"`
	Role    string `placeholder:"ROLE" help:"what it may do, not above the user's role; default: the user's"`
	Name    string `placeholder:"NAME" help:"what it is for"`
	Expires string `placeholder:"90d" help:"when it ends; default: never"`
}

func (c *keyCreateCmd) Run(a *app) error {
	return a.withEngine(func(ctx context.Context, e *engine.Engine) error {
		u, err := userNamed(e, c.User)
		if err != nil {
			return err
		}
		k := store.APIKey{User: u.ID, Name: c.Name, CreatedAt: e.Now()}
		if k.Role, err = c.role(u); err != nil {
			return err
		}
		if c.Expires != "" {
			d, err := days(c.Expires)
			if err != nil {
				return err
			}
			k.ExpiresAt = e.Now().Add(d)
		}
		secret := "wb_" + rand.Text() + rand.Text()
		hash := sha256.Sum256([]byte(secret))
		k.Hash = hash[:]
		err = e.DB.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.InsertAPIKey(ctx, &k); err != nil {
				return err
			}
			return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: "cli", Action: "create key", Object: fmt.Sprintf("key:%d", k.ID), Detail: c.Name})
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(a.err, "key %d of %s; it is shown once\n", k.ID, u.Username)
		fmt.Fprintln(a.out, secret)
		return nil
	})
}

func (c *keyCreateCmd) role(u core.User) (core.Role, error) {
	if c.Role == "" {
		return 0, nil
	}
	role, err := core.ParseRole(strings.ToUpper(c.Role))
	if err != nil {
		return 0, err
	}
	if role > u.Role {
		return 0, core.Errorf(core.Invalid, "%s is above %s's role, %s", role, u.Username, u.Role)
	}
	return role, nil
}

// days reads a duration that may be written in days.
func days(text string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(text, "d"); ok {
		if k, err := strconv.Atoi(n); err == nil && k > 0 {
			return time.Duration(k) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, core.Errorf(core.Invalid, "%q is not a duration; write it like 90d or 12h", text)
	}
	return d, nil
}

type keyListCmd struct {
	JSON bool `name:"json" help:"print as JSON"`
}

// keyLine is a key for scripts.
type keyLine struct {
	ID      int64     `json:"id"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Created time.Time `json:"createdAt"`
	Expires time.Time `json:"expiresAt,omitzero"`
	Revoked time.Time `json:"revokedAt,omitzero"`
	Used    time.Time `json:"usedAt,omitzero"`
}

func (c *keyListCmd) Run(a *app) error {
	return a.withEngine(func(ctx context.Context, e *engine.Engine) error {
		var keys []store.APIKey
		err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
			keys, err = tx.APIKeys(ctx)
			return err
		})
		if err != nil {
			return err
		}
		lines := []keyLine{}
		for _, k := range keys {
			u := e.Snapshot().Users[k.User]
			role := u.Role
			if k.Role != 0 {
				role = min(role, k.Role)
			}
			lines = append(lines, keyLine{k.ID, u.Username, k.Name, role.String(), k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.UsedAt})
		}
		if c.JSON {
			return json.NewEncoder(a.out).Encode(lines)
		}
		w := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tUSER\tROLE\tNAME\tCREATED\tSTATE")
		for _, l := range lines {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.User, l.Role, l.Name, l.Created.Format(time.DateOnly), l.state(e.Now()))
		}
		return w.Flush()
	})
}

func (l keyLine) state(now time.Time) string {
	switch {
	case !l.Revoked.IsZero():
		return "revoked " + l.Revoked.Format(time.DateOnly)
	case !l.Expires.IsZero() && now.After(l.Expires):
		return "expired " + l.Expires.Format(time.DateOnly)
	case !l.Expires.IsZero():
		return "until " + l.Expires.Format(time.DateOnly)
	}
	return "works"
}

type keyRevokeCmd struct {
	ID int64 `arg:"" help:"the key's id, from key list"`
}

func (c *keyRevokeCmd) Run(a *app) error {
	return a.withEngine(func(ctx context.Context, e *engine.Engine) error {
		return e.DB.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.RevokeAPIKey(ctx, c.ID, e.Now()); err != nil {
				return err
			}
			return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: "cli", Action: "revoke key", Object: fmt.Sprintf("key:%d", c.ID)})
		})
	})
}

type signinCmd struct {
	TLSCert string `var:"WATCHBELL_TLS_CERT" name:"tls-cert" placeholder:"FILE" help:"the service's certificate, if it has one [$WATCHBELL_TLS_CERT]"`
	User    string `arg:"" help:"who signs in"`
	Listen  string `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"where the service listens, for the link [$WATCHBELL_LISTEN]"`
}

func (c *signinCmd) Run(a *app) error {
	return a.withEngine(func(ctx context.Context, e *engine.Engine) error {
		u, err := userNamed(e, c.User)
		if err != nil {
			return err
		}
		public, err := publicURL(a.PublicURL, c.Listen, c.TLSCert != "")
		if err != nil {
			return err
		}
		link, err := webchat.SigninLink(ctx, e.DB, public.String(), u.ID, e.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(a.err, "signs %s in, once, within ten minutes\n", u.FullName())
		fmt.Fprintln(a.out, link)
		return nil
	})
}

// withEngine runs a short command on a database that is there.
func (a *app) withEngine(fn func(ctx context.Context, e *engine.Engine) error) error {
	if err := a.there(); err != nil {
		return err
	}
	return a.withNewEngine(fn)
}

// withNewEngine runs a short command on the database, which may be made for it.
func (a *app) withNewEngine(fn func(ctx context.Context, e *engine.Engine) error) error {
	if url, ok := a.env("WATCHBELL_URL"); ok && url != "" {
		return &core.Error{Kind: core.Invalid, Text: "commands against a running service (WATCHBELL_URL) are not available yet",
			Do: "Unset it, and run the command where the database can be reached."}
	}
	ctx, cancel := context.WithTimeout(a.ctx, short)
	defer cancel()
	e, err := a.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer e.DB.Close()
	if e.DB.Fresh() {
		fmt.Fprintf(a.err, "made a new, empty database: %s\n", e.DB)
	}
	return fn(ctx, e)
}

func userNamed(e *engine.Engine, name string) (core.User, error) {
	u, ok := e.Snapshot().UserNamed(strings.TrimPrefix(name, "@"))
	if !ok {
		return u, &core.Error{Kind: core.NotFound, Text: fmt.Sprintf("there is no user %q", name), Do: "Users are made by a configuration file: watchbell apply FILE."}
	}
	return u, nil
}
