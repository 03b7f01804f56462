package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

const windowPath = "/api/maintenance-windows"

func (w *world) window(from, until string, sources ...core.SourceID) string {
	var refs []string
	for _, s := range sources {
		refs = append(refs, fmt.Sprintf(`{"id":%d}`, s))
	}
	return fmt.Sprintf(`{"summary":"Upgrade","description":"one\ntwo","timezone":"Europe/Berlin","start":%q,"end":%q,"alertSources":[%s]}`, from, until, strings.Join(refs, ","))
}

func TestAMaintenanceWindowComesBackAsItWasSent(t *testing.T) {
	w := newWorld(t)
	w.keyFor(w.ben, nil)
	made := w.wants(200, "POST", windowPath, w.window("2026-01-14T03:00", "2026-01-14T03:00:00Z", w.prometheus, w.open))
	var m maintenanceBody
	made.into(&m)
	at := fmt.Sprintf("%s/%d", windowPath, m.ID)
	require.Equal(t, "https://bell.example.com"+at, made.Header().Get("Location"))
	want := fmt.Sprintf(`{"id":%d,"summary":"Upgrade","description":"one\ntwo","timezone":"Europe/Berlin","start":"2026-01-14T02:00:00Z","end":"2026-01-14T03:00:00Z",
		"alertSources":[{"id":%d,"name":"prometheus"},{"id":%d,"name":"open"}],"services":[],
		"createdBy":{"id":%d,"username":"ben","firstName":"Ben","lastName":"Okoye"}}`, m.ID, w.prometheus, w.open, w.ben)
	require.JSONEq(t, want, made.Body.String())
	require.JSONEq(t, want, w.wants(200, "GET", at, "").Body.String())

	r, err := w.e.Ingest(t.Context(), engine.Request{Source: w.open, Events: []core.Event{{Type: core.EventAlert, Summary: "x"}}})
	require.NoError(t, err)
	require.Equal(t, core.OutcomeDropped, r[0].Outcome)

	w.key = adminKey
	changed := w.wants(200, "PUT", at, `{"end":"2026-01-14T06:00:00+01:00","alertSources":["prometheus"]}`)
	want = strings.Replace(strings.Replace(want, "T03:00:00Z", "T05:00:00Z", 1), fmt.Sprintf(`,{"id":%d,"name":"open"}`, w.open), "", 1)
	require.JSONEq(t, want, changed.Body.String(), "what is left out stays, and who made it")
	w.raise(w.open, core.Event{Summary: "x"})
	w.wants(204, "DELETE", at, "")
	w.wants(404, "GET", at, "")
	w.wants(404, "DELETE", at, "")
}

func TestMaintenanceWindowsAreFiltered(t *testing.T) {
	w := newWorld(t)
	for _, b := range []string{
		w.window("2026-01-13T00:00:00Z", "2026-01-14T02:04:05Z", w.open),
		w.window("2026-01-14T00:00:00Z", "2026-01-14T02:04:06Z", w.prometheus),
		w.window("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", w.safe, w.open),
	} {
		w.wants(200, "POST", windowPath, b)
	}
	list := func(query string) (starts []string) {
		var all []maintenanceBody
		w.wants(200, "GET", windowPath+query, "").into(&all)
		for _, m := range all {
			starts = append(starts, m.Start.Format("01-02"))
			require.Equal(t, "Upgrade", m.Summary)
		}
		return starts
	}
	for query, want := range map[string][]string{
		"": {"01-13", "01-14", "02-01"}, "?state=OPEN": {"01-14", "02-01"}, "?state=CLOSED": {"01-13"},
		fmt.Sprintf("?sources=%d", w.open): {"01-13", "02-01"}, "?from=2026-01-20": {"02-01"}, "?until=2026-01-14T00:00:00Z": {"01-13"},
		"?max-results=1": {"01-13"}, "?start-index=2": {"02-01"}, "?start-index=9": nil,
	} {
		require.Equal(t, want, list(query), query)
	}
	w.wants(400, "GET", windowPath+"?state=SOON", "")
	w.wants(400, "GET", windowPath+"?max-results=101", "")
	w.keyFor(w.cleo, nil)
	require.Equal(t, []string{"01-13", "01-14", "02-01"}, list(""), "of the last she sees one source")
	require.NotContains(t, w.get(windowPath).Body.String(), "safe")
}

func TestWindowsThatCannotBeAreRefused(t *testing.T) {
	w := newWorld(t)
	fine := w.window("2026-01-14T03:00:00Z", "2026-01-14T04:00:00Z", w.prometheus)
	for _, c := range []struct{ old, new, wrong string }{
		{`"summary":"Upgrade"`, `"summary":" "`, "summary"},
		{"Europe/Berlin", "Berlin", "time zone"},
		{"T04:00", "T03:00", "end"},
		{"2026-01-14T03:00:00Z", "tomorrow", "start"},
		{fmt.Sprintf(`{"id":%d}`, w.prometheus), "", "alertSources"},
		{fmt.Sprintf(`{"id":%d}`, w.prometheus), `{"id":99}`, "alertSources[0]"},
		{`"summary"`, `"services":[{"id":1}],"summary"`, "services"},
		{`"summary"`, `"notifications":{"atStart":true},"summary"`, "notifications.atStart"},
	} {
		r := w.wants(400, "POST", windowPath, strings.Replace(fine, c.old, c.new, 1))
		require.Contains(t, r.Body.String(), c.wrong)
	}
	w.wants(200, "POST", windowPath, strings.Replace(fine, `"summary"`, `"notifications":{"atStart":false},"services":[],"summary"`, 1))
}

