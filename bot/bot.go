// Package bot is the face toward people: verbs, cards, forms, the courier, and the
// contract that chat platforms keep.
package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// Bot does what people ask and shows what happened.
type Bot struct{}

// Options are what New needs beside the engine.
type Options struct {
	PublicURL string // links lead there
}

// New makes the bot and registers its sends with the engine. Adapters by platform name.
func New(e *engine.Engine, adapters map[string]Adapter, o Options) *Bot { panic("not written") }

// Run runs every adapter until ctx ends. One that fails is started again with backoff
// and takes nobody with it.
func (b *Bot) Run(ctx context.Context) error { panic("not written") }

// First implements Handler.
func (b *Bot) First(in Interaction) (Form, bool) { panic("not written") }

// Handle implements Handler.
func (b *Bot) Handle(ctx context.Context, in Interaction) Reply { panic("not written") }

// Options implements Handler.
func (b *Bot) Options(in Interaction, field, typed string) []Option { panic("not written") }

// Plain renders text without markup, times in the zone of the user (0: UTC).
func (b *Bot) Plain(t Text, reader core.UserID) string { panic("not written") }
