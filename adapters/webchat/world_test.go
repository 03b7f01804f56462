package webchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

const team = `
users:
  - {username: ana, firstName: Ana, lastName: Silva, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, lastName: Okoye, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: cleo, firstName: Cleo, lastName: Brandt, email: cleo@example.com, timezone: America/New_York, role: RESPONDER, identities: {webchat: cleo}}
  - {username: dora, firstName: Dora, lastName: Lind, email: dora@example.com, timezone: Europe/Vienna, role: STAKEHOLDER}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 5, users: [ana]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments"]}
`

// world is a web chat on a database with a team, served over HTTP, with a bot that does
// what the test says.
type world struct {
	*testing.T
	*script
	e    *engine.Engine
	chat *webchat.Adapter
	http *httptest.Server
	gate atomic.Bool // nobody gets through
	o    webchat.Options
}

func newWorld(t *testing.T) *world {
	return worldOn(t, storetest.Memory(t), webchat.Options{})
}

func worldOn(t *testing.T, db *store.DB, o webchat.Options) *world {
	t.Helper()
	w := &world{T: t, script: &script{}, o: o}
	w.e = newEngine(t, db)
	w.apply(team)
	w.serve()
	return w
}

func (w *world) apply(yaml string) {
	w.Helper()
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(yaml)}}, config.Options{Known: []string{webchat.Platform}})
	require.Empty(w, problems)
	plan, err := w.e.Plan(w.Context(), set, config.DiffOptions{})
	require.NoError(w, err)
	require.NoError(w, w.e.ApplyPlan(w.Context(), plan, "test"))
}

func newEngine(t *testing.T, db *store.DB) *engine.Engine {
	t.Helper()
	e, err := engine.New(t.Context(), db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{webchat.Platform}, Quiet: true})
	require.NoError(t, err)
	return e
}

// serve starts one replica's web chat; it stops with the test.
func (w *world) serve() {
	w.Helper()
	mux := http.NewServeMux()
	w.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.gate.Load() {
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(rw, r)
	}))
	if w.o.PublicURL == "" {
		w.o.PublicURL = w.http.URL
	}
	w.chat = webchat.New(w.e, w.o)
	w.chat.Routes(mux, w.script)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	chat, server := w.chat, w.http
	go func() { done <- chat.Run(ctx, w.script) }()
	w.Cleanup(func() {
		cancel()
		require.NoError(w, <-done)
		server.Close()
	})
}

// replica is a second program on the same database.
func (w *world) replica() *world {
	second := &world{T: w.T, script: &script{}}
	second.e = newEngine(w.T, w.e.DB)
	second.serve()
	return second
}

func (w *world) user(name string) core.User {
	w.Helper()
	u, ok := w.e.Snapshot().UserNamed(name)
	require.True(w, ok, name)
	return u
}

// conversation finds one by its ref.
func (w *world) conversation(ref string) core.Conversation {
	w.Helper()
	var c core.Conversation
	require.NoError(w, w.e.DB.Tx(context.Background(), func(tx *store.Tx) (err error) {
		c, err = tx.EnsureConversation(context.Background(), core.Conversation{Platform: webchat.Platform, Ref: ref, Name: ref})
		return err
	}))
	return c
}

func (w *world) send(ref string, m bot.Message) core.PostRef {
	w.Helper()
	got, err := w.chat.Send(context.Background(), w.conversation(ref), m)
	require.NoError(w, err)
	return got
}

func (w *world) edit(ref string, post core.PostRef, m bot.Message) {
	w.Helper()
	require.NoError(w, w.chat.Edit(context.Background(), w.conversation(ref), post, m))
}

func (w *world) link(name string) string {
	w.Helper()
	url, err := w.chat.NewSigninLink(context.Background(), w.user(name).ID)
	require.NoError(w, err)
	return url
}

// browser is a person's cookies; it speaks JSON.
type browser struct {
	*world
	client *http.Client
	header http.Header
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(w, err)
	return &browser{world: w, header: http.Header{}, client: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a browser in which somebody is signed in.
func (w *world) as(name string) *browser {
	w.Helper()
	b := w.browser()
	_, token, _ := strings.Cut(w.link(name), "#token=")
	status, body := b.post("signin", map[string]string{"token": token})
	require.Equal(w, 200, status, body)
	return b
}

type object = map[string]any

func (b *browser) get(path string) (int, object) { return b.do("GET", "/chat/api/"+path, nil) }

func (b *browser) post(path string, body any) (int, object) {
	b.Helper()
	data, err := json.Marshal(body)
	require.NoError(b, err)
	return b.do("POST", "/chat/api/"+path, data)
}

func (b *browser) do(method, path string, body []byte) (int, object) {
	b.Helper()
	r, err := http.NewRequest(method, b.http.URL+path, bytes.NewReader(body))
	require.NoError(b, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k := range b.header {
		r.Header.Set(k, b.header.Get(k))
	}
	resp, err := b.client.Do(r)
	require.NoError(b, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	var o object
	if len(data) > 0 && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		require.NoError(b, json.Unmarshal(data, &o), string(data))
	}
	return resp.StatusCode, o
}

// posts are the texts of a conversation.
func (b *browser) posts(ref string) (texts []string) {
	b.Helper()
	status, body := b.get(fmt.Sprintf("conversations/%d/posts", b.conversation(ref).ID))
	require.Equal(b, 200, status, body)
	for _, p := range body["posts"].([]any) {
		texts = append(texts, p.(object)["text"].(string))
	}
	return texts
}

// script is a bot that remembers what it was asked and answers what it is told to.
type script struct {
	mu     sync.Mutex
	asked  []bot.Interaction
	answer func(in bot.Interaction) bot.Reply
	first  func(in bot.Interaction) (bot.Form, bool)
}

func (s *script) First(in bot.Interaction) (bot.Form, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		return bot.Form{}, false
	}
	return s.first(in)
}

func (s *script) Handle(_ context.Context, in bot.Interaction) bot.Reply {
	s.mu.Lock()
	s.asked = append(s.asked, in)
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return bot.Reply{}
	}
	return answer(in)
}

func (s *script) Options(_ bot.Interaction, field, typed string) []bot.Option {
	return []bot.Option{{Value: field + "=" + typed, Label: "completed"}}
}

// last is what the bot was asked last.
func (s *script) last() bot.Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return bot.Interaction{}
	}
	return s.asked[len(s.asked)-1]
}

func (s *script) replies(answer func(in bot.Interaction) bot.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *script) asksFirst(first func(in bot.Interaction) (bot.Form, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = first
}

func plain(text string) bot.Text { return bot.Text{{Text: text}} }

func said(text string) *bot.Card { return &bot.Card{Headline: plain(text)} }