func TestWhatAFileMadeIsChangedThere(t *testing.T) {
	w := newWorld(t)
	const file = `
supportHours:
  - {name: office, timezone: UTC, supportDays: {MONDAY: {start: "09:00", end: "17:00"}}}
maintenanceWindows:
  - {summary: upgrade, timezone: UTC, start: "2026-01-14T00:00", end: "2026-01-15T00:00", alertSources: [open]}
`
	have := w.e.Snapshot().Config()
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(file)}}, config.Options{Known: []string{"bell"}, Have: &have})
	require.Empty(t, problems)
	plan, err := w.e.Plan(t.Context(), set, config.DiffOptions{})
	require.NoError(t, err)
	require.NoError(t, w.e.ApplyPlan(t.Context(), plan, "test"))
	var windows []maintenanceBody
	w.get(windowPath).into(&windows)
	for _, path := range []string{fmt.Sprintf("%s/%d", windowPath, windows[0].ID), "/api/support-hours/office"} {
		for _, method := range []string{"PUT", "DELETE"} {
			r := w.wants(409, method, path, `{"timezone":"Europe/Berlin"}`)
			require.Equal(t, "MANAGED_BY_FILE", r.code())
			require.Contains(t, r.Body.String(), "is defined in team.yaml:")
		}
	}
}

func TestSupportHours(t *testing.T) {
	w := newWorld(t)
	const days = `{"MONDAY":{"start":"09:00","end":"17:00"},"WEDNESDAY":{"start":"09:00","end":"17:00"}}`
	made := w.wants(201, "POST", "/api/support-hours", `{"name":"office","timezone":"Europe/Berlin","supportDays":`+days+`,"teams":[{"name":"front"}],
		"exceptions":[{"name":"holiday","start":"2026-12-24","end":"2026-12-26","supportStatus":"OUTSIDE"}]}`)
	var h hoursBody
	made.into(&h)
	at := fmt.Sprintf("/api/support-hours/%d", h.ID)
	require.Equal(t, "https://bell.example.com"+at, made.Header().Get("Location"))
	for _, path := range []string{at, "/api/support-hours/name/office"} {
		require.JSONEq(t, made.Body.String(), w.wants(200, "GET", path, "").Body.String())
	}
	require.JSONEq(t, "["+made.Body.String()+"]", w.wants(200, "GET", "/api/support-hours", "").Body.String())
	require.Contains(t, made.Body.String(), `"teams":[{"id":`)
	changed := w.wants(200, "PUT", at, `{"name":"day","timezone":"UTC","supportDays":{"MONDAY":{"start":"08:00","end":"16:00"}},"exceptions":[]}`)
	require.Contains(t, changed.Body.String(), `"name":"day","timezone":"UTC","supportDays":{"MONDAY":{"start":"08:00","end":"16:00"}},"exceptions":[],"teams":[{"id":`)
	w.wants(404, "GET", "/api/support-hours/name/office", "")
	w.wants(409, "POST", "/api/support-hours", `{"name":"day","timezone":"UTC","supportDays":`+days+`}`)
	for _, body := range []string{`{"timezone":"UTC","supportDays":` + days + `}`, `{"name":"x","timezone":"Berlin","supportDays":` + days + `}`, `{"name":"x","timezone":"UTC"}`,
		`{"name":"x","timezone":"UTC","supportDays":{"MONDAY":{"start":"9","end":"17:00"}}}`, `{"name":"x","timezone":"UTC","supportDays":` + days + `,"teams":[{"id":77}]}`} {
		w.wants(400, "POST", "/api/support-hours", body)
	}

	w.apply(h.ID)
	require.Contains(t, w.wants(409, "DELETE", at, "").Body.String(), `alert source \"hourly\"`)
}

// apply makes a source that raises by the support hours, and sees an edit raise its alert.
func (w *world) apply(hours core.SupportHoursID) {
	w.t.Helper()
	set := w.e.Snapshot().Config()
	set.Sources = append(set.Sources, config.Source{Name: "hourly", Type: "API", Policy: "payments", Creation: core.EachEvent, PriorityRule: core.HighInHours,
		SupportHours: w.e.Snapshot().Hours[hours].Name, AutoRaise: true})
	plan, err := w.e.Plan(w.t.Context(), set, config.DiffOptions{})
	require.NoError(w.t, err)
	require.NoError(w.t, w.e.ApplyPlan(w.t.Context(), plan, "test"))
	src, _ := w.e.Snapshot().SourceNamed("hourly")
	id := w.raise(src.ID, core.Event{Summary: "x"})
	read := func() (a alertBody) {
		w.get(fmt.Sprintf("/api/alerts/%d", id)).into(&a)
		return a
	}
	require.Equal(w.t, core.Low, read().Priority, "a Wednesday is outside")
	w.wants(200, "PUT", fmt.Sprintf("/api/support-hours/%d", hours), `{"supportDays":{"WEDNESDAY":{"start":"00:00","end":"24:00"}}}`)
	w.now = w.now.Add(time.Second)
	_, err = w.e.RunDue(w.t.Context())
	require.NoError(w.t, err)
	require.Equal(w.t, core.High, read().Priority)
}

func TestTheCurrentUserSaysUntilWhenTheyAreMuted(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.e.SetMute(t.Context(), w.ben, night.Add(time.Hour), engine.Edit{Actor: "t"}))
	w.keyFor(w.ben, nil)
	require.Contains(t, w.get("/api/users/current").Body.String(), `"mutedUntil":"2026-01-14T03:04:05Z"`)
}
