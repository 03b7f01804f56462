package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
)

type monitorReply struct {
	ID                              int64
	Name, State, AlertSummary, Cron string
	IntegrationKey, IntegrationURL  string
	IntervalSec, GracePeriodSec     int
	AlertSource                     *struct {
		ID   int64
		Name string
	}
	Teams []struct {
		ID   int64
		Name string
	}
	CreatedAt, PausedUntil, LastBeatAt, NextBeatAt string
}

const monitors = "/api/heartbeat-monitors"

func (w *world) monitor(body string) (m monitorReply) {
	w.t.Helper()
	w.wants(http.StatusCreated, "POST", monitors+"?include=integrationKey,integrationUrl", body).into(&m)
	return m
}

func TestAHeartbeatMonitorLivesFromPOSTToDELETE(t *testing.T) {
	w := newWorld(t)
	r := w.wants(http.StatusCreated, "POST", monitors+"?include=integrationKey,integrationUrl,alertSource",
		fmt.Sprintf(`{"name":"nightly","intervalSec":86400,"gracePeriodSec":900,"alertSummary":"no backup","alertSource":{"id":%d}}`, w.prometheus))
	var made monitorReply
	r.into(&made)
	require.Equal(t, fmt.Sprintf("https://bell.example.com/api/heartbeat-monitors/%d", made.ID), r.Header().Get("Location"))
	require.Equal(t, "UNKNOWN", made.State)
	require.Equal(t, 86400, made.IntervalSec)
	require.Equal(t, "prometheus", made.AlertSource.Name)
	require.True(t, strings.HasSuffix(made.IntegrationURL, "/api/heartbeats/"+made.IntegrationKey))
	require.NotEmpty(t, made.IntegrationKey)
	path := fmt.Sprintf("%s/%d", monitors, made.ID)

	var again monitorReply
	w.wants(http.StatusConflict, "POST", monitors+"?include=integrationUrl", `{"name":"Nightly","intervalSec":60}`).into(&again)
	require.Equal(t, made.ID, again.ID, "the one that is there")
	require.Equal(t, made.IntegrationURL, again.IntegrationURL)

	var put monitorReply
	w.wants(http.StatusOK, "PUT", path+"?include=integrationKey", `{"name":"nightly","intervalSec":3600,"alertSource":null}`).into(&put)
	require.Equal(t, 3600, put.IntervalSec)
	require.Equal(t, 900, put.GracePeriodSec, "what is absent stays")
	require.Nil(t, put.AlertSource)
	require.Equal(t, made.IntegrationKey, put.IntegrationKey, "the key survives a change of the interval")

	require.NoError(t, w.e.Beat(t.Context(), core.HeartbeatID(made.ID), core.Beat{}))
	_, err := w.e.PauseHeartbeat(t.Context(), engine.HeartbeatCommand{Heartbeat: core.HeartbeatID(made.ID), By: w.cleo, Actor: "test"}, w.now.Add(2*time.Hour))
	require.NoError(t, err)
	var read monitorReply
	w.get(path).into(&read)
	require.Equal(t, "HEALTHY", read.State)
	require.Equal(t, "2026-01-14T02:04:05Z", read.LastBeatAt)
	require.Equal(t, "2026-01-14T04:04:05Z", read.PausedUntil)
	require.Empty(t, read.IntegrationKey, "only if it is asked for")

	w.wants(http.StatusNoContent, "DELETE", path, "")
	w.wants(http.StatusNotFound, "GET", path, "")
}

func TestMonitorsAreListedPageByPage(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.monitor(fmt.Sprintf(`{"name":"m%d","intervalSec":60}`, i))
	}
	var names []string
	cursor := ""
	for range 3 {
		r := w.get(monitors + "?max-results=2&cursor=" + cursor)
		var page []monitorReply
		r.into(&page)
		for _, m := range page {
			names = append(names, m.Name)
		}
		cursor = r.Header().Get("next-cursor")
	}
	require.Empty(t, cursor)
	require.Equal(t, []string{"m0", "m1", "m2", "m3", "m4"}, names)
	w.wants(http.StatusBadRequest, "GET", monitors+"?max-results=201", "")
	w.wants(http.StatusBadRequest, "GET", monitors+"?cursor=x", "")
}

func TestWhatCannotBeAMonitorIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{
		`{}`, `{"name":"x"}`, `{"name":"","intervalSec":60}`, `{"name":"x","intervalSec":24}`, `{"name":"x","intervalSec":2678401}`,
		`{"name":"x","intervalSec":"1m"}`, `{"name":"x","intervalSec":60,"gracePeriodSec":-1}`, `{"name":"x","intervalSec":60,"gracePeriodSec":60001}`,
		`{"name":"x","cron":"0 0 31 2 *"}`, `{"name":"x","cron":"@reboot"}`, `{"name":"x","cron":"* * * * * *"}`,
		`{"name":"x","cron":"0 2 * * *","timezone":"Mars"}`, `{"name":"x","cron":"0 2 * * *","intervalSec":60}`,
		`{"name":"x","intervalSec":60,"alertSource":{"id":404}}`, `{"name":"x","intervalSec":60,"teams":[{"id":404}]}`,
		`{"name":"x","intervalSec":60,"integrationKey":"short"}`, `{"name":"x","intervalSec":9223372036854775807}`,
		`{"name":"a\nb","intervalSec":60}`,
	} {
		w.wants(http.StatusBadRequest, "POST", monitors, body)
	}
	require.Empty(t, w.e.Snapshot().Heartbeats)
	w.wants(http.StatusConflict, "POST", monitors, `{"name":"x","intervalSec":60,"integrationKey":"key-of-prometheus"}`)
}

func TestMonitorsBelongToTeamsAndFiles(t *testing.T) {
	w := newWorld(t)
	made := w.monitor(`{"name":"secret","intervalSec":60,"teams":[{"name":"back"}]}`)
	path := fmt.Sprintf("%s/%d", monitors, made.ID)
	w.keyFor(w.dora, nil)
	w.wants(http.StatusNotFound, "GET", path, "")
	w.wants(http.StatusNotFound, "DELETE", path, "")
	require.JSONEq(t, `[]`, w.get(monitors).Body.String())
	w.keyFor(w.ben, nil) // RESPONDER in the team
	require.Empty(t, func() (m monitorReply) { w.get(path + "?include=integrationKey").into(&m); return m }().IntegrationKey)
	w.wants(http.StatusForbidden, "PUT", path, `{"intervalSec":120}`)
	w.keyFor(w.cleo, nil)
	w.wants(http.StatusForbidden, "POST", monitors, `{"name":"x","intervalSec":60}`)

	w.key = adminKey
	set := config.Set{Heartbeats: []config.HeartbeatMonitor{{Name: "filed", Interval: time.Minute}}}
	set.Positions = map[config.Ref]config.Position{{Kind: "heartbeats", Name: "filed"}: {File: "team.yaml", Line: 31, Column: 3}}
	plan, err := w.e.Plan(t.Context(), set, config.DiffOptions{})
	require.NoError(t, err)
	require.NoError(t, w.e.ApplyPlan(t.Context(), plan, "test"))
	h, _ := w.e.Snapshot().HeartbeatNamed("filed")
	r := w.wants(http.StatusConflict, "PUT", fmt.Sprintf("%s/%d", monitors, h.ID), `{"intervalSec":120}`)
	require.Equal(t, "MANAGED_BY_FILE", r.code())
	require.Contains(t, r.Body.String(), "team.yaml:31")
}
