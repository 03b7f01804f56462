package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Kind is a kind of configured object; its value is its table.
type Kind string

const (
	Users        Kind = "users"
	Teams        Kind = "teams"
	SupportHours Kind = "support_hours"
	Schedules    Kind = "schedules"
	Policies     Kind = "policies"
	Sources      Kind = "sources"
	Heartbeats   Kind = "heartbeats"
	Maintenance  Kind = "maintenance_windows"
)

// Object is one configured object. Spec is its definition as JSON (core.User,
// core.Team, schedules.Hours, schedules.Schedule, core.Policy, core.Source, core.Heartbeat).
type Object struct {
	ID        int64
	Name      string
	Spec      []byte
	Origin    string // file:NAME:LINE, api, chat
	KeyHash   []byte // sources and heartbeats only
	KeySealed []byte // sources and heartbeats only
	CreatedAt time.Time
	UpdatedAt time.Time
}

// keyed are the kinds whose objects have a key of their own.
func (k Kind) keyed() bool { return k == Sources || k == Heartbeats }

// columns are a kind's columns, the id first.
func (k Kind) columns() []string {
	c := []string{"id", "name", "spec", "origin", "created_at", "updated_at"}
	if k.keyed() {
		c = append(c, "key_hash", "key_sealed")
	}
	return c
}

// noun is a kind's name in a sentence.
func (k Kind) noun() string {
	return map[Kind]string{
		Users: "user", Teams: "team", SupportHours: "support hours", Schedules: "schedule",
		Policies: "escalation policy", Sources: "alert source",
		Heartbeats:  "heartbeat monitor",
		Maintenance: "maintenance window",
	}[k]
}

// Objects returns all of a kind, by id.
func (tx *Tx) Objects(ctx context.Context, k Kind) (objects []Object, err error) {
	err = tx.query(ctx, "load "+string(k), func(r row) error {
		var o Object
		var created, updated int64
		into := []any{&o.ID, &o.Name, &o.Spec, &o.Origin, &created, &updated}
		if k.keyed() {
			into = append(into, &o.KeyHash, &o.KeySealed)
		}
		err := r.Scan(into...)
		o.CreatedAt, o.UpdatedAt = FromMicros(created), FromMicros(updated)
		objects = append(objects, o)
		return err
	}, fmt.Sprintf(`
		SELECT %s
		FROM %s
		ORDER BY id`, strings.Join(k.columns(), ", "), k))
	return objects, err
}

// PutObject inserts (ID 0: a new one is drawn and set) or replaces an object; when it was
// created stays. A name or key that another one has is core.Conflict.
func (tx *Tx) PutObject(ctx context.Context, k Kind, o *Object) error {
	id := o.ID
	if id == 0 {
		ids, err := tx.ids(ctx, "objects_id", 1)
		if err != nil {
			return err
		}
		id = ids[0]
	}
	args := []any{id, o.Name, string(o.Spec), o.Origin, Micros(o.CreatedAt), Micros(o.UpdatedAt)}
	if k.keyed() {
		args = append(args, o.KeyHash, o.KeySealed)
	}
	_, err := tx.exec(ctx, "save "+string(k), putObject(k), args...)
	if ClassOf(err) == Duplicate {
		return &core.Error{Kind: core.Conflict, Text: taken(k, o, err), Err: err}
	}
	if err == nil {
		o.ID = id
	}
	return err
}

func putObject(k Kind) string {
	columns := k.columns()
	var set []string
	for _, c := range columns {
		if c != "id" && c != "created_at" {
			set = append(set, c+" = excluded."+c)
		}
	}
	return fmt.Sprintf(`
		INSERT INTO %s (%s)
		VALUES (%s)
		ON CONFLICT (id) DO UPDATE SET %s`,
		k, strings.Join(columns, ", "), params(1, len(columns)), strings.Join(set, ", "))
}

// taken says what another object has already. Both databases name the constraint after
// its column.
func taken(k Kind, o *Object, err error) string {
	if strings.Contains(err.Error(), "key_hash") {
		return fmt.Sprintf("Another %s has the integration key of %q.", k.noun(), o.Name)
	}
	return fmt.Sprintf("There is a %s named %q already.", k.noun(), o.Name)
}

// DeleteObject deletes one; core.NotFound if there is none.
func (tx *Tx) DeleteObject(ctx context.Context, k Kind, id int64) error {
	n, err := tx.exec(ctx, "delete from "+string(k), fmt.Sprintf(`
		DELETE FROM %s
		WHERE id = $1`, k), id)
	if err == nil && n == 0 {
		return notFound("There is no %s %d.", k.noun(), id)
	}
	return err
}
