package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/adapters/ntfy"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

type testCmd struct {
	Person string   `arg:"" help:"whom to page, as @ana"`
	Config []string `var:"WATCHBELL_CONFIG" sep:"none" placeholder:"FILE" help:"configuration with the platforms' blocks [$WATCHBELL_CONFIG]"`
	Listen string   `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"where the service listens, for links [$WATCHBELL_LISTEN]"`
}

// Run sends a page that is a test, beside a running service or without one.
func (c *testCmd) Run(a *app) error {
	if !strings.HasPrefix(c.Person, "@") {
		return &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("%q is no person; sending an event through a source is not available yet", c.Person),
			Do: "Name a person as @ana. To try a source, post to it as a monitor does."}
	}
	ctx, cancel := context.WithTimeout(a.ctx, short)
	defer cancel()
	settings, err := a.platforms(c.Config)
	if err != nil {
		return err
	}
	e, err := a.openFor(ctx, slog.New(slog.DiscardHandler), settings.Enabled())
	if err != nil {
		return err
	}
	defer e.DB.Close()
	u, err := userNamed(e, c.Person)
	if err != nil {
		return err
	}
	public, err := publicURL(a.PublicURL, c.Listen, false)
	if err != nil {
		return err
	}
	platforms := adapters.All(e, settings, adapters.Options{
		WebChat: webchat.Options{PublicURL: public.String()}, Ntfy: ntfy.Options{PublicURL: public.String()}})
	hops := bot.New(e, platforms, bot.Options{PublicURL: public.String()}).TestPage(ctx, u.ID, "the operator")
	return c.print(a, u, hops)
}

func (c *testCmd) print(a *app, u core.User, hops []bot.Hop) error {
	failed := len(hops) == 0
	if failed {
		fmt.Fprintf(a.err, "nothing can reach %s: no chat that is switched on is linked to them\n", u.FullName())
	}
	for _, h := range hops {
		fmt.Fprintln(a.out, h)
		failed = failed || h.Err != nil
	}
	if failed {
		return exit(exitFindings)
	}
	fmt.Fprintf(a.err, "%s has a test page; nobody else is paged\n", u.FullName())
	return nil
}
