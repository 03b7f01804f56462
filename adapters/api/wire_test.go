package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

func TestTimesHaveDigitsThatStrictClientsRead(t *testing.T) {
	at := time.Date(2026, 3, 29, 3, 0, 0, 0, time.FixedZone("", 2*3600))
	for nanos, want := range map[time.Duration]string{
		0:                      `"2026-03-29T01:00:00Z"`,
		500 * time.Millisecond: `"2026-03-29T01:00:00.500Z"`,
		120 * time.Microsecond: `"2026-03-29T01:00:00.000120Z"`,
		999 * time.Nanosecond:  `"2026-03-29T01:00:00Z"`,
	} {
		got, err := json.Marshal(stamp{at.Add(nanos)})
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

func TestIDsMayBeNumbersStringsAndObjects(t *testing.T) {
	for text, want := range map[string]ref{
		`{"id":7}`:                {id: 7},
		`{"id":"7"}`:              {id: 7},
		`7`:                       {id: 7},
		`"7"`:                     {id: 7},
		`"ana"`:                   {name: "ana"},
		`{"username":"ana"}`:      {name: "ana"},
		`{"name":"payments"}`:     {name: "payments"},
		`{"id":7,"name":"x"}`:     {id: 7},
		` null `:                  {},
		`{"id":9007199254740993}`: {id: 9007199254740993},
	} {
		var got ref
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`1.5`, `[1]`, `{"id":[1]}`, `true`, `1e99`} {
		var got ref
		require.Error(t, json.Unmarshal([]byte(text), &got), text)
	}
}

func ask(query string) *call {
	q, _ := url.ParseQuery(query)
	return &call{query: q}
}

func TestPageRefusesWhatIsOverTheCap(t *testing.T) {
	for query, want := range map[string][2]int{
		"":                              {0, 50},
		"max-results=100&start-index=3": {3, 100},
		"max-results=0":                 {0, 0},
		"start-index=99999999999":       {farthest, 50},
	} {
		start, n, err := ask(query).page(50, 100)
		require.NoError(t, err, query)
		require.Equal(t, want, [2]int{start, n}, query)
	}
	for _, query := range []string{"max-results=101", "max-results=-1", "max-results=NaN", "max-results=1e2", "start-index=-1", "start-index=x",
		"max-results=99999999999999999999"} {
		_, _, err := ask(query).page(50, 100)
		require.Equal(t, core.Invalid, core.KindOf(err), query)
	}
}

func TestTimesAreReadWithAndWithoutOffset(t *testing.T) {
	want := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	berlin := time.FixedZone("Berlin in winter", 3600)
	for _, text := range []string{"2026-01-05T08:00:00Z", "2026-01-05T08:00:00.000Z", "2026-01-05T08:00:00.000000Z", "2026-01-05T09:00:00%2B01:00",
		"2026-01-05T09:00:00+01:00", "2026-01-05T09:00:00%2B0100", "2026-01-05T09:00", "2026-01-05T09:00:00"} {
		got, err := ask("from="+text).instant("from", berlin)
		require.NoError(t, err, text)
		require.True(t, want.Equal(got), "%s: %s", text, got)
	}
	for _, text := range []string{"yesterday", "1767600000", "2026-02-30T09:00", "0000-01-01T00:00:00Z", "9999-01-01T00:00:00Z"} {
		_, err := ask("from="+text).instant("from", berlin)
		require.Equal(t, core.Invalid, core.KindOf(err), text)
	}
}

func TestParametersMayBeRepeatedOrHaveCommas(t *testing.T) {
	c := ask("states=PENDING&state=ACCEPTED,RESOLVED&states=")
	require.Equal(t, []string{"PENDING", "ACCEPTED", "RESOLVED"}, c.list("states", "state"))
}

func TestMinutesAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]int64{0: 0, 2 * time.Second: 1, time.Minute: 1, 61 * time.Second: 2, time.Hour: 60} {
		require.Equal(t, want, minutes(d), d)
	}
}

func TestEveryErrorHasItsStatus(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
		code string
	}{
		"invalid":     {core.Errorf(core.Invalid, "no"), 400, "BAD_REQUEST"},
		"denied":      {core.Errorf(core.Denied, "no"), 403, "FORBIDDEN"},
		"not found":   {fmt.Errorf("load: %w", core.Errorf(core.NotFound, "no")), 404, "NOT_FOUND"},
		"conflict":    {core.Errorf(core.Conflict, "no"), 409, "CONFLICT"},
		"own code":    {&core.Error{Kind: core.Conflict, Text: "no", Code: "MANAGED_BY_FILE"}, 409, "MANAGED_BY_FILE"},
		"unavailable": {core.Errorf(core.Unavailable, "no"), 503, "UNAVAILABLE"},
		"lost commit": {fmt.Errorf("x: %w", store.ErrUnknown), 503, "UNAVAILABLE"},
		"too slow":    {fmt.Errorf("x: %w", context.DeadlineExceeded), 503, "UNAVAILABLE"},
		"too large":   {&http.MaxBytesError{Limit: 1}, 413, "TOO_LARGE"},
		"ours":        {errors.New("the secret table is gone"), 500, "ERROR"},
	} {
		rec := httptest.NewRecorder()
		New(nil, Options{}).fail(rec, httptest.NewRequest("GET", "/api/x", nil), c.err)
		require.Equal(t, c.want, rec.Code, name)
		require.Equal(t, c.code, reply{rec, t}.code(), name)
		require.NotContains(t, rec.Body.String(), "secret table", name)
		require.Equal(t, c.want == 503, rec.Header().Get("Retry-After") != "", name)
	}
}

