package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

func TestWithoutKeyNobodyIsAsked(t *testing.T) {
	w := newWorld(t)
	w.key = ""
	long := strings.Repeat("k", 64<<10)
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer  null", "Bearer undefined", "Bearer nothing", "Bearer %", "Bearer *",
		"Basic YW5h", "Basic " + long, "Bearer " + long, "Token " + adminKey, adminKey} {
		r := w.do("GET", "/api/users/current", "", "Authorization", header)
		require.Equal(t, http.StatusUnauthorized, r.Code, "%.40q", header)
		require.Equal(t, "UNAUTHORIZED", r.code())
		require.NotEmpty(t, r.Header().Get("WWW-Authenticate"))
	}
}

func TestKeyThatDoesNotWork(t *testing.T) {
	w := newWorld(t)
	for _, wrong := range []string{"wrong", adminKey + "x", adminKey[:len(adminKey)-1], strings.ToUpper(adminKey)} {
		w.key = wrong
		require.Equal(t, "KEY_ERROR", w.wants(403, "GET", "/api/users/current", "").code(), wrong)
	}
	w.keyFor(w.ben, func(k *store.APIKey) { k.RevokedAt = w.now })
	require.Equal(t, "KEY_ERROR", w.wants(403, "GET", "/api/users/current", "").code(), "revoked")
	w.keyFor(w.ben, func(k *store.APIKey) { k.ExpiresAt = w.now.Add(time.Minute) })
	w.wants(200, "GET", "/api/users/current", "")
	w.now = w.now.Add(time.Minute)
	require.Equal(t, "KEY_ERROR", w.wants(403, "GET", "/api/users/current", "").code(), "expired")
	w.keyFor(9999, nil)
	require.Equal(t, "KEY_ERROR", w.wants(403, "GET", "/api/users/current", "").code(), "nobody's")
}

func TestWithoutAdminKeyNoKeyIsTheAdmins(t *testing.T) {
	w := newWorld(t)
	mux := http.NewServeMux()
	New(w.e, Options{}).Routes(mux)
	w.http = mux
	for _, key := range []string{"", adminKey} {
		w.key = key
		require.GreaterOrEqual(t, w.get("/api/alerts").Code, 401)
	}
}

func TestCurrentUser(t *testing.T) {
	w := newWorld(t)
	var u userBody
	w.wants(200, "GET", "/api/users/current", "").into(&u)
	require.Equal(t, core.Admin, u.Role)
	require.Equal(t, "admin", u.Username)

	w.keyFor(w.ben, nil)
	w.wants(200, "GET", "/api/v1/users/current", "").into(&u)
	require.Equal(t, w.ben, u.ID)
	require.Equal(t, core.RoleUser, u.Role)
	require.Equal(t, "ben@example.com", u.Email)

	w.keyFor(w.ana, func(k *store.APIKey) { k.Role = core.Responder })
	w.wants(200, "GET", "/api/users/current", "").into(&u)
	require.Equal(t, core.Responder, u.Role, "the key caps")
}

func TestPathsAndMethodsThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/", "/api/nothing", "/api/alerts/1/nothing", "/api/v1/nothing", "/api/alerts/x", "/api/alerts/0", "/api/alerts/-1",
		"/api/alerts/99999999999999999999", "/api/alerts/4711", "/api/schedules/4711/user-on-call", "/api/schedules/nosuch/user-on-call"} {
		require.Equal(t, "NOT_FOUND", w.wants(404, "GET", path, "").code(), path)
	}
	for _, method := range []string{"DELETE", "PATCH", "OPTIONS", "BREW"} {
		r := w.wants(405, method, "/api/alerts", "")
		require.Equal(t, "METHOD_NOT_ALLOWED", r.code())
		require.Equal(t, "GET, POST", r.Header().Get("Allow"))
	}
	r := w.do("GET", "/api/alerts/1/accept", "", "X-HTTP-Method-Override", "PUT")
	require.Equal(t, 405, r.Code)
	require.Equal(t, 200, w.do("HEAD", "/api/alerts", "").Code)
}

