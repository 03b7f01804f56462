package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// statements is a tracer that keeps the text of every statement once.
type statements struct {
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[d.SQL] = true
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestHotStatementsUseTheirIndex plans every statement of a busy installation as
// PostgreSQL does while tables are empty, which is how it keeps them: each must look rows
// up, in an index that knows the condition.
func TestHotStatementsUseTheirIndex(t *testing.T) {
	ctx := t.Context()
	dsn := storetest.Postgres(t)
	seen := &statements{seen: map[string]bool{}}
	db, err := store.OpenTraced(ctx, dsn, seen)
	require.NoError(t, err)
	busy(t, db)
	require.NoError(t, db.Close())

	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	defer conn.Close(ctx)
	for _, setup := range []string{
		"TRUNCATE alerts, responders, events, alert_log, snoozes, jobs, queues, posts, settings, vitals",
		"SET enable_seqscan = off",
		"SET plan_cache_mode = force_generic_plan",
	} {
		_, err := conn.Exec(ctx, setup)
		require.NoError(t, err)
	}
	planned := 0
	for _, analyse := range []string{"SELECT 1", "ANALYZE"} {
		_, err := conn.Exec(ctx, analyse)
		require.NoError(t, err)
		for sql := range seen.seen {
			if !strings.Contains(sql, "$1") {
				continue // BEGIN, COMMIT, settings
			}
			planned++
			for _, complaint := range complaints(plan(t, conn, sql)) {
				t.Errorf("%s\nafter %s: %s", sql, analyse, complaint)
			}
		}
	}
	require.Greater(t, planned, 2*20, "the scenario runs the hot statements")
}

// busy runs what a busy installation runs: ingest in every mode, steps, claims, cards.
func busy(t *testing.T, db *store.DB) {
	ctx := t.Context()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		require.NoError(t, tx.Init(ctx, store.Settings{Version: 1, SecretCheck: []byte{1}}, now))
		require.NoError(t, tx.Gate(ctx, []core.SourceID{1}))
		_, err := tx.OpenByKeys(ctx, [][]byte{core.OpenKey(1, "k")})
		require.NoError(t, err)
		_, err = tx.Snoozes(ctx, [][]byte{core.OpenKey(1, "k")}, now)
		require.NoError(t, err)
		_, err = tx.NewestOf(ctx, []core.SourceID{1, 2})
		require.NoError(t, err)
		_, err = tx.OpenBySummary(ctx, 1, "s")
		require.NoError(t, err)
		return ingest(ctx, tx, 1, 4, now)
	}))
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		jobs, alerts, err := tx.TakeAlertSteps(ctx, now, 2)
		require.NoError(t, err)
		require.Len(t, jobs, 2)
		for i := range alerts {
			alerts[i].Responders = alerts[i].Responders[:1]
			alerts[i].Responders[0].Calls++
		}
		require.NoError(t, tx.UpdateAlerts(ctx, alerts))
		require.NoError(t, tx.DropJobs(ctx, jobs[:1]))
		_, err = tx.Children(ctx, alerts[0].ID)
		require.NoError(t, err)
		_, err = tx.LastResolved(ctx, core.OpenKey(1, "k"), now)
		require.NoError(t, err)
		_, err = tx.HasEvent(ctx, 1, "")
		require.NoError(t, err)
		return tx.DeleteJobs(ctx, jobs)
	}))
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error { // a step without alert
		require.NoError(t, tx.Enqueue(ctx, []store.Job{{Lane: store.LaneStep, Kind: "alert", Subject: 404, RunAt: now.Add(-time.Hour)}}))
		_, _, err := tx.TakeAlertSteps(ctx, now.Add(-time.Hour), 2)
		return err
	}))
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error { // beats, and a deadline; one without heartbeat
		require.NoError(t, tx.InsertVitals(ctx, 1))
		all, err := tx.VitalsLocked(ctx, []core.HeartbeatID{1, 2})
		require.NoError(t, err)
		require.NoError(t, tx.SaveVitals(ctx, []core.Vitals{all[1]}))
		_, err = tx.VitalsOf(ctx, 1)
		require.NoError(t, err)
		require.NoError(t, tx.Enqueue(ctx, []store.Job{{Lane: store.LaneStep, Kind: "heartbeat", Subject: 1, RunAt: now.Add(-time.Hour)},
			{Lane: store.LaneStep, Kind: "heartbeat", Subject: 404, RunAt: now.Add(-time.Hour)}}))
		jobs, _, err := tx.TakeHeartbeatSteps(ctx, now.Add(-time.Hour), 2)
		require.Len(t, jobs, 1)
		return err
	}))
	q, ok, err := db.Claim(ctx, store.LanePage, now, time.Minute)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		require.NoError(t, tx.Hold(ctx, q))
		require.NoError(t, tx.SavePost(ctx, store.Post{Alert: 1, Conversation: 1, PostedAt: now}))
		return tx.Done(ctx, q, q.Jobs, q.Jobs, now)
	}))
	many := make([]store.Job, 70) // so many that every queue is looked at
	for i := range many {
		many[i] = store.Job{Lane: store.LaneSync, Kind: "show", Subject: 5, Arg: int64(i), RunAt: now}
	}
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error { return tx.Enqueue(ctx, many) }))
	for range 2 {
		_, _, err = db.Claim(ctx, store.LaneSync, now, time.Minute)
		require.NoError(t, err)
	}
	require.NoError(t, db.View(ctx, func(tx *store.Tx) error {
		for _, lane := range []store.Lane{store.LanePage, store.LaneStep} {
			_, err := tx.NextRun(ctx, lane)
			require.NoError(t, err)
		}
		_, err := tx.AlertView(ctx, 1)
		require.NoError(t, err)
		_, err = tx.PostsOf(ctx, 1, 1)
		require.NoError(t, err)
		_, err = tx.Log(ctx, 1, 0, 10)
		require.NoError(t, err)
		_, err = tx.EventsOf(ctx, 1, 0, 10)
		require.NoError(t, err)
		_, err = tx.NewCards(ctx, 1, now)
		return err
	}))
}

