// Package adapters lists the chat platforms that the program has.
package adapters

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/watchbell/watchbell/adapters/ntfy"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

// Options are what platforms are made with.
type Options struct {
	WebChat webchat.Options
	Ntfy    ntfy.Options
}

// Platforms are the names of all platforms, as in configuration and identities.
func Platforms() []string { return []string{webchat.Platform, ntfy.Platform} }

// ParseOptions are what a configuration file may name here, and what comes later.
func ParseOptions() config.Options {
	return config.Options{Known: Platforms(), Later: []string{"slack", "mattermost", "discord", "msteams"}, Pages: []string{ntfy.Platform}}
}

// Settings are the platforms' own blocks.
type Settings struct {
	WebChat webchat.Config
	Ntfy    ntfy.Config
}

// Read decodes the platforms' blocks of a configuration and reports what is wrong in them.
func Read(set config.Set) (s Settings, problems []config.Problem) {
	refuse := func(platform string, err error) {
		if err != nil {
			at := set.Positions[config.Ref{Kind: config.PlatformBlock, Name: platform}]
			problems = append(problems, config.Problem{Position: at, Path: platform, Text: yaml.FormatError(err, false, false)})
		}
	}
	var err error
	s.WebChat, err = webchat.Decode(set.Platforms[webchat.Platform])
	refuse(webchat.Platform, err)
	s.Ntfy, err = ntfy.Decode(set.Platforms[ntfy.Platform])
	refuse(ntfy.Platform, err)
	for _, u := range set.Users {
		if account, ok := u.Identities[ntfy.Platform]; ok && ntfy.ValidAccount(account) != nil {
			at := set.Positions[config.Ref{Kind: config.Users, Name: u.Username}]
			problems = append(problems, config.Problem{Position: at, Path: "identities." + ntfy.Platform, Text: ntfy.ValidAccount(account).Error()})
		}
	}
	return s, problems
}

// Warnings are what is allowed in the platforms' blocks and better done otherwise.
func (s Settings) Warnings(set config.Set) (list []config.Problem) {
	if s.Ntfy.Token.Inline() {
		at := set.Positions[config.Ref{Kind: config.PlatformBlock, Name: ntfy.Platform}]
		list = append(list, config.Problem{Position: at, Path: ntfy.Platform + ".token",
			Text: "The token stands in the file, where everybody who may read it reads it; write {env: NAME} or {file: PATH}."})
	}
	return list
}

// Resolve fetches the platforms' secrets, for whoever is about to use them.
func (s *Settings) Resolve(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) error {
	if err := s.Ntfy.Resolve(getenv, readFile); err != nil {
		return fmt.Errorf("%s.token: %w", ntfy.Platform, err)
	}
	return nil
}

// Enabled are the names of the platforms that are switched on: nobody is paged on others.
func (s Settings) Enabled() []string {
	var on []string
	if s.WebChat.Enabled {
		on = append(on, webchat.Platform)
	}
	if s.Ntfy.Enabled() {
		on = append(on, ntfy.Platform)
	}
	return on
}

// All makes every platform that is switched on.
func All(e *engine.Engine, s Settings, o Options) map[string]bot.Adapter {
	all := map[string]bot.Adapter{}
	if s.WebChat.Enabled {
		all[webchat.Platform] = webchat.New(e, o.WebChat)
	}
	if s.Ntfy.Enabled() {
		all[ntfy.Platform] = ntfy.New(e, s.Ntfy, o.Ntfy)
	}
	return all
}
