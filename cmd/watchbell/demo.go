package main

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

//go:embed demo.yaml
var demoConfig []byte

type demoCmd struct {
	Listen string `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"address to listen on [$WATCHBELL_LISTEN]"`
}

func (c *demoCmd) Run(a *app) error {
	set, problems := parseFiles([]config.File{{Name: "demo.yaml", Data: demoConfig}}, nil)
	if len(problems) > 0 {
		return fmt.Errorf("the demo's configuration: %s", problems[0])
	}
	dir, err := os.MkdirTemp("", "watchbell-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	a.Database = "sqlite:" + filepath.Join(dir, "demo.db")
	log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	e, err := a.open(a.ctx, log)
	if err != nil {
		return err
	}
	defer e.DB.Close()
	if err := applyAtStart(a.ctx, e, set, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	t := newTale(e)
	s, err := newServer(e, serverOptions{listen: c.Listen, publicURL: a.PublicURL, settings: adapters.Settings{WebChat: webchat.Config{Enabled: true}},
		webchat: webchat.Options{Demo: true, Strip: t.strip}}, log)
	if err != nil {
		return fmt.Errorf("%w\nIs another program listening there? Try: watchbell demo --listen 127.0.0.1:8090", err)
	}
	public, err := publicURL(a.PublicURL, s.listener.Addr().String(), false)
	if err != nil {
		return err
	}
	if err := t.yesterday(a.ctx); err != nil {
		return err
	}
	open, err := demoLink(a.ctx, e, s, public.String())
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, `Watchbell demo. Everything is on this machine and gone when you stop it.

  Open      %[2]s   and choose who you are (Ana is on call)
  Raise     curl -d "disk full on db-3" %[1]s/api/events/il1prom-demo-key-0123456789
  Stop      Ctrl-C

`, public, open)
	g, ctx := errgroup.WithContext(a.ctx)
	g.Go(func() error { return s.run(ctx) })
	g.Go(func() error { return t.tell(ctx) })
	return g.Wait()
}

// open alerts that the tale keeps at most, so that a demo left alone stays readable.
const taleOpen = 6

// backup is the tale's heartbeat monitor. Its last beat before the demo came so long ago
// that the next is missing 40 seconds after the start; from 75 seconds on it calls in time.
const backup = "nightly-backup"

// backupBeats are how long before the start it called.
var backupBeats = []time.Duration{320 * time.Second, 200 * time.Second, 80 * time.Second}

// Things that happen in the tale and are no event of a monitor.
const (
	eventBeat  = "BEAT"  // a beat of the monitor named by key
	eventCover = "COVER" // Cleo asks for cover on the schedule named by key
)

// beat is one event of the tale, at its time after the start.
type beat struct {
	at     time.Duration
	source string
	event  string // ALERT, RESOLVE, eventBeat or eventCover
	key    string
	text   string
	high   bool
	say    string // what the strip says from now on
}

var story = []beat{
	{at: 0, source: "prometheus", event: "ALERT", key: "checkout", text: "checkout: 12 % of payments fail", high: true,
		say: "Checkout is failing and Ana, who is on call, is being paged. Accept it, or wait 30 seconds and watch Ben be paged."},
	{at: 10 * time.Second, source: "prometheus", event: "ALERT", key: "checkout", text: "checkout: 14 % of payments fail", high: true},
	{at: 13 * time.Second, source: "prometheus", event: "ALERT", key: "checkout", text: "checkout: 13 % of payments fail", high: true,
		say: "The same problem fired twice more: the card changes in place, nothing new is posted."},
	{at: 30 * time.Second, say: "30 seconds. If nobody accepted, Ben is paged now, with one line in the channel. If somebody did, Ben never hears of it."},
	{at: 40 * time.Second,
		say: "The nightly backup missed its beat. A LOW alert: it pages once, repeats nothing and wakes nobody else. Try its ⋯ menu, or type /heartbeat."},
	{at: 50 * time.Second, event: eventCover, key: "payments-nights",
		say: "Cleo asks anyone to take her shift tonight. As Ana or Ben: open your pages, accept it or a part of it, then type /oncall next."},
	{at: 65 * time.Second, say: "Type /oncall to see who is on call, or /alert new to raise an alert yourself."},
	{at: 75 * time.Second, event: eventBeat, key: backup,
		say: "The backup called again, and its card closed by itself."},
	{at: 90 * time.Second, source: "prometheus", event: "RESOLVE", key: "checkout", text: "checkout: payments are fine again",
		say: "The monitor resolved checkout: one green line with the times to accept and to fix. More will come, about one a minute."},
}

// later are told one a minute, for ever; each resolves what came before it.
var later = []beat{
	{source: "prometheus", key: "db-3", text: "db-3: disk 96 % full", high: true},
	{source: "prometheus", key: "api-latency", text: "api: p99 latency is 2.4 s", high: true},
	{source: "backups", key: "cert", text: "certificate of shop.example.com ends in 9 days"},
	{source: "prometheus", key: "queue", text: "orders queue: 12 000 messages wait", high: true},
	{source: "prometheus", key: "login", text: "login: error rate 8 %", high: true},
	{source: "backups", key: "disk-log", text: "log-1: disk 81 % full"},
}

// demoLink opens the choice of people. Off the loopback, as in a container, it needs a
// token, so that a demo on a network is not anybody's.
func demoLink(ctx context.Context, e *engine.Engine, s *server, public string) (string, error) {
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
		return public + "/chat", nil
	}
	return webchat.DemoLink(ctx, e.DB, public, e.Now())
}
