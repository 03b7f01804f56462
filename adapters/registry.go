// Package adapters lists the chat platforms that the program has.
package adapters

import (
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core/engine"
)

// Options are what platforms are made with.
type Options struct {
	WebChat webchat.Options
}

// Platforms are the names of all platforms, as in configuration and identities.
func Platforms() []string { return []string{webchat.Platform} }

// All makes every platform that is configured.
func All(e *engine.Engine, o Options) map[string]bot.Adapter {
	return map[string]bot.Adapter{webchat.Platform: webchat.New(e, o.WebChat)}
}