func TestBodiesThatCannotBeUsed(t *testing.T) {
	w := newWorld(t)
	for body, status := range map[string]int{
		`{`: 400, `[]`: 400, `"x"`: 400, `{"summary":"x"} trailing`: 400, `{"summary":7}`: 400, `{"summary":"x","alertSource":{"id":[]}}`: 400,
		`{"summary":"` + strings.Repeat("x", maxBody) + `"}`: 413,
	} {
		r := w.do("POST", "/api/alerts", body)
		require.Equal(t, status, r.Code, "%.40s: %s", body, r.Body)
		r.code()
	}
	r := w.do("POST", "/api/alerts", `{"summary":"x"}`, "Content-Type", "text/plain")
	require.Equal(t, 415, r.Code)
}

func TestLimitIsAnsweredWithRetryAfter(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.ben, nil)
	for range perMinute {
		require.Equal(t, 200, w.get("/api/users/current").Code)
	}
	r := w.wants(429, "GET", "/api/users/current", "")
	require.Equal(t, "TOO_MANY_REQUESTS", r.code())
	require.NotEmpty(t, r.Header().Get("Retry-After"))
}

// TestRolesAndRoutes is the table of who may do what. Each row is a route, each column
// somebody's key; the alert belongs to the team front, of which Dora and Cleo are no
// members, and then to the private team back, where Ben is a RESPONDER. "ana-" is Ana with
// a key for a STAKEHOLDER.
func TestRolesAndRoutes(t *testing.T) {
	w := newWorld(t)
	people := []struct {
		name string
		id   core.UserID
		role core.Role
	}{{"admin", 0, 0}, {"ana", w.ana, 0}, {"ana-", w.ana, core.Stakeholder}, {"ben", w.ben, 0}, {"cleo", w.cleo, 0},
		{"stan", w.stan, 0}, {"gus", w.gus, 0}, {"dora", w.dora, 0}}
	var table strings.Builder
	for _, src := range []core.SourceID{w.prometheus, w.safe} {
		fmt.Fprintf(&table, "%-40s", "alerts of "+w.e.Snapshot().Sources[src].Name)
		for _, p := range people {
			fmt.Fprintf(&table, "%8s", p.name)
		}
		table.WriteString("\n")
		for _, rt := range New(w.e, Options{}).routes() {
			fmt.Fprintf(&table, "%-40s", rt.method+" "+rt.path)
			for _, p := range people {
				w.key = adminKey
				if p.id != 0 {
					w.keyFor(p.id, func(k *store.APIKey) { k.Role = p.role })
				}
				id := w.raise(src, core.Event{Summary: "disk full"})
				path := strings.NewReplacer("{id}", fmt.Sprint(id), "{user}", fmt.Sprint(w.stan)).Replace(rt.path)
				if strings.HasPrefix(rt.path, "/schedules/") {
					path = strings.Replace(rt.path, "{id}", "primary", 1)
				}
				if object, name, ok := w.quietObject(rt, src); ok {
					path = strings.NewReplacer("{id}", object, "{name}", name).Replace(rt.path)
				}
				r := w.do(rt.method, "/api"+path, bodyFor(rt, w, src))
				fmt.Fprintf(&table, "%8d", r.Code)
			}
			table.WriteString("\n")
		}
	}
	golden(t, "roles.txt", []byte(table.String()))
}

// quietObject makes what a route about windows and hours is about, of the source's teams.
func (w *world) quietObject(rt route, src core.SourceID) (id, name string, ok bool) {
	w.keys++
	name = fmt.Sprintf("object-%d", w.keys)
	switch {
	case strings.HasPrefix(rt.path, "/maintenance-windows"):
		m, err := w.e.PutMaintenance(w.t.Context(), core.Maintenance{Summary: name, Timezone: "UTC", Start: night.AddDate(1, 0, 0), End: night.AddDate(2, 0, 0),
			Sources: []core.SourceID{src}}, engine.Edit{Actor: "test"})
		require.NoError(w.t, err)
		return fmt.Sprint(m.ID), name, true
	case strings.HasPrefix(rt.path, "/support-hours"):
		h, err := w.e.PutHours(w.t.Context(), schedules.SupportHours{Name: name, Timezone: "UTC", Days: schedules.SupportDays{{Day: time.Monday, Start: "09:00", End: "17:00"}},
			Teams: w.e.Snapshot().Sources[src].Teams}, engine.Edit{Actor: "test"})
		require.NoError(w.t, err)
		return fmt.Sprint(h.ID), name, true
	}
	return "", "", false
}