func TestRouteWithoutOperationDoesNotStart(t *testing.T) {
	do := (*call).currentUser
	require.Panics(t, func() { byPath([]route{{method: "POST", path: "/test", do: do}}) })
	require.Panics(t, func() {
		byPath([]route{{"GET", "/a", core.OpView, do}, {"GET", "/a", core.OpView, do}})
	})
	require.NotPanics(t, func() { byPath([]route{{"GET", "/a", core.OpView, do}, {"PUT", "/a", core.OpModify, do}}) })
}

func TestLimitIsForEachKeyButNotForTheAdmin(t *testing.T) {
	var l limits
	for range perMinute {
		require.NoError(t, l.take(7, night))
	}
	err := l.take(7, night)
	require.Equal(t, 429, refusalOf(err).status)
	require.NotEmpty(t, refusalOf(err).retry)
	require.NoError(t, l.take(8, night), "another key")
	require.NoError(t, l.take(7, night.Add(time.Second)), "a second later")
	for range 2 * perMinute {
		require.NoError(t, l.take(0, night))
	}
}

func TestKeyCapsEveryRole(t *testing.T) {
	v := core.Viewer{User: 1, Role: core.Admin, Teams: map[core.TeamID]core.Role{1: core.Admin, 2: 0, 3: core.Stakeholder}}
	got := capped(v, core.Responder)
	require.Equal(t, core.Viewer{User: 1, Role: core.Responder, Teams: map[core.TeamID]core.Role{1: core.Responder, 2: 0, 3: core.Stakeholder}}, got)
	require.Equal(t, v, capped(v, 0), "a key without role has its user's")
	require.Equal(t, core.Stakeholder, capped(core.Viewer{Role: core.Stakeholder}, core.Admin).Role, "a key gives nothing")
}

func TestNextRule(t *testing.T) {
	at := night.Add(5 * time.Minute)
	two := core.Policy{Rules: make([]core.Rule, 2)}
	twice := core.Policy{Rules: make([]core.Rule, 2), Repeating: true, Frequency: 2}
	running := func(level, cycle int) core.Alert {
		return core.Alert{Status: core.Pending, Priority: core.High, Level: level, Cycle: cycle, Timers: core.Timers{LevelUntil: at}}
	}
	none := -1
	for name, c := range map[string]struct {
		alert  core.Alert
		policy core.Policy
		rule   int
	}{
		"first of two":  {running(1, 1), two, 1},
		"last, no more": {running(2, 1), two, none},
		"last, again":   {running(2, 1), twice, 0},
		"last of all":   {running(2, 2), twice, none},
		"delayed":       {core.Alert{Status: core.Pending, Timers: core.Timers{DelayUntil: at}}, two, 0},
		"snoozed":       {core.Alert{Status: core.Pending, Timers: core.Timers{SnoozedUntil: at}}, two, 0},
		"held":          {core.Alert{Status: core.Pending, Timers: core.Timers{LevelUntil: at, Held: true}}, two, none},
		"accepted":      {core.Alert{Status: core.Accepted}, two, none},
		"low":           {core.Alert{Status: core.Pending, Priority: core.Low, Level: 1, Timers: core.Timers{LevelUntil: at}}, two, none},
		"no policy":     {running(1, 1), core.Policy{}, none},
	} {
		got, rule := nextRule(c.alert, c.policy)
		require.Equal(t, c.rule != none, at.Equal(got), "%s: %s", name, got)
		require.Equal(t, max(c.rule, 0), rule, name)
	}
}

func TestEveryEntryHasASentence(t *testing.T) {
	types := []core.EntryType{core.LogCreatedByUser, core.LogReceived, core.LogAccepted, core.LogUnaccepted, core.LogResolved, core.LogAutoResolved,
		core.LogEscalated, core.LogEscalationEnded, core.LogAssignedByUser, core.LogAssignedBySystem, core.LogAssignedToPolicy,
		core.LogAssignedToSchedule, core.LogRaisedByUser, core.LogRaisedBySystem, core.LogCommentAdded, core.LogCommentBySystem,
		core.LogResponderAdded, core.LogResponderRemoved, core.LogSnoozed, core.LogWoken, core.LogMerged, core.LogAsked, core.LogNotification,
		core.LogNotificationFailed, core.LogNobodyOnCall, core.LogPolicyChanged, core.LogSeverityRaised, core.LogLastResort, core.LogCallLimit}
	full := map[string]string{"to": "Ben", "from": "Ana", "level": "2", "schedule": "primary", "by": "bell", "reason": "busy", "into": "3", "text": "hm"}
	for _, kind := range types {
		for _, s := range []speaker{{}, {who: "Ana Silva"}, {vars: full}, {who: "Ana Silva", vars: full}} {
			text := s.says(kind)
			require.NotEmpty(t, text, "%s has no sentence", kind)
			require.NotContains(t, text, "%!", kind)
		}
	}
}
