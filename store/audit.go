package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// AuditLine is who did what to which object. It is written in the verb's own transaction.
type AuditLine struct {
	At     time.Time
	Actor  string // user:12, key:3, cli, webchat:ana
	Action string // the verb
	Object string // alert:12
	Detail string
	Once   string // the interaction's id; "" if it has none
}

// Audit writes one line of what a person did. A Once that is there already is
// core.Conflict with the code ONCE: the same interaction was handled before. Of two at
// the same time the second waits for the first.
func (tx *Tx) Audit(ctx context.Context, l AuditLine) error {
	ids, err := tx.ids(ctx, "audit_id", 1)
	if err != nil {
		return err
	}
	var once any
	if l.Once != "" {
		once = l.Once
	}
	n, err := tx.exec(ctx, "write audit", `
		INSERT INTO audit (id, at, actor, action, object, detail, once)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (once) DO NOTHING`, ids[0], Micros(l.At), l.Actor, l.Action, l.Object, l.Detail, once)
	if err == nil && n == 0 {
		return &core.Error{Kind: core.Conflict, Text: "This was done before.", Code: "ONCE"}
	}
	return err
}

// Acted tells whether a line with that Once is there: the question after a lost COMMIT.
func (tx *Tx) Acted(ctx context.Context, once string) (bool, error) {
	var one int64
	return tx.one(ctx, "look for audit", []any{&one}, `
		SELECT 1
		FROM audit
		WHERE once = $1`, once)
}
