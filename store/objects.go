package store

import (
	"context"
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
)

// Object is one configured object. Spec is its definition as JSON (core.User,
// core.Team, schedules.Hours, schedules.Schedule, core.Policy, core.Source).
type Object struct {
	ID        int64
	Name      string
	Spec      []byte
	Origin    string // file:NAME:LINE, api, chat
	KeyHash   []byte // sources only
	KeySealed []byte // sources only
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Objects returns all of a kind, by id.
func (tx *Tx) Objects(ctx context.Context, k Kind) ([]Object, error) { panic("not written") }

// PutObject inserts (ID 0: a new one is drawn and set) or replaces an object.
func (tx *Tx) PutObject(ctx context.Context, k Kind, o *Object) error { panic("not written") }

// DeleteObject deletes one; core.NotFound if there is none.
func (tx *Tx) DeleteObject(ctx context.Context, k Kind, id int64) error { panic("not written") }

// Identities returns all links of accounts to users, by platform and account.
func (tx *Tx) Identities(ctx context.Context) ([]IdentityRow, error) { panic("not written") }

// IdentityRow is a link and where it came from.
type IdentityRow struct {
	core.Identity
	Origin string // file:…, code, email
}

// PutIdentity links an account; one that is linked to another user is core.Conflict.
func (tx *Tx) PutIdentity(ctx context.Context, r IdentityRow, now time.Time) error {
	panic("not written")
}

// DeleteIdentity unlinks an account.
func (tx *Tx) DeleteIdentity(ctx context.Context, platform, account string) error {
	panic("not written")
}

// Settings is the installation's own row.
type Settings struct {
	Version      int64
	Installation string
	SecretCheck  []byte
}

// Settings reads the row; core.NotFound before Init.
func (tx *Tx) Settings(ctx context.Context) (Settings, error) { panic("not written") }

// Init writes the row of a new installation.
func (tx *Tx) Init(ctx context.Context, s Settings, now time.Time) error { panic("not written") }

// Version reads the configuration's version; BumpVersion raises it, and locks it to the
// end of the transaction.
func (tx *Tx) Version(ctx context.Context) (int64, error) { panic("not written") }

// BumpVersion tells every replica that the configuration changed.
func (tx *Tx) BumpVersion(ctx context.Context) (int64, error) { panic("not written") }

// Applied tells when a configuration file with this hash was applied; zero if never.
func (tx *Tx) Applied(ctx context.Context, hash string) (time.Time, error) { panic("not written") }

// SetApplied remembers that it was.
func (tx *Tx) SetApplied(ctx context.Context, hash string, at time.Time) error {
	panic("not written")
}