// ingest writes what n births write.
func ingest(ctx context.Context, tx *store.Tx, source core.SourceID, n int, now time.Time) error {
	ids, err := tx.AlertIDs(ctx, n)
	if err != nil {
		return err
	}
	events, err := tx.EventIDs(ctx, n)
	if err != nil {
		return err
	}
	var alerts []core.Alert
	var log []store.LogRow
	var rows []store.EventRow
	var jobs []store.Job
	for i, id := range ids {
		alerts = append(alerts, core.Alert{
			ID: id, Source: source, Policy: 1, Key: fmt.Sprintf("host-%d/disk", id), Summary: fmt.Sprintf("Disk full on host-%d", id),
			Status: core.Pending, Priority: core.High, Level: 1, Cycle: 1, NextAt: now.Add(time.Minute), Epoch: 1, Rev: 1, Seq: 2,
			Timers: core.Timers{LevelUntil: now.Add(5 * time.Minute)},
			Events: 1, FirstEvent: events[i], CreatedAt: now, EventAt: now,
			Responders: []core.Responding{{User: 1, Level: 1, Calls: 1, AskedAt: now}, {User: 2, Level: 1, Calls: 1, AskedAt: now}},
		})
		log = append(log,
			store.LogRow{Alert: id, Seq: 1, At: now, Entry: core.Entry{Type: core.LogReceived}},
			store.LogRow{Alert: id, Seq: 2, At: now, Entry: core.Entry{Type: core.LogNotification, User: 1, Vars: map[string]string{"by": "webchat", "n": "1"}}})
		rows = append(rows, store.EventRow{
			ID: events[i], Correlation: fmt.Sprint("c", id), Source: source, Alert: id, At: now, Type: core.EventAlert,
			Outcome: core.OutcomeCreated, Body: []byte(`{"type":1,"summary":"Disk full","labels":{"host":"db1"}}`),
		})
		jobs = append(jobs,
			store.Job{Lane: store.LaneStep, Kind: "alert", Subject: int64(id), RunAt: now},
			store.Job{Lane: store.LanePage, Kind: "page", Subject: 1, Arg: int64(id), RunAt: now},
			store.Job{Lane: store.LaneSync, Kind: "show", Subject: 2, Arg: int64(id), RunAt: now})
	}
	if err := tx.InsertAlerts(ctx, alerts); err != nil {
		return err
	}
	if err := tx.InsertLog(ctx, log); err != nil {
		return err
	}
	if err := tx.InsertEvents(ctx, rows); err != nil {
		return err
	}
	return tx.Enqueue(ctx, jobs)
}

// node is one node of EXPLAIN (FORMAT JSON).
type node struct {
	Type      string `json:"Node Type"`
	Relation  string `json:"Relation Name"`
	Index     string `json:"Index Name"`
	IndexCond string `json:"Index Cond"`
	Plans     []node
}

func plan(t *testing.T, conn *pgx.Conn, sql string) node {
	t.Helper()
	ctx := t.Context()
	_, err := conn.Exec(ctx, "PREPARE p AS "+sql)
	require.NoError(t, err, sql)
	var params int
	require.NoError(t, conn.QueryRow(ctx, "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'p'").Scan(&params))
	var text []byte
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", params), ", ")
	err = conn.QueryRow(ctx, "EXPLAIN (FORMAT JSON) EXECUTE p ("+nulls+")", pgx.QueryExecModeSimpleProtocol).Scan(&text)
	require.NoError(t, err, sql)
	_, err = conn.Exec(ctx, "DEALLOCATE p")
	require.NoError(t, err)
	var plans []struct{ Plan node }
	require.NoError(t, json.Unmarshal(text, &plans))
	return plans[0].Plan
}

// complaints are the scans that read more than they must.
func complaints(n node) (all []string) {
	switch {
	case n.Type == "Seq Scan":
		all = append(all, "reads the whole table "+n.Relation)
	case n.Index != "" && n.IndexCond == "":
		all = append(all, "walks the whole index "+n.Index)
	case n.Index == "alerts_pkey" && !strings.Contains(n.IndexCond, "id = "):
		all = append(all, "walks the primary key: "+n.IndexCond)
	}
	for _, child := range n.Plans {
		all = append(all, complaints(child)...)
	}
	return all
}
