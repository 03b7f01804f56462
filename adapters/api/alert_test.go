package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func TestAlertAsClientsReadIt(t *testing.T) {
	w := newWorld(t)
	id := w.raise(w.prometheus, core.Event{Key: "db-3/disk", Summary: "Disk full on db-3", Details: "97 %", Severity: 2,
		Links: []core.Link{{Href: "https://example.com/runbook", Text: "Runbook"}}, Labels: map[string]string{"host": "db-3"},
		Custom: json.RawMessage(`{"nested":{"a":[1,2]}}`)})
	r := w.get(fmt.Sprintf("/api/alerts/%d?include=escalationRules,nextEscalationUser&include=customDetails", id))
	require.Equal(t, "application/json", r.Header().Get("Content-Type"))
	golden(t, "alert.json", indented(t, r.Body.Bytes()))
	golden(t, "alerts.json", indented(t, w.get("/api/v1/alerts").Body.Bytes()))
}

func TestLifeOfAnAlert(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.ben, nil)
	r := w.wants(201, "POST", "/api/alerts", fmt.Sprintf(
		`{"summary":"Checkout is down","details":"since 3","alertSource":{"id":"%d"},"priority":"HIGH","links":[{"href":"https://example.com","text":"shop"}],"unknown":1}`, w.prometheus))
	var a alertBody
	r.into(&a)
	require.Equal(t, fmt.Sprintf("https://bell.example.com/api/alerts/%d", a.ID), r.Header().Get("Location"))
	require.Equal(t, core.Pending, a.Status)
	require.Equal(t, []core.Link{{Href: "https://example.com", Text: "shop"}}, a.Links)
	require.Len(t, a.Responders, 1, "level 1 runs at once")
	require.Equal(t, night.Add(5*time.Minute), a.NextAt.Time)

	path := fmt.Sprintf("/api/alerts/%d", a.ID)
	w.now = w.now.Add(40 * time.Second)
	w.wants(200, "PUT", path+"/accept", "").into(&a)
	require.Equal(t, core.Accepted, a.Status)
	require.Equal(t, "ben", a.AssignedTo.Username)
	w.wants(200, "PUT", path+"/accept", "")
	w.wants(200, "PUT", path+"/resolve", `{"comment":"restarted"}`).into(&a)
	require.Equal(t, core.Resolved, a.Status)
	require.Equal(t, w.now, a.ResolvedOn.Time)
	w.wants(200, "PUT", path+"/resolve", "")
	require.Equal(t, "CONFLICT", w.wants(409, "PUT", path+"/accept", "").code(), "resolved is final")
	w.wants(200, "GET", path, "").into(&a)
	require.Equal(t, core.Resolved, a.Status)
}

func TestManualAlertsThatCannotBeMade(t *testing.T) {
	w := newWorld(t)
	for body, place := range map[string]string{
		`{}`:              "summary",
		`{"summary":" "}`: "summary",
		`{"summary":"x"}`: "alertSource",
		`{"summary":"x","alertSource":{"id":4711}}`:                                                  "alertSource",
		`{"summary":"x","alertSource":"prometheus","priority":"URGENT"}`:                             "URGENT",
		`{"summary":"x","alertSource":"prometheus","escalationPolicy":{"id":4711}}`:                  "escalationPolicy",
		`{"summary":"x","alertSource":"prometheus","responders":[{"user":"ana"},{"user":"nobody"}]}`: "responders[1]",
	} {
		r := w.wants(400, "POST", "/api/alerts", body)
		require.Contains(t, r.Body.String(), place, body)
	}
}

func TestManualAlertForNamedPeople(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.ben, nil)
	var a alertBody
	w.wants(201, "POST", "/api/alerts", `{"summary":"x","alertSource":"open","responders":[{"user":"cleo"},{"user":{"id":"cleo"}}]}`).into(&a)
	require.Len(t, a.Responders, 1)
	require.Equal(t, w.cleo, a.Responders[0].User.ID)
	require.Zero(t, a.NextAt, "nothing escalates")
}

func TestFiltersUnderNewAndOldNames(t *testing.T) {
	w := newWorld(t)
	first := w.raise(w.prometheus, core.Event{Summary: "a"})
	w.now = w.now.Add(time.Hour)
	second := w.raise(w.safe, core.Event{Summary: "b"})
	w.wants(200, "PUT", fmt.Sprintf("/api/alerts/%d/resolve", second), "")
	for query, want := range map[string][]core.AlertID{
		"":                                 {second, first},
		"?states=PENDING":                  {first},
		"?state=RESOLVED&state=ACCEPTED":   {second},
		"?states=pending,resolved":         {second, first},
		fmt.Sprintf("?sources=%d", w.safe): {second},
		fmt.Sprintf("?alert-source=%d", w.prometheus):       {first},
		fmt.Sprintf("?policies=%d", w.vault):                {second},
		fmt.Sprintf("?policies=%d&states=PENDING", w.vault): {},
		fmt.Sprintf("?responders=%d", w.ben):                {second, first},
		"?assigned-to=cleo":                                 {},
		"?assigned-to=nobody":                               {},
		"?sources=4711":                                     {},
		"?from=2026-01-14T02:30:00Z":                        {second},
		"?until=2026-01-14T02:30:00Z":                       {first},
		"?from=2026-01-14T03:30:00+01:00&until=2026-01-15":  {second},
		"?max-results=1":                                    {second},
		"?start-index=1":                                    {first},
		"?start-index=9":                                    {},
		"?max-results=0":                                    {},
	} {
		require.Equal(t, want, w.listed("/api/alerts"+query), query)
	}
	require.Equal(t, int64(1), w.counted("/api/alerts/count?states=PENDING"))
	for _, query := range []string{"max-results=101", "max-results=-1", "max-results=x", "start-index=-1", "states=NOPE", "sources=x", "policies=x",
		"from=x", "until=1", "from=2026-01-15&until=2026-01-14"} {
		require.Equal(t, "BAD_REQUEST", w.wants(400, "GET", "/api/alerts?"+query, "").code(), query)
	}
}

