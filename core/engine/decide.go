package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// staleTries is how often a transaction is begun again because the configuration changed
// under it.
const staleTries = 8

// decide runs fn in a transaction with the configuration that the database has, saves
// what its unit changed, and wakes who has work from it. A panic in fn is an error, so
// that one poisoned row fails alone. fn may run more than once.
func (e *Engine) decide(ctx context.Context, fn func(tx *store.Tx, u *unit) error) error {
	for tries := 1; ; tries++ {
		snap := e.Snapshot()
		var u *unit
		err := e.DB.Tx(ctx, func(tx *store.Tx) error {
			u = newUnit(snap, e.Now())
			return e.confine(func() error { return u.run(ctx, tx, fn) })
		})
		switch {
		case err == nil, errors.Is(err, store.ErrUnknown):
			e.wake(u)
			u.committed(err)
			return err
		case !errors.Is(err, errStale):
			return err
		case tries == staleTries:
			return &core.Error{Kind: core.Unavailable, Text: "the configuration is being changed", Do: "Try again in a moment.", Err: err}
		}
		if _, err := e.refresh(ctx); err != nil {
			return err
		}
	}
}

// committed remembers in memory what is stored now; of what may be stored, nothing.
func (u *unit) committed(err error) {
	for _, remember := range u.done {
		if err == nil {
			remember()
		}
	}
}

// run is one try of decide.
func (u *unit) run(ctx context.Context, tx *store.Tx, fn func(tx *store.Tx, u *unit) error) error {
	if err := fn(tx, u); err != nil {
		return err
	}
	// Last: who changes the configuration waits for nobody here, and what we decided
	// stands only if it is still the one we decided with.
	version, err := tx.Version(ctx)
	if err != nil {
		return fmt.Errorf("read the configuration's version: %w", err)
	}
	if version != u.snap.Version+u.raised {
		return errStale
	}
	return u.save(ctx, tx)
}

// confine turns a panic into an error. It is logged where it happened, since whoever
// handles the error does not have the stack.
func (e *Engine) confine(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.stats.Panics.Add(1)
			e.log.Error("panic", "err", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return fn()
}
