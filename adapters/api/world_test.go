package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const adminKey = "admin-key-of-the-tests-0123456789"

// night is when the tests begin: a Wednesday on which Ben is on call.
var night = time.Date(2026, 1, 14, 2, 4, 5, 0, time.UTC)

// world is an installation behind its API: two teams, one of them private, and somebody of
// each role.
type world struct {
	t    *testing.T
	now  time.Time
	db   *store.DB
	e    *engine.Engine
	http http.Handler
	key  string // what requests are sent with; "": none
	keys int    // made so far

	ana, ben, cleo, stan, gus, dora core.UserID
	primary, empty                  core.ScheduleID
	payments, vault                 core.PolicyID
	prometheus, safe, open          core.SourceID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: night, db: storetest.Memory(t), key: adminKey}
	e, err := engine.New(t.Context(), w.db, engine.Options{Secret: "a secret of the tests, long enough",
		Now: func() time.Time { return w.now }, Quiet: true, Platforms: []string{"bell"}})
	require.NoError(t, err)
	w.e = e
	plan, err := e.Plan(t.Context(), configuration(), config.DiffOptions{})
	require.NoError(t, err)
	require.NoError(t, e.ApplyPlan(t.Context(), plan, "test"))
	w.lookUp()
	mux := http.NewServeMux()
	New(e, Options{AdminKey: adminKey, PublicURL: "https://bell.example.com/"}).Routes(mux)
	w.http = mux
	return w
}

func configuration() config.Set {
	user := func(name, first, last string, role core.Role) config.User {
		return config.User{Username: name, FirstName: first, LastName: last, Email: name + "@example.com", Timezone: "Europe/Berlin",
			Role: role, Identities: map[string]string{"bell": name}}
	}
	source := func(name, policy string, teams ...string) config.Source {
		return config.Source{Name: name, Type: "API", Key: core.Secret("key-of-" + name), Policy: policy, Creation: core.EachEvent,
			PriorityRule: core.AlwaysHigh, Teams: teams}
	}
	return config.Set{
		Users: []config.User{
			user("ana", "Ana", "Silva", core.Admin), user("ben", "Ben", "Okoye", core.RoleUser), user("cleo", "Cleo", "Roux", core.Responder),
			user("stan", "Stan", "Holm", core.Stakeholder), user("gus", "Gus", "Lind", core.Guest), user("dora", "Dora", "Weiss", core.RoleUser),
		},
		Teams: []config.Team{
			{Name: "front", Members: []config.Member{{User: "ana", Role: core.Admin}, {User: "ben"}, {User: "gus", Role: core.Responder}}},
			{Name: "back", Private: true, Members: []config.Member{{User: "ben", Role: core.Responder}}},
		},
		Schedules: []config.Schedule{
			{Name: "primary", Timezone: "Europe/Berlin", Kind: schedules.Recurring,
				Layers: []config.Layer{{Name: "week", StartsOn: "2026-01-05T09:00", Rotation: "P7D", Users: []string{"ana", "ben"}}}},
			{Name: "empty", Timezone: "UTC", Kind: schedules.Static,
				Shifts: []config.Shift{{User: "ana", Start: "2025-01-01T00:00", End: "2025-01-02T00:00"}}},
		},
		Policies: []config.Policy{
			{Name: "payments", Repeating: true, Frequency: 2, Rules: []config.Rule{
				{Timeout: 5 * time.Minute, Schedules: []string{"primary"}},
				{Timeout: 90 * time.Second, Users: []string{"cleo"}, Schedules: []string{"empty"}}}},
			{Name: "vault", Teams: []string{"back"}, Frequency: 1, Rules: []config.Rule{{Timeout: 10 * time.Minute, Users: []string{"ben"}}}},
		},
		Sources: []config.Source{source("prometheus", "payments", "front"), source("safe", "vault", "back"), source("open", "payments")},
	}
}

func (w *world) lookUp() {
	s := w.e.Snapshot()
	for name, id := range map[string]*core.UserID{"ana": &w.ana, "ben": &w.ben, "cleo": &w.cleo, "stan": &w.stan, "gus": &w.gus, "dora": &w.dora} {
		u, _ := s.UserNamed(name)
		*id = u.ID
	}
	for name, id := range map[string]*core.SourceID{"prometheus": &w.prometheus, "safe": &w.safe, "open": &w.open} {
		src, _ := s.SourceNamed(name)
		*id = src.ID
	}
	for name, id := range map[string]*core.ScheduleID{"primary": &w.primary, "empty": &w.empty} {
		sch, _ := s.ScheduleNamed(name)
		*id = sch.ID
	}
	for name, id := range map[string]*core.PolicyID{"payments": &w.payments, "vault": &w.vault} {
		p, _ := s.PolicyNamed(name)
		*id = p.ID
	}
}

func (w *world) tx(fn func(tx *store.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.Tx(w.t.Context(), fn))
}

// keyFor makes a key of a user and uses it from now on.
func (w *world) keyFor(u core.UserID, change func(*store.APIKey)) {
	w.t.Helper()
	k := store.APIKey{User: u, Name: "test", CreatedAt: w.now}
	w.keys++
	w.key = fmt.Sprintf("key-%d-of-the-tests", w.keys)
	hash := sha256.Sum256([]byte(w.key))
	k.Hash = hash[:]
	if change != nil {
		change(&k)
	}
	w.tx(func(tx *store.Tx) error { return tx.InsertAPIKey(w.t.Context(), &k) })
}

// reply is an answer, read.
type reply struct {
	*httptest.ResponseRecorder
	t *testing.T
}

// into decodes the body.
func (r reply) into(v any) {
	r.t.Helper()
	require.NoError(r.t, json.Unmarshal(r.Body.Bytes(), v), r.Body)
}

func (r reply) code() string {
	r.t.Helper()
	var e errorBody
	r.into(&e)
	require.Equal(r.t, r.Code, e.Status, "the body says the status, too")
	require.NotEmpty(r.t, e.Message)
	return e.Code
}

func (w *world) do(method, target, body string, headers ...string) reply {
	w.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, target, in)
	if w.key != "" {
		r.Header.Set("Authorization", "Bearer "+w.key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	return reply{rec, w.t}
}

func (w *world) get(target string) reply { w.t.Helper(); return w.do("GET", target, "") }

// wants does a request and demands a status.
func (w *world) wants(status int, method, target, body string) reply {
	w.t.Helper()
	r := w.do(method, target, body)
	require.Equal(w.t, status, r.Code, "%s %s: %s", method, target, r.Body)
	return r
}

// raise makes an event of a source arrive.
func (w *world) raise(src core.SourceID, ev core.Event) core.AlertID {
	w.t.Helper()
	if ev.Type == 0 {
		ev.Type = core.EventAlert
	}
	results, err := w.e.Ingest(w.t.Context(), engine.Request{Source: src, Events: []core.Event{ev}})
	require.NoError(w.t, err)
	require.NotZero(w.t, results[0].Alert, results[0].Reason)
	return results[0].Alert
}

// golden compares with a file in testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "against %s; -update rewrites it", file)
}

func indented(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, body, "", "  "))
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}
