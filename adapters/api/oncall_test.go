package api

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUserOnCall(t *testing.T) {
	w := newWorld(t)
	var s shiftBody
	w.wants(200, "GET", fmt.Sprintf("/api/schedules/%d/user-on-call", w.primary), "").into(&s)
	require.Equal(t, "ben", s.User.Username)
	require.Equal(t, "week", s.Layer)
	require.Equal(t, time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC), s.Start.Time)
	require.Equal(t, time.Date(2026, 1, 19, 8, 0, 0, 0, time.UTC), s.End.Time)
	require.Empty(t, w.wants(204, "GET", fmt.Sprintf("/api/schedules/%d/user-on-call", w.empty), "").Body.String(), "a gap")
}

func (w *world) duties(query string) []onCallBody {
	w.t.Helper()
	var rows []onCallBody
	w.wants(200, "GET", "/api/on-calls"+query, "").into(&rows)
	return rows
}

// short is policy/level/user and, for a shift, its start.
func short(rows []onCallBody) []string {
	list := []string{}
	for _, r := range rows {
		s := fmt.Sprintf("%s/%d/%s", r.Policy.Name, r.Level, r.User.Username)
		if !r.Start.IsZero() {
			s += r.Start.Format(" 01-02 15:04 ") + r.Schedule.Name
		}
		list = append(list, s)
	}
	return list
}

func TestOnCallsAreRowsOfPolicyLevelAndShift(t *testing.T) {
	w := newWorld(t)
	level := func(l int) string { return url.QueryEscape(fmt.Sprintf(`{"id":%d,"level":%d}`, w.payments, l)) }
	for query, want := range map[string][]string{
		"":                           {"payments/1/ben 01-12 08:00 primary", "payments/2/cleo", "vault/1/ben"},
		"?from=2026-01-08T00:00:00Z": {"payments/1/ana 01-05 08:00 primary", "payments/2/cleo", "vault/1/ben"},
		"?from=2026-01-12T09:00&timezone=Europe/Berlin&users=ben": {"payments/1/ben 01-12 08:00 primary", "vault/1/ben"},
		"?from=2026-01-12T08:59&timezone=Europe/Berlin&users=ana": {"payments/1/ana 01-05 08:00 primary"},
		"?from=2026-01-14T00:00:00Z&until=2026-01-20T00:00:00Z&schedules=" + fmt.Sprint(int64(w.primary)): {
			"payments/1/ben 01-12 08:00 primary", "payments/1/ana 01-19 08:00 primary"},
		fmt.Sprintf("?policies=%d", w.vault): {"vault/1/ben"},
		"?policy-levels=" + level(2):         {"payments/2/cleo"},
		"?users=cleo&users=ana":              {"payments/2/cleo"},
		"?users=nobody":                      {},
		"?start-index=1&max-results=1":       {"payments/2/cleo"},
		"?start-index=100":                   {},
	} {
		require.Equal(t, want, short(w.duties(query)), query)
	}
	for _, query := range []string{"?max-results=251", "?max-results=0", "?max-results=-1", "?from=2026-01-01&until=2026-06-01",
		"?from=2026-02-01&until=2026-01-01", "?until=2020-01-01", "?timezone=Mars/Base", "?timezone=%2B02:00", "?policy-levels=12", "?schedules=x", "?from=x"} {
		require.Equal(t, 400, w.get("/api/on-calls"+query).Code, query)
	}
}

func TestOnCallsExpand(t *testing.T) {
	w := newWorld(t)
	golden(t, "on-calls.json", indented(t, w.get("/api/on-calls").Body.Bytes()))
	golden(t, "on-calls-expanded.json", indented(t, w.get("/api/on-calls?expand=user&expand=policy&expand=schedule").Body.Bytes()))
}

func TestOnCallsLeaveOutWhatIsHidden(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.cleo, nil)
	require.Equal(t, []string{"payments/1/ben 01-12 08:00 primary", "payments/2/cleo"}, short(w.duties("")))
}
