// Package adapters lists the chat platforms that the program has.
package adapters

import (
	"github.com/goccy/go-yaml"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

// Options are what platforms are made with.
type Options struct {
	WebChat webchat.Options
}

// Platforms are the names of all platforms, as in configuration and identities.
func Platforms() []string { return []string{webchat.Platform} }

// ParseOptions are what a configuration file may name here, and what comes later.
func ParseOptions() config.Options {
	return config.Options{Known: Platforms(), Later: []string{"slack", "mattermost", "discord", "msteams", "ntfy"}}
}

// Settings are the platforms' own blocks.
type Settings struct {
	WebChat webchat.Config
}

// Read decodes the platforms' blocks of a configuration and reports what is wrong in them.
func Read(set config.Set) (s Settings, problems []config.Problem) {
	block := set.Platforms[webchat.Platform]
	var err error
	if s.WebChat, err = webchat.Decode(block); err != nil {
		at := set.Positions[config.Ref{Kind: config.PlatformBlock, Name: webchat.Platform}]
		problems = append(problems, config.Problem{Position: at, Path: webchat.Platform, Text: yaml.FormatError(err, false, false)})
	}
	return s, problems
}

// All makes every platform that is switched on.
func All(e *engine.Engine, s Settings, o Options) map[string]bot.Adapter {
	all := map[string]bot.Adapter{}
	if s.WebChat.Enabled {
		all[webchat.Platform] = webchat.New(e, o.WebChat)
	}
	return all
}
