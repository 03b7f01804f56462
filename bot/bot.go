package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// Bot does what people ask and shows what happened.
type Bot struct {
	engine    *engine.Engine
	adapters  map[string]Adapter
	publicURL string
	log       *slog.Logger
	guesses   guesses
	doing     inFlight // interactions
}

// Options are what New needs beside the engine.
type Options struct {
	PublicURL string       // links lead there
	Log       *slog.Logger // nil: discards
}

// New makes the bot and registers its sends with the engine. Adapters by platform name.
func New(e *engine.Engine, adapters map[string]Adapter, o Options) *Bot {
	b := &Bot{engine: e, adapters: adapters, publicURL: strings.TrimRight(o.PublicURL, "/"), log: o.Log}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	e.Handle(store.LanePage, b.sendPages)
	e.Handle(store.LaneSync, b.syncCards)
	e.Handle(store.LaneHouse, b.keepHouse)
	return b
}

const (
	firstRestart = time.Second
	lastRestart  = time.Minute
)

// Run runs every adapter until ctx ends. One that fails is started again with backoff
// and takes nobody with it. Interactions in flight are finished first.
func (b *Bot) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for name, a := range b.adapters {
		all.Go(func() { b.keepRunning(ctx, name, a) })
	}
	all.Wait()
	b.doing.wait()
	return nil
}

// keepRunning starts the adapter again whenever it ends before ctx does. One that ran
// for a while is not punished for earlier failures.
func (b *Bot) keepRunning(ctx context.Context, name string, a Adapter) {
	wait := firstRestart
	for {
		began := time.Now()
		err := b.runOnce(ctx, a)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastRestart {
			wait = firstRestart
		}
		b.log.Error("run adapter", "platform", name, "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, lastRestart)
	}
}

func (b *Bot) runOnce(ctx context.Context, a Adapter) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return a.Run(ctx, b)
}

// can is what a platform can; a platform that is off can nothing.
func (b *Bot) can(platform string) Can {
	if a, ok := b.adapters[platform]; ok {
		return a.Can()
	}
	return Can{}
}

// keep counts an interaction as in flight until the returned function is called.
func (b *Bot) keep() (done func()) { return b.doing.start() }
