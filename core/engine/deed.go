package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// Deed is who does something about calendars, and for whom.
type Deed struct {
	Who   core.Viewer // whose rights count; its User does it, or is core.AdminKey
	For   core.UserID // whom it is done for; 0: whoever does it. Only an ADMIN acts for others
	Actor string      // for the audit
	Once  string      // the interaction's id: the same one acts once
}

// party is the person whose deed it is.
func (d Deed) party() (core.UserID, error) {
	switch {
	case d.For == 0 && d.Who.User <= 0:
		return 0, core.Errorf(core.Invalid, "Say for whom: this key is nobody's.")
	case d.For == 0 || d.For == d.Who.User:
		return d.Who.User, nil
	case d.Who.Role != core.Admin:
		return 0, core.Errorf(core.Denied, "Only an administrator may do this for somebody else.")
	}
	return d.For, nil
}

// deed runs fn in one transaction. An interaction that was handled before is a Conflict
// with the code ONCE; fn writes its audit line before it decides anything.
func (e *Engine) deed(ctx context.Context, d Deed, action string, fn func(tx *store.Tx, u *unit) error) error {
	if d.Once == "" {
		d.Once = "calendar/" + rand.Text() // tells what became of it, should the answer to COMMIT be lost
	}
	rearranged := false
	err := e.decide(ctx, func(tx *store.Tx, u *unit) error {
		u.once = d.Once
		err := fn(tx, u)
		rearranged = u.rearranges
		return err
	})
	if errors.Is(err, store.ErrUnknown) {
		err = e.acted(ctx, d.Once, err)
	}
	switch {
	case err == nil && rearranged:
		if _, err := e.reload(ctx); err != nil {
			e.log.Warn("read the configuration", "err", err) // it is stored; whoever decides next reads it
		}
	case err == nil:
	case store.ClassOf(err) == store.Refused:
		return &core.Error{Kind: core.Invalid, Text: "This text cannot be stored.", Err: err}
	case core.KindOf(err) == core.Denied:
		e.auditRefusal(ctx, d, action, err)
	}
	return err
}

// acted answers for a COMMIT that was not answered.
func (e *Engine) acted(ctx context.Context, once string, cause error) error {
	var acted bool
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		acted, err = tx.Acted(ctx, once)
		return err
	})
	if err == nil && acted {
		return nil
	}
	return &core.Error{Kind: core.Unavailable, Text: "The database did not answer.", Err: cause,
		Do: "Look in a moment: it may have been done all the same."}
}

func (e *Engine) auditRefusal(ctx context.Context, d Deed, action string, cause error) {
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: d.Actor, Action: action + " refused", Object: "calendar", Detail: cause.Error()})
	})
	if err != nil {
		e.log.Error("audit a refusal", "actor", d.Actor, "err", err)
	}
}

// doneBefore is the number of the object that an interaction made when it was handled
// first; ok is false if err says anything else.
func (e *Engine) doneBefore(ctx context.Context, d Deed, err error, object string) (id int64, ok bool) {
	refusal, is := errors.AsType[*core.Error](err)
	if !is || refusal.Code != "ONCE" {
		return 0, false
	}
	var have string
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		have, err = tx.AuditObject(ctx, d.Once)
		return err
	})
	n, _ := fmt.Sscanf(have, object+"%d", &id)
	return id, err == nil && n == 1
}

// raise tells every replica that calendars change. It comes first in a transaction: of
// two that change a calendar one waits here for the other, and decides with what it left.
// What the other left is read here, under the lock, so that of many at once none has to
// begin again.
func (e *Engine) raise(ctx context.Context, tx *store.Tx, u *unit) error {
	version, err := tx.BumpVersion(ctx)
	if err != nil {
		return fmt.Errorf("raise the version: %w", err)
	}
	if version-1 != u.snap.Version {
		if u.snap, err = e.load(ctx, tx); err != nil { // has the raised version, and is never published
			return fmt.Errorf("load the configuration: %w", err)
		}
	}
	u.raised, u.rearranges = version-u.snap.Version, true
	return nil
}

func (u *unit) audit(ctx context.Context, tx *store.Tx, d Deed, action, object, detail string) error {
	return tx.Audit(ctx, store.AuditLine{At: u.now, Actor: d.Actor, Action: action, Object: object, Detail: detail, Once: u.once})
}