func bodyFor(rt route, w *world, src core.SourceID) string {
	switch {
	case strings.HasSuffix(rt.path, "/assign"):
		return fmt.Sprintf(`{"user":{"id":%d}}`, w.cleo)
	case rt.path == "/maintenance-windows" && rt.method == "POST":
		return fmt.Sprintf(`{"summary":"x","start":"2026-02-01T00:00:00Z","end":"2026-02-01T01:00:00Z","alertSources":[{"id":%d}]}`, src)
	case rt.path == "/support-hours" && rt.method == "POST":
		w.keys++
		return fmt.Sprintf(`{"name":"new %d","timezone":"UTC","supportDays":{"MONDAY":{"start":"09:00","end":"17:00"}}}`, w.keys)
	case rt.method == "PUT" && (strings.HasPrefix(rt.path, "/maintenance-windows") || strings.HasPrefix(rt.path, "/support-hours")):
		return `{"timezone":"Europe/Berlin"}`
	case rt.method == "POST" && rt.path == "/alerts":
		return fmt.Sprintf(`{"summary":"x","alertSource":{"id":%d}}`, src)
	case rt.method == "POST":
		return fmt.Sprintf(`{"user":{"id":%d}}`, w.cleo)
	}
	return ""
}

func TestListsLeaveOutWhatIsNotTheCallersToSee(t *testing.T) {
	w := newWorld(t)
	front, safe, open := w.raise(w.prometheus, core.Event{Summary: "a"}), w.raise(w.safe, core.Event{Summary: "b"}), w.raise(w.open, core.Event{Summary: "c"})
	for _, c := range []struct {
		who  core.UserID
		want []core.AlertID
	}{
		{w.ana, []core.AlertID{open, safe, front}},
		{w.ben, []core.AlertID{open, safe, front}},
		{w.cleo, []core.AlertID{open, front}},
		{w.gus, []core.AlertID{front}},
	} {
		w.keyFor(c.who, nil)
		require.Equal(t, c.want, w.listed("/api/alerts"), "user %d", c.who)
		require.Equal(t, int64(len(c.want)), w.counted("/api/alerts/count"), "user %d", c.who)
		require.Equal(t, c.want[1:], w.listed("/api/alerts?start-index=1"), "user %d", c.who)
		require.Equal(t, c.want[:1], w.listed("/api/alerts?max-results=1"), "user %d", c.who)
	}
}

func TestWhoRespondsSeesTheAlert(t *testing.T) {
	w := newWorld(t)
	hidden, mine := w.raise(w.safe, core.Event{Summary: "a"}), w.raise(w.safe, core.Event{Summary: "b"})
	other := w.raise(w.open, core.Event{Summary: "c"})
	w.wants(201, "POST", fmt.Sprintf("/api/alerts/%d/responders", mine), fmt.Sprintf(`{"user":{"id":%d}}`, w.cleo))
	w.wants(201, "POST", fmt.Sprintf("/api/alerts/%d/responders", other), fmt.Sprintf(`{"user":{"id":%d}}`, w.cleo))
	w.keyFor(w.cleo, nil)
	w.wants(404, "GET", fmt.Sprintf("/api/alerts/%d", hidden), "")
	w.wants(200, "GET", fmt.Sprintf("/api/alerts/%d", mine), "")
	require.Equal(t, []core.AlertID{other, mine}, w.listed("/api/alerts"))
	require.Equal(t, int64(2), w.counted("/api/alerts/count"))
	require.Equal(t, []core.AlertID{mine}, w.listed(fmt.Sprintf("/api/alerts?sources=%d", w.safe)))
	w.wants(200, "PUT", fmt.Sprintf("/api/alerts/%d/accept", mine), "")
}

func (w *world) listed(target string) []core.AlertID {
	w.t.Helper()
	var alerts []alertBody
	w.wants(200, "GET", target, "").into(&alerts)
	list := []core.AlertID{}
	for _, a := range alerts {
		list = append(list, a.ID)
	}
	return list
}

func (w *world) counted(target string) int64 {
	w.t.Helper()
	var c countBody
	w.wants(200, "GET", target, "").into(&c)
	return c.Count
}
