package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

// listening are the flags of commands that listen.
type listening struct {
	Listen  string        `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"address to listen on [$WATCHBELL_LISTEN]"`
	Drain   time.Duration `var:"WATCHBELL_DRAIN" default:"3s" help:"how long the listener stays open after SIGTERM [$WATCHBELL_DRAIN]"`
	TLSCert string        `var:"WATCHBELL_TLS_CERT" name:"tls-cert" placeholder:"FILE" help:"certificate; read again when it changes [$WATCHBELL_TLS_CERT]"`
	TLSKey  string        `var:"WATCHBELL_TLS_KEY" name:"tls-key" placeholder:"FILE" help:"its key [$WATCHBELL_TLS_KEY]"`
}

type serveCmd struct {
	listening
	Config []string `var:"WATCHBELL_CONFIG" sep:"none" placeholder:"FILE" help:"configuration, applied if this content never was [$WATCHBELL_CONFIG]"`
}

func (c *serveCmd) Run(a *app) error {
	if _, ok := a.env("GOGC"); !ok {
		debug.SetGCPercent(300) // the heap is small: a third of the collections for some MiB more
	}
	log := a.logger()
	settings, err := a.platforms(c.Config)
	if err != nil {
		return err
	}
	e, err := a.openFor(a.ctx, log, settings.Enabled())
	if err != nil {
		return err
	}
	defer e.DB.Close()
	if err := e.DB.Serve(); err != nil {
		return err
	}
	state := "has data"
	if e.DB.Fresh() {
		state = "new and empty"
	}
	log.Info("opened the database", "database", e.DB.String(), "state", state)
	var want config.Set
	if len(c.Config) > 0 {
		files, err := a.readFiles(c.Config)
		if err != nil {
			return err
		}
		if want, err = a.parse(files, e.Snapshot().Config()); err != nil {
			return err
		}
		if err := applyAtStart(a.ctx, e, want, log); err != nil {
			return err
		}
	}
	admin, err := a.adminKey()
	if err != nil {
		return err
	}
	s, err := newServer(e, c.options(a, admin, settings), log)
	if err != nil {
		return err
	}
	log.Info("listening", "address", s.listener.Addr().String(), "version", version())
	if err := a.firstAdmin(a.ctx, e, s); err != nil {
		return err
	}
	return s.run(a.ctx)
}

// platforms are the settings of the platforms in configuration files, with their secrets.
// What is wrong in the files is told by parse, which knows what is there already.
func (a *app) platforms(paths []string) (adapters.Settings, error) {
	var set config.Set
	if len(paths) > 0 {
		files, err := a.readFiles(paths)
		if err != nil {
			return adapters.Settings{}, err
		}
		set, _ = config.Parse(files, adapters.ParseOptions())
	}
	settings, problems := adapters.Read(set)
	if len(problems) > 0 {
		return settings, nil
	}
	return settings, settings.Resolve(a.env, os.ReadFile)
}

func (c *serveCmd) options(a *app, admin core.Secret, settings adapters.Settings) serverOptions {
	return serverOptions{listen: c.Listen, publicURL: a.PublicURL, drain: c.Drain, cert: c.TLSCert, key: c.TLSKey,
		adminKey: admin, settings: settings}
}

// adminKey is WATCHBELL_ADMIN_KEY, if it is set.
func (a *app) adminKey() (core.Secret, error) {
	v, ok, err := a.env.value("WATCHBELL_ADMIN_KEY")
	if err != nil || !ok {
		return "", err
	}
	if len(v) < 20 {
		return "", &core.Error{Kind: core.Invalid, Text: "WATCHBELL_ADMIN_KEY is shorter than 20 characters", Do: "Make one with: openssl rand -hex 24"}
	}
	return core.Secret(v), nil
}

// firstAdmin makes the first administrator of an installation without users, and prints
// the link that signs them in.
//
// Replicas that start together all try; who comes second finds the users of the first.
func (a *app) firstAdmin(ctx context.Context, e *engine.Engine, s *server) error {
	for tries := 0; ; tries++ {
		plan, err := e.Plan(ctx, firstUsers(), config.DiffOptions{})
		if err != nil {
			return err
		}
		if len(e.Snapshot().Users) > 0 {
			return nil
		}
		err = e.ApplyPlan(ctx, plan, "cli")
		if err == nil {
			break
		}
		if core.KindOf(err) != core.Conflict || tries == 20 || !wait(ctx, 100*time.Millisecond) {
			return fmt.Errorf("make the first administrator: %w", err)
		}
	}
	u, _ := e.Snapshot().UserNamed("admin")
	public, err := publicURL(a.PublicURL, s.listener.Addr().String(), s.cert != "")
	if err != nil {
		return err
	}
	link, err := webchat.SigninLink(ctx, e.DB, public.String(), u.ID, e.Now())
	if err != nil {
		return fmt.Errorf("make the first sign-in link: %w", err)
	}
	fmt.Fprintf(a.err, "There are no users yet. This link signs in the first administrator, once, within ten minutes:\n%s\n", link)
	return nil
}

// logger writes to standard error: text for people at a terminal, JSON for machines.
func (a *app) logger() *slog.Logger {
	text := a.LogFormat == "text"
	if f, ok := a.err.(*os.File); ok && a.LogFormat == "auto" {
		info, err := f.Stat()
		text = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if text {
		return slog.New(slog.NewTextHandler(a.err, nil))
	}
	return slog.New(slog.NewJSONHandler(a.err, nil))
}
