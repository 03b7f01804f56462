package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// team: Ana is on call on primary, Ben is level 2. The other chat is Ana's second.
const team = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Berlin, role: ADMIN, identities: {chat: ana, other: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {chat: ben}}
  - {username: cleo, firstName: Cleo, email: cleo@example.com, timezone: America/New_York, role: RESPONDER, identities: {chat: cleo}}
  - {username: dora, firstName: Dora, email: dora@example.com, timezone: Europe/Vienna, role: STAKEHOLDER, identities: {chat: dora}}
  - {username: emil, firstName: Emil, email: emil@example.com, timezone: Europe/Vienna, role: RESPONDER, identities: {other: emil}}
schedules:
  - {name: primary, timezone: Europe/Berlin, scheduleLayers: [{name: week, startsOn: "1999-12-06T09:00", rotation: P7D, users: [ana]}]}
escalationPolicies:
  - name: payments
    escalationRules: [{escalationTimeout: 5, schedules: [primary]}, {escalationTimeout: 10, users: [ben]}]
    acceptTimeout: 30m
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["chat:payments"]}
  - {name: grafana, integrationKey: il1graf-0123456789, escalationPolicy: payments}
`

var channel = core.Conversation{Ref: "payments"}

// world is a whole program without HTTP, in a bubble of fake time.
type world struct {
	*testing.T
	ctx         context.Context
	db          *store.DB
	e           *engine.Engine
	b           *bot.Bot
	chat, other *simtest.Platform
	panics      panicLog
}

// panicLog keeps what the bot logs with a stack.
type panicLog struct {
	slog.Handler
	mu   sync.Mutex
	seen []string // guarded by mu
}

// take is what was logged since it was asked last.
func (l *panicLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := l.seen
	l.seen = nil
	return seen
}

func (l *panicLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *panicLog) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "stack" {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.seen = append(l.seen, r.Message+": "+a.Value.String())
		}
		return true
	})
	return nil
}

func inWorld(t *testing.T, test func(w *world)) { inWorldWith(t, simtest.Everything(), test) }

func inWorldWith(t *testing.T, can bot.Can, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, db: storetest.Memory(t), chat: simtest.New("chat", can), other: simtest.New("other", can)}
		ctx, cancel := context.WithCancel(t.Context())
		w.ctx = ctx
		var err error
		w.e, err = engine.New(ctx, w.db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{"chat", "other"}, Quiet: true, Poll: 20 * time.Second})
		require.NoError(t, err)
		w.apply(team)
		w.b = bot.New(w.e, map[string]bot.Adapter{"chat": w.chat, "other": w.other}, bot.Options{PublicURL: "https://watchbell.example.com/", Log: slog.New(&w.panics)})
		names := func(u core.UserID) string { return w.e.Snapshot().Users[u].Name() }
		w.chat.Names, w.other.Names = names, names
		var running sync.WaitGroup
		running.Go(func() { require.NoError(t, w.e.Run(ctx)) })
		running.Go(func() { require.NoError(t, w.b.Run(ctx)) })
		test(w)
		require.Empty(t, w.panics.take())
		cancel()
		running.Wait()
	})
}

func (w *world) apply(yaml string) {
	w.Helper()
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(yaml)}}, config.Options{Known: []string{"chat", "other"}})
	require.Empty(w, problems)
	plan, err := w.e.Plan(w.ctx, set, config.DiffOptions{})
	require.NoError(w, err)
	require.NoError(w, w.e.ApplyPlan(w.ctx, plan, "test"))
}

// sleep lets time pass and everything that is due then happen.
func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) event(source string, ev core.Event) engine.Result {
	w.Helper()
	src, ok := w.e.Snapshot().SourceNamed(source)
	require.True(w, ok, source)
	got, err := w.e.Ingest(w.ctx, engine.Request{Source: src.ID, Events: []core.Event{ev}})
	require.NoError(w, err)
	return got[0]
}

// fire makes an alert and lets it be told.
func (w *world) fire() core.AlertID {
	w.Helper()
	got := w.event("prometheus", core.Event{Type: core.EventAlert, Key: "db-3/disk", Summary: "db-3 disk 96 %"})
	require.Equal(w, core.OutcomeCreated, got.Outcome)
	w.sleep(2 * time.Second)
	return got.Alert
}

func (w *world) alert(id core.AlertID) core.Alert {
	w.Helper()
	var v store.AlertView
	require.NoError(w, w.db.View(w.ctx, func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(w.ctx, id)
		return err
	}))
	return v.Alert
}

func (w *world) newest() core.Alert {
	w.Helper()
	var list []core.Alert
	require.NoError(w, w.db.View(w.ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListAlerts(w.ctx, store.AlertFilter{Limit: 1})
		return err
	}))
	require.NotEmpty(w, list)
	return list[0]
}

// direct is a person's own conversation on the first chat.
func (w *world) direct(name string) core.Conversation {
	w.Helper()
	u, ok := w.e.Snapshot().UserNamed(name)
	require.True(w, ok, name)
	c, ok := w.e.Snapshot().Direct(u.ID, "chat")
	require.True(w, ok, "no direct conversation for %s", name)
	return c
}

// say is what somebody types in their own conversation, and the answer as text.
func (w *world) say(name, text string) string {
	w.Helper()
	return w.text(w.chat.Type(w.ctx, name, w.direct(name), text))
}

func (w *world) text(a simtest.Answer) string {
	if a.Card == nil {
		return ""
	}
	var labels []string
	for _, action := range a.Card.Actions {
		labels = append(labels, "["+action.Label+"]")
	}
	return w.chat.Text(*a.Card) + "\n" + strings.Join(labels, " ")
}

// shown is a conversation's posts as text, oldest first.
func (w *world) shown(ref string) []string {
	var out []string
	for _, p := range w.chat.Posts(ref) {
		out = append(out, w.chat.Text(p.Card))
	}
	return out
}
