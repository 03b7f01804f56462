package ntfy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store/storetest"

	"github.com/watchbell/watchbell/adapters/ntfy"
)

const accessToken = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"

// notification is what a phone gets.
type notification struct {
	ID       string   `json:"id"`
	Topic    string   `json:"topic"`
	Title    string   `json:"title,omitempty"`
	Message  string   `json:"message"`
	Priority int      `json:"priority,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Click    string   `json:"click,omitempty"`
	Actions  []button `json:"actions,omitempty"`
}

type button struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
	Method string `json:"method"`
	Clear  bool   `json:"clear"`
}

// server speaks ntfy's protocol for publishing, after https://docs.ntfy.sh/publish/: what
// that says is wrong is refused, in its words. It takes writes with the access token only.
type server struct {
	t    *testing.T
	http *httptest.Server

	mu   sync.Mutex
	got  []notification                                 // guarded by mu
	fail func(w http.ResponseWriter, n int) (done bool) // guarded by mu; answers the nth publish instead
	n    int                                            // guarded by mu
}

var topicName = regexp.MustCompile(`^/([-_A-Za-z0-9]{1,64})$`)

func newServer(t *testing.T) *server {
	s := &server{t: t}
	s.http = httptest.NewServer(s)
	t.Cleanup(s.http.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if s.fail != nil && s.fail(w, s.n) {
		return
	}
	path := topicName.FindStringSubmatch(r.URL.Path)
	switch {
	case path == nil:
		refuse(w, http.StatusNotFound, 40401, "page not found")
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		refuse(w, http.StatusNotFound, 40401, "page not found")
	case r.Header.Get("Authorization") != "Bearer "+accessToken:
		refuse(w, http.StatusForbidden, 40301, "forbidden")
	default:
		s.publish(w, r, path[1])
	}
}

func refuse(w http.ResponseWriter, status, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%d,"http":%d,"error":%q}`+"\n", code, status, text)
}

func (s *server) publish(w http.ResponseWriter, r *http.Request, topic string) {
	body, err := io.ReadAll(r.Body)
	require.NoError(s.t, err)
	header := func(name string) string {
		text := r.Header.Get(name)
		for _, c := range text {
			if c < ' ' || c > '~' {
				s.t.Errorf("header %s is not plain: %q", name, text)
			}
		}
		if decoded, err := new(mime.WordDecoder).DecodeHeader(text); err == nil {
			return decoded
		}
		return text
	}
	n := notification{ID: fmt.Sprintf("id%010d", len(s.got)+1), Topic: topic, Title: header("Title"), Message: string(body), Click: header("Click")}
	if tags := header("Tags"); tags != "" {
		n.Tags = strings.Split(tags, ",")
	}
	priorities := []string{"1", "2", "3", "4", "5"}
	if p := header("Priority"); p != "" {
		if n.Priority = slices.Index(priorities, p) + 1; n.Priority == 0 {
			refuse(w, http.StatusBadRequest, 40007, "invalid priority parameter")
			return
		}
	}
	if actions := header("Actions"); actions != "" {
		if err := json.Unmarshal([]byte(actions), &n.Actions); err != nil || len(n.Actions) > 3 {
			refuse(w, http.StatusBadRequest, 40018, "invalid request: actions invalid")
			return
		}
	}
	for _, b := range n.Actions {
		if b.Action != "http" || b.Label == "" || !strings.HasPrefix(b.URL, "http") {
			refuse(w, http.StatusBadRequest, 40018, "invalid request: actions invalid")
			return
		}
	}
	switch {
	case len(body) > 4096: // it would become an attachment
		refuse(w, http.StatusRequestEntityTooLarge, 41301, "attachment too large, or bandwidth limit reached")
		return
	case !utf8.Valid(body):
		refuse(w, http.StatusBadRequest, 40011, "invalid message: message must be UTF-8 encoded")
		return
	case len(body) == 0:
		n.Message = "triggered"
	}
	s.got = append(s.got, n)
	w.Header().Set("Content-Type", "application/json")
	require.NoError(s.t, json.NewEncoder(w).Encode(n))
}

func (s *server) sent() []notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func (s *server) failing(f func(w http.ResponseWriter, n int) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.n = f, 0
}

const team = `
users:
  - username: ana
    firstName: Ana
    email: ana@example.com
    timezone: Europe/Lisbon
    role: ADMIN
    identities: {webchat: ana, ntfy: ana-7Qf3k}
    notify: [{after: 0s, by: [webchat]}, {after: 1m, by: [ntfy]}, {every: 2m, by: [ntfy], times: 2}]
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {ntfy: ben-x81Lm}}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 10, users: [ana]}, {escalationTimeout: 10, users: [ben]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments}
`

var options = config.Options{Known: []string{"webchat", ntfy.Platform}, Pages: []string{ntfy.Platform}}

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// newEngine is an engine with the team, whose clock the test moves.
func newEngine(t *testing.T, now func() time.Time) *engine.Engine {
	t.Helper()
	e, err := engine.New(t.Context(), storetest.Memory(t), engine.Options{Secret: "0123456789abcdef", Platforms: options.Known, Quiet: true, Now: now})
	require.NoError(t, err)
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(team)}}, options)
	require.Empty(t, problems)
	plan, err := e.Plan(t.Context(), set, config.DiffOptions{})
	require.NoError(t, err)
	require.NoError(t, e.ApplyPlan(t.Context(), plan, "test"))
	return e
}

// settings are the block of a configuration file, resolved.
func settings(t *testing.T, yaml string) ntfy.Config {
	t.Helper()
	set, problems := config.Parse([]config.File{{Name: "n.yaml", Data: []byte(yaml)}}, options)
	require.Empty(t, problems)
	c, err := ntfy.Decode(set.Platforms[ntfy.Platform])
	require.NoError(t, err)
	require.NoError(t, c.Resolve(func(name string) (string, bool) { return accessToken, name == "NTFY_TOKEN" }, nil))
	return c
}

func (s *server) settings() ntfy.Config {
	return settings(s.t, "ntfy: {url: "+s.http.URL+"/, token: {env: NTFY_TOKEN}}")
}

func user(t *testing.T, e *engine.Engine, name string) core.UserID {
	t.Helper()
	u, ok := e.Snapshot().UserNamed(name)
	require.True(t, ok)
	return u.ID
}
