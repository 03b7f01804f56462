package store

import (
	"context"
	"time"
)

// Orphan counts rows that can never be if the program works.
type Orphan struct {
	What string
	Rows int64
}

// orphans are questions with a count for an answer; $1 is five minutes before now.
var orphans = []struct{ what, query string }{
	{"open alerts whose timer is lost", `SELECT count(*) FROM alerts a
		WHERE a.status < 3 AND a.next_at <> 0 AND CAST($1 AS BIGINT) > 0 AND NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.kind = 'alert' AND j.subject = a.id AND j.arg = 0)`},
	{"timers of alerts that are overdue by more than five minutes", `SELECT count(*) FROM jobs j
		WHERE j.lane = 'step' AND j.run_at < CAST($1 AS BIGINT)`},
	{"timers of alerts that fail again and again", `SELECT count(*) FROM jobs j
		WHERE j.lane = 'step' AND j.tries >= 5 AND CAST($1 AS BIGINT) > 0`},
	{"heartbeats whose timer is lost", `SELECT count(*) FROM vitals v
		WHERE v.state <> 0 AND NOT v.told AND CAST($1 AS BIGINT) > 0 AND NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.kind = 'heartbeat' AND j.subject = v.heartbeat_id AND j.arg = 0)`},
	{"heartbeats without vitals", `SELECT count(*) FROM heartbeats h
		WHERE CAST($1 AS BIGINT) > 0 AND NOT EXISTS (SELECT 1 FROM vitals v WHERE v.heartbeat_id = h.id)`},
	{"calls and cards that are overdue by more than five minutes", `SELECT count(*) FROM jobs j
		WHERE j.lane <> 'step' AND j.tries = 0 AND j.run_at < CAST($1 AS BIGINT)`},
	{"resolved alerts that still hold their key", `SELECT count(*) FROM alerts a
		WHERE a.status = 3 AND a.open_key IS NOT NULL AND CAST($1 AS BIGINT) > 0`},
	{"open alerts that do not hold their key", `SELECT count(*) FROM alerts a
		WHERE a.status < 3 AND a.key_hash IS NOT NULL AND a.open_key IS NULL AND CAST($1 AS BIGINT) > 0`},
	{"timers of alerts that do not exist", `SELECT count(*) FROM jobs j
		WHERE j.kind = 'alert' AND CAST($1 AS BIGINT) > 0 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = j.subject)`},
	{"responders of alerts that do not exist", `SELECT count(*) FROM responders r
		WHERE CAST($1 AS BIGINT) > 0 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = r.alert_id)`},
	{"posts of alerts that do not exist", `SELECT count(*) FROM posts p
		WHERE p.alert_id <> 0 AND CAST($1 AS BIGINT) > 0 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = p.alert_id)`},
	{"log entries beyond what their alert counts", `SELECT count(*) FROM alert_log l
		WHERE CAST($1 AS BIGINT) > 0 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = l.alert_id AND a.seq >= l.seq)`},
}

// Orphans asks every question; the answers are in their order. It reads only.
func (tx *Tx) Orphans(ctx context.Context, now time.Time) ([]Orphan, error) {
	list := make([]Orphan, len(orphans))
	for i, o := range orphans {
		list[i].What = o.what
		err := tx.query(ctx, "look for "+o.what, func(r row) error { return r.Scan(&list[i].Rows) },
			o.query, Micros(now.Add(-5*time.Minute)))
		if err != nil {
			return list, err
		}
	}
	return list, nil
}
