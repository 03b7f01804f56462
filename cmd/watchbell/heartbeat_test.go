package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
)

const watched = quick + `
heartbeatMonitors:
  - {name: nightly, intervalSec: 25, alertSource: prometheus, integrationKey: il1beat-0123456789}
`

// TestAStopRaisesNoHeartbeat lets the program be away for an hour, which is an hour less
// on everything it wrote down, and start again. What died before is told all the same.
func TestAStopRaisesNoHeartbeat(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		p := serving(t, dsn, watched)
		resp, err := http.Get(p.url("/api/pings/il1beat-0123456789"))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusAccepted, resp.StatusCode)

		p.kill()
		p.sql(`UPDATE pulse SET seen_at = seen_at - 3600000000`)
		p.age(time.Hour)
		p.start()
		eventually(t, 20*time.Second, "the deadline moves on", func() bool { return p.deadline().After(time.Now()) })
		require.Empty(t, p.alerts(), "nobody could have seen a beat")
		require.Equal(t, "HEALTHY", p.monitor())

		p.kill()
		p.sql(fmt.Sprintf(`UPDATE pulse SET seen_at = %d`, time.Now().UnixMicro()))
		p.sql(`DELETE FROM blind`)
		p.age(time.Hour)
		p.start()
		eventually(t, 20*time.Second, "the silence is told", func() bool { return len(p.alerts()) == 1 })
		require.Equal(t, "OVERDUE", p.monitor())
	})
}

// age makes the heartbeat's beats and its deadline older.
func (p *process) age(by time.Duration) {
	p.sql(fmt.Sprintf(`UPDATE vitals SET since = since - %d, last_beat = last_beat - %d`, by.Microseconds(), by.Microseconds()))
	p.sql(fmt.Sprintf(`UPDATE jobs SET run_at = run_at - %d WHERE kind = 'heartbeat'`, by.Microseconds()))
}

func (p *process) alerts() (all []apiAlert) {
	p.api(http.MethodGet, "/api/alerts", &all)
	return all
}

func (p *process) monitor() string {
	var all []struct{ State string }
	p.api(http.MethodGet, "/api/heartbeat-monitors", &all)
	require.Len(p, all, 1)
	return all[0].State
}

// deadline is when the heartbeat's step runs.
func (p *process) deadline() time.Time {
	db := p.open()
	defer db.Close()
	var at int64
	if err := db.QueryRow(`SELECT run_at FROM jobs WHERE kind = 'heartbeat'`).Scan(&at); err != nil {
		return time.Time{} // it is being judged
	}
	return time.UnixMicro(at)
}

func (p *process) sql(query string) {
	p.Helper()
	db := p.open()
	defer db.Close()
	_, err := db.Exec(query)
	require.NoError(p, err)
}

func (p *process) open() *sql.DB {
	driver, address := "pgx", p.dsn
	if file, ok := strings.CutPrefix(p.dsn, "sqlite:"); ok {
		driver, address = "sqlite", file+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, address)
	require.NoError(p, err)
	return db
}
