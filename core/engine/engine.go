package engine

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math/big"
	"sync/atomic"
	"time"

	"github.com/watchbell/watchbell/core"
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
// Its methods may be called at any time, also while it does not run.
type Engine struct {
	DB *store.DB

	log       *slog.Logger
	clock     *clock
	secret    core.Secret
	keys      sealer
	platforms []string
	poll      time.Duration
	lease     time.Duration
	quiet     bool
	replica   int64

	snapshot atomic.Pointer[Snapshot]
	looks    looks

	inbox inbox
	beats beats
	lanes map[store.Lane]*lane
	hints hints
	stats *Stats
}

// New reads the configuration and is ready for Ingest and Do; nothing runs yet. A wrong
// secret for this database is an error that says so.
func New(ctx context.Context, db *store.DB, o Options) (*Engine, error) {
	e := &Engine{
		DB:        db,
		log:       o.Log,
		secret:    o.Secret,
		keys:      newSealer(o.Secret),
		platforms: o.Platforms,
		poll:      cmp.Or(o.Poll, time.Second),
		lease:     cmp.Or(o.Lease, 30*time.Second),
		quiet:     o.Quiet,
		replica:   randomID(),
		lanes:     newLanes(),
		stats:     newStats(),
		beats:     newBeats(),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.inbox.slot, e.inbox.of = make(chan struct{}, 1), map[core.SourceID]int{}
	e.clock = &clock{fixed: o.Now}
	if err := e.clock.sample(ctx, db); err != nil {
		return nil, fmt.Errorf("read the database's clock: %w", err)
	}
	if err := e.install(ctx); err != nil {
		return nil, err
	}
	if _, err := e.reload(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// Now is the time that decisions are made with: the database's, in UTC, never backwards.
func (e *Engine) Now() time.Time { return e.clock.now() }

// Stats are the engine's counters, for metrics.
func (e *Engine) Stats() *Stats { return e.stats }

// install writes the installation's row the first time, and checks the secret afterwards.
// Of two replicas that start on an empty database one writes it; the other looks again.
func (e *Engine) install(ctx context.Context) error {
	err := e.setUp(ctx)
	if store.ClassOf(err) == store.Duplicate {
		err = e.setUp(ctx)
	}
	return err
}

func (e *Engine) setUp(ctx context.Context) error {
	return e.DB.Tx(ctx, func(tx *store.Tx) error {
		s, err := tx.Settings(ctx)
		if core.KindOf(err) == core.NotFound {
			s = store.Settings{Version: 1, Installation: rand.Text(), SecretCheck: e.keys.check()}
			return tx.Init(ctx, s, e.Now())
		}
		if err != nil {
			return fmt.Errorf("read the installation's settings: %w", err)
		}
		if !bytes.Equal(s.SecretCheck, e.keys.check()) {
			return &core.Error{Kind: core.Invalid,
				Text: "WATCHBELL_SECRET is not the secret this database was made with; its integration keys cannot be read",
				Do:   "Give the secret that was used before (on SQLite: the file watchbell.secret beside the database)."}
		}
		return nil
	})
}

func randomID() int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return n.Int64() + 1
}

// At is an engine on the same database whose clock stands still: for what happened in
// the past, such as an example's history. It is not to be run.
func (e *Engine) At(ctx context.Context, when time.Time) (*Engine, error) {
	return New(ctx, e.DB, Options{Secret: e.secret, Log: e.log, Platforms: e.platforms, Quiet: true,
		Now: func() time.Time { return when }})
}
