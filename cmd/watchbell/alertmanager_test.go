package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// alertmanager starts the real one, with our source as its only receiver.
func alertmanager(t *testing.T, hook string) (url string) {
	t.Helper()
	path, err := exec.LookPath("prometheus-alertmanager")
	require.NoError(t, err, "install it with: apt-get install prometheus-alertmanager")
	dir := t.TempDir()
	file := filepath.Join(dir, "alertmanager.yml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
route: {receiver: watchbell, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: watchbell, webhook_configs: [{url: %q, send_resolved: true}]}]
`, hook), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listen := l.Addr().String()
	require.NoError(t, l.Close())
	cmd := exec.Command(path, "--config.file="+file, "--storage.path="+filepath.Join(dir, "data"), "--web.listen-address="+listen, "--cluster.listen-address=")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("alertmanager said:\n%s", &log)
		}
	})
	url = "http://" + listen
	eventually(t, 20*time.Second, "alertmanager is ready", func() bool {
		resp, err := http.Get(url + "/-/ready")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return url
}

func TestARealAlertmanagerFiresAndResolves(t *testing.T) {
	p := serving(t, "sqlite:"+filepath.Join(t.TempDir(), "w.db"), quick)
	am := alertmanager(t, p.url("/api/v1/events/prometheus/il1prom-0123456789"))
	send := func(alert string) {
		t.Helper()
		resp, err := http.Post(am+"/api/v2/alerts", "application/json", strings.NewReader("["+alert+"]"))
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	const labels = `"labels":{"alertname":"DiskFull","instance":"db-3:9100","severity":"critical"},"annotations":{"summary":"db-3 disk 96 %"}`
	send(`{` + labels + `}`)
	var alerts []struct {
		apiAlert
		Summary, Priority, AlertKey string
	}
	eventually(t, 20*time.Second, "the alert is there", func() bool {
		p.api(http.MethodGet, "/api/alerts", &alerts)
		return len(alerts) == 1
	})
	require.Equal(t, "db-3 disk 96 %", alerts[0].Summary)
	require.Equal(t, "HIGH", alerts[0].Priority)
	require.Equal(t, "PENDING", alerts[0].Status)
	now := time.Now().UTC()
	send(`{` + labels + `,"startsAt":"` + now.Add(-time.Hour).Format(time.RFC3339) + `","endsAt":"` + now.Format(time.RFC3339) + `"}`)
	eventually(t, 20*time.Second, "the alert is resolved", func() bool {
		p.api(http.MethodGet, "/api/alerts", &alerts)
		return len(alerts) == 1 && alerts[0].Status == "RESOLVED"
	})
}
