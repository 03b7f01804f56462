package ingress

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

const beatKey = "il1beat-test-key-0001"

const monitor = team + `
heartbeatMonitors:
  - {name: nightly, intervalSec: 60, alertSource: api, integrationKey: il1beat-test-key-0001}
`

func newBeatSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t, Options{})
	s.apply(monitor)
	return s
}

func (s *site) nightly() (engine.Heartbeat, core.Vitals) {
	s.t.Helper()
	h, ok := s.engine.Snapshot().HeartbeatNamed("nightly")
	require.True(s.t, ok)
	all, err := s.engine.Vitals(s.t.Context())
	require.NoError(s.t, err)
	return h, all[h.ID]
}

func TestEveryPathAndMethodIsABeat(t *testing.T) {
	s := newBeatSite(t)
	for _, path := range []string{"/api/heartbeats/", "/api/v1/heartbeats/", "/api/pings/"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			_, before := s.nightly()
			got := s.send(method, path+beatKey, nil)
			require.Equal(t, http.StatusAccepted, got.Code, "%s %s: %s", method, path, got.Text)
			_, after := s.nightly()
			require.True(t, after.LastBeat.After(before.LastBeat), "%s %s", method, path)
			require.Equal(t, core.Healthy, after.State)
		}
		got := s.send(http.MethodPut, path+beatKey, nil)
		require.Equal(t, http.StatusMethodNotAllowed, got.Code)
		require.Equal(t, "GET, HEAD, POST", got.Header.Get("Allow"))
	}
}

func TestAWrongBeatIsRefused(t *testing.T) {
	s := newBeatSite(t)
	for path, want := range map[string]int{
		"il1beat-test-key-9999":          http.StatusNotFound,
		strings.ToUpper(beatKey):         http.StatusNotFound,
		beatKey + "%0A":                  http.StatusNotFound,
		beatKey + "%2e":                  http.StatusNotFound,
		apiKey:                           http.StatusBadRequest,
		beatKey + "/abc":                 http.StatusUnprocessableEntity,
		beatKey + "/-1":                  http.StatusUnprocessableEntity,
		beatKey + "/256":                 http.StatusUnprocessableEntity,
		"il1beat-test-key-9999/fail":     http.StatusNotFound,
		strings.Repeat("x", 3000):        http.StatusNotFound,
		"il1api-test-key-0001/start":     http.StatusBadRequest,
		beatKey + "/99999999999999999":   http.StatusUnprocessableEntity,
		beatKey + "/start%2F..%2Fetc":    http.StatusUnprocessableEntity,
		beatKey + "/0x10":                http.StatusUnprocessableEntity,
		"%E2%82%AC%FF%00" + "/" + "fail": http.StatusNotFound,
	} {
		got := s.send(http.MethodPost, "/api/heartbeats/"+path, nil)
		require.Equal(t, want, got.Code, "%s: %s", path, got.Text)
		require.NotContains(t, got.Text, beatKey)
	}
	_, v := s.nightly()
	require.Zero(t, v.LastBeat, "none of them was a beat")
}

func TestSignalsTellHowARunEnded(t *testing.T) {
	s := newBeatSite(t)
	beat := func(signal, body string) {
		t.Helper()
		got := s.post("/api/heartbeats/"+beatKey+signal, body)
		require.Equal(t, http.StatusAccepted, got.Code, got.Text)
	}
	beat("/start", "")
	beat("/start", "")
	_, v := s.nightly()
	require.Equal(t, core.NeverBeat, v.State, "a start is no beat")
	beat("/3", "disk\x00 full\xff")
	beat("/0", "")
	beat("/fail", "")
	_, v = s.nightly()
	require.Equal(t, core.Overdue, v.State)
	require.Len(t, v.Runs, 3)
	require.True(t, v.Runs[0].Failed)
	require.Equal(t, 3, v.Runs[0].Code)
	require.Positive(t, v.Runs[0].Took)
	require.False(t, v.Runs[1].Failed)
	require.Zero(t, v.Runs[1].Took, "without a start there is no run time")
	require.True(t, v.Runs[2].Failed)
	require.Equal(t, "disk\uFFFD full\uFFFD", v.Body)
}

func TestALargeBodyIsCutAndTheBeatTaken(t *testing.T) {
	s := newBeatSite(t)
	got := s.post("/api/pings/"+beatKey, strings.Repeat("é", 1<<20))
	require.Equal(t, http.StatusAccepted, got.Code, got.Text)
	_, v := s.nightly()
	require.LessOrEqual(t, len(v.Body), core.MaxBeatBody)
	require.Greater(t, len(v.Body), core.MaxBeatBody-4)
}

func TestAnUnknownBeatWithoutDatabaseIsTryLater(t *testing.T) {
	s := newBeatSite(t)
	require.NoError(t, s.engine.DB.Close())
	got := s.post("/api/heartbeats/unknown-key-0001", "")
	require.Equal(t, http.StatusServiceUnavailable, got.Code, got.Text)
	require.NotEmpty(t, got.Header.Get("Retry-After"))
}