func TestAssign(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ query, body, logged string }{
		{"user=CLEO", "", "AlertAssignedByUserLogEntry"},
		{"user-id=cleo", "", "AlertAssignedByUserLogEntry"},
		{"", `{"user":{"id":CLEO}}`, "AlertAssignedByUserLogEntry"},
		{"policy-id=vault", "", "AlertAssignedToPolicyLogEntry"},
		{"", `{"policy":"vault"}`, "AlertAssignedToPolicyLogEntry"},
		{"schedule=primary", "", "AlertAssignedToScheduleLogEntry"},
		{"schedule-id=primary", "", "AlertAssignedToScheduleLogEntry"},
	} {
		id := w.raise(w.open, core.Event{Summary: "x"})
		path := fmt.Sprintf("/api/alerts/%d", id)
		fill := strings.NewReplacer("CLEO", fmt.Sprint(int64(w.cleo)))
		w.wants(200, "PUT", path+"/assign?"+fill.Replace(c.query), fill.Replace(c.body))
		require.Contains(t, w.get(path+"/log-entries").Body.String(), c.logged, c)
	}
	path := fmt.Sprintf("/api/alerts/%d/assign", w.raise(w.open, core.Event{Summary: "x"}))
	for _, query := range []string{"", "user=cleo&policy=vault", "user=nobody", "policy=nothing", "schedule=4711"} {
		require.Equal(t, "BAD_REQUEST", w.wants(400, "PUT", path+"?"+query, "").code(), query)
	}
	require.Equal(t, "CONFLICT", w.wants(409, "PUT", path+"?schedule=empty", "").code(), "nobody is on call")
}

func TestResponders(t *testing.T) {
	w := newWorld(t)
	path := fmt.Sprintf("/api/alerts/%d/responders", w.raise(w.open, core.Event{Summary: "x"}))
	cleo := fmt.Sprintf(`{"user":{"id":%d}}`, w.cleo)
	var r responderBody
	w.wants(201, "POST", path, cleo).into(&r)
	require.Equal(t, "cleo", r.User.Username)
	require.Equal(t, core.Pending, r.Status)
	require.Equal(t, "RESPONDER_EXISTS", w.wants(405, "POST", path, cleo).code())
	w.wants(404, "POST", path, `{"user":{"id":4711}}`)
	w.wants(404, "POST", "/api/alerts/4711/responders", cleo)
	w.wants(400, "POST", path, `{}`)
	require.Empty(t, w.wants(204, "DELETE", fmt.Sprintf("%s/%d", path, w.cleo), "").Body.String())
	w.wants(404, "DELETE", fmt.Sprintf("%s/%d", path, w.cleo), "")
	w.wants(404, "DELETE", path+"/nobody", "")
}

func TestWhoOldClientsAreTold(t *testing.T) {
	at := func(m int) time.Time { return night.Add(time.Duration(m) * time.Minute) }
	for name, c := range map[string]struct {
		responders []core.Responding
		want       core.UserID
	}{
		"nobody":                 {nil, 0},
		"the first of a level":   {[]core.Responding{{User: 1, AskedAt: at(1)}, {User: 2, AskedAt: at(1)}}, 1},
		"who was asked last":     {[]core.Responding{{User: 1, AskedAt: at(1)}, {User: 2, AskedAt: at(5)}}, 2},
		"who has it":             {[]core.Responding{{User: 1, AcceptedAt: at(2)}, {User: 2, AskedAt: at(5)}}, 1},
		"nobody is asked by now": {[]core.Responding{{User: 1}, {User: 2}}, 1},
	} {
		require.Equal(t, c.want, assignee(core.Alert{Responders: c.responders}), name)
	}
}

func TestAssigningToSomebodyShowsThem(t *testing.T) {
	w := newWorld(t)
	var a alertBody
	w.wants(200, "PUT", fmt.Sprintf("/api/alerts/%d/assign?user=cleo", w.raise(w.open, core.Event{Summary: "x"})), "").into(&a)
	require.Equal(t, "cleo", a.AssignedTo.Username)
}

func TestCustomDetailsAreAnObject(t *testing.T) {
	for text, want := range map[string]string{`{"a":1}`: `{"a":1}`, `[1,2]`: `{"payload":[1,2]}`, `"x"`: `{"payload":"x"}`, ``: ``} {
		require.Equal(t, want, string(object(json.RawMessage(text))))
	}
}

func TestSuggestedResponders(t *testing.T) {
	w := newWorld(t)
	var list []suggestedBody
	w.keyFor(w.cleo, nil)
	w.wants(200, "GET", fmt.Sprintf("/api/alerts/%d/suggested-responders?lng=de", w.raise(w.open, core.Event{Summary: "x"})), "").into(&list)
	require.Equal(t, []suggestedBody{
		{int64(w.cleo), "Cleo Roux", "SUGGESTED", false},
		{int64(w.ana), "Ana Silva", "USER", false}, {int64(w.ben), "Ben Okoye", "USER", true},
		{int64(w.cleo), "Cleo Roux", "USER", false}, {int64(w.dora), "Dora Weiss", "USER", false},
		{int64(w.payments), "payments", "ESCALATION_POLICY", false},
		{int64(w.primary), "primary", "ON_CALL_SCHEDULE", false}, {int64(w.empty), "empty", "ON_CALL_SCHEDULE", false},
	}, list)
}
