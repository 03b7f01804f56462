// Package engine loads, asks core, and saves: the one place where alerts, jobs and the
// calendar change. It knows no chat and no HTTP.
package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/store"
)

// Options are what New needs beside the database.
type Options struct {
	Secret core.Secret      // WATCHBELL_SECRET: seals keys, signs what leaves
	Now    func() time.Time // nil: the database's clock, sampled
	Log    *slog.Logger     // nil: discards
	Poll   time.Duration    // how often due work is looked for; 0: 1 s
	Lease  time.Duration    // of a queue; 0: 30 s
	Quiet  bool             // no LISTEN (tests in bubbles)

	// Platforms that this process can send on. Somebody linked on no other cannot be paged.
	Platforms []string
}

// Engine is one replica. Make it with New, register its sends with Handle, then Run it.
type Engine struct {
	DB *store.DB
}

// New reads the configuration and is ready for Ingest and Do; nothing runs yet. A wrong
// secret for this database is an error that says so.
func New(ctx context.Context, db *store.DB, o Options) (*Engine, error) { panic("not written") }

// Now is the time that decisions are made with.
func (e *Engine) Now() time.Time { panic("not written") }

// Snapshot is the configuration as this replica knows it; Refresh looks whether it is
// still the database's.
func (e *Engine) Snapshot() *Snapshot { panic("not written") }

// Refresh reads the configuration again if the database has a newer one.
func (e *Engine) Refresh(ctx context.Context) (*Snapshot, error) { panic("not written") }

// Request is events of one source that came together.
type Request struct {
	Source      core.SourceID
	Events      []core.Event // cleaned by Ingest
	Raw         []byte       // the body as it came: kept if an event cannot be stored
	Correlation string       // "": one is drawn
}

// Result is what became of one event.
type Result struct {
	Outcome core.Outcome
	Alert   core.AlertID // 0: none
	Event   core.EventID
	Key     string
	Reason  string
}

// Ingest commits the events with whatever waits beside them and returns after the
// commit, one Result an event, in order. core.Unavailable means nothing was accepted,
// unless the commit's answer was lost and stayed unknown.
func (e *Engine) Ingest(ctx context.Context, r Request) ([]Result, error) { panic("not written") }

// Command is what somebody wants done to an alert.
type Command struct {
	Alert core.AlertID
	Input core.Input
	By    core.UserID // who; their rights are checked. 0: the admin key or the program itself
	Actor string      // for the audit: user:12, key:3, webchat:ana, cli
	Once  string      // the interaction's id: the same one acts once
}

// Done is what a command did.
type Done struct {
	Alert core.Alert // as it is now
	Note  string     // why nothing happened, or what the person should know
}

// Do applies one input to one alert and returns after the commit. Refusals are
// *core.Error: Denied, Conflict, NotFound, Invalid.
func (e *Engine) Do(ctx context.Context, c Command) (Done, error) { panic("not written") }

// Merge makes alert child part of main, in one transaction.
func (e *Engine) Merge(ctx context.Context, child, main core.AlertID, c Command) (Done, error) {
	panic("not written")
}

// Again makes a new alert with the source, key, policy and text of a resolved one.
func (e *Engine) Again(ctx context.Context, id core.AlertID, c Command) (Done, error) {
	panic("not written")
}

// ApplyPlan changes the configuration in one transaction. A plan made against another
// version than the database has now is core.Conflict.
func (e *Engine) ApplyPlan(ctx context.Context, p config.Plan, actor string) error {
	panic("not written")
}

// JobFunc makes the sends of one claimed queue, outside any transaction. It never waits
// and never retries; its deadline is shorter than the lease.
type JobFunc func(ctx context.Context, q store.Queue) (Sent, error)

// Sent is what a JobFunc wants recorded, in one transaction, if the queue is still its own.
type Sent struct {
	Done      []store.Job    // finished, whatever came of them
	Later     []store.Job    // to be tried again at their RunAt
	NotBefore time.Time      // paces the whole queue (Retry-After)
	Alerts    []core.AlertID // locked, ascending, before Record runs
	Record    func(ctx context.Context, tx *store.Tx) error
	Inputs    map[core.AlertID][]core.Input
}

// Handle registers the sends of a lane; before Run. All kinds of a lane go to one
// JobFunc, so that one conversation's work stays in order.
func (e *Engine) Handle(lane store.Lane, f JobFunc) { panic("not written") }

// Run works until ctx ends: steps, sends, heartbeat of the replica, configuration. It
// finishes what is in flight, then returns nil.
func (e *Engine) Run(ctx context.Context) error { panic("not written") }
