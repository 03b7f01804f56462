package store

import (
	"context"
	"encoding/json"
	"fmt"

	"time"

	"github.com/watchbell/watchbell/core"
)

const vitalFields = "v.heartbeat_id, v.state, v.since, v.last_beat, v.started_at, v.paused_until, v.told, v.raised_in, v.runs, v.body"

var (
	vitalKey     = []string{"heartbeat_id"}
	vitalColumns = []string{"state", "since", "last_beat", "started_at", "paused_until", "told", "raised_in", "runs", "body"}
)

// InsertVitals adds the row of a heartbeat that has never called; one that is there stays
// as it is.
func (tx *Tx) InsertVitals(ctx context.Context, id core.HeartbeatID) error {
	_, err := tx.exec(ctx, "insert vitals", `
		INSERT INTO vitals (heartbeat_id, state, since, last_beat, started_at, paused_until, told, raised_in, runs, body)
		VALUES ($1, 0, 0, 0, 0, 0, $2, 0, '', '')
		ON CONFLICT (heartbeat_id) DO NOTHING`, int64(id), false)
	return err
}

// VitalsLocked loads and locks the vitals of these heartbeats, by ascending id, which is
// the order everybody locks in. Those that do not exist are left out.
func (tx *Tx) VitalsLocked(ctx context.Context, ids []core.HeartbeatID) (map[core.HeartbeatID]core.Vitals, error) {
	return tx.vitalsBy(ctx, "lock vitals", `
		SELECT `+vitalFields+`
		FROM vitals AS v
		WHERE `+tx.dialect.Among("v.heartbeat_id", 1)+`
		ORDER BY v.heartbeat_id + 0
		`+tx.dialect.ForUpdate(), tx.dialect.Array(numbers(ids)))
}

// AllVitals loads those of every heartbeat, without a lock.
func (tx *Tx) AllVitals(ctx context.Context) (map[core.HeartbeatID]core.Vitals, error) {
	return tx.vitalsBy(ctx, "load vitals", `
		SELECT `+vitalFields+`
		FROM vitals AS v
		ORDER BY v.heartbeat_id`)
}

// VitalsOf loads one heartbeat's, without a lock; the zero value if there is none.
func (tx *Tx) VitalsOf(ctx context.Context, id core.HeartbeatID) (core.Vitals, error) {
	all, err := tx.vitalsBy(ctx, "load a heartbeat's vitals", `
		SELECT `+vitalFields+`
		FROM vitals AS v
		WHERE v.heartbeat_id = $1`, int64(id))
	return all[id], err
}

func (tx *Tx) vitalsBy(ctx context.Context, op, query string, args ...any) (map[core.HeartbeatID]core.Vitals, error) {
	all := map[core.HeartbeatID]core.Vitals{}
	err := tx.query(ctx, op, func(r row) error {
		v, err := scanVitals(r)
		all[v.Heartbeat] = v
		return err
	}, query, args...)
	return all, err
}

func scanVitals(r row) (v core.Vitals, err error) {
	var since, last, started, paused int64
	var runs []byte
	err = r.Scan(&v.Heartbeat, &v.State, &since, &last, &started, &paused, &v.Told, &v.Raised, &runs, &v.Body)
	if err != nil {
		return v, err
	}
	v.Since, v.LastBeat, v.StartedAt, v.PausedUntil = FromMicros(since), FromMicros(last), FromMicros(started), FromMicros(paused)
	if len(runs) == 0 {
		return v, nil
	}
	if err := json.Unmarshal(runs, &v.Runs); err != nil {
		return v, fmt.Errorf("read the runs of heartbeat %d: %w", v.Heartbeat, err)
	}
	return v, nil
}

// SaveVitals writes vitals that are locked, in bulk.
func (tx *Tx) SaveVitals(ctx context.Context, all []core.Vitals) error {
	var rows [][]any
	for _, v := range all {
		runs, err := json.Marshal(v.Runs)
		if err != nil {
			return fmt.Errorf("write the runs of heartbeat %d: %w", v.Heartbeat, err)
		}
		rows = append(rows, []any{int64(v.Heartbeat), int64(v.State), Micros(v.Since), Micros(v.LastBeat), Micros(v.StartedAt),
			Micros(v.PausedUntil), v.Told, int64(v.Raised), string(runs), v.Body})
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.bulk(ctx, "save vitals", func(ctx context.Context) error {
		return tx.dialect.Update(ctx, tx.tx, "vitals", vitalKey, vitalColumns, rows)
	})
}

// DeleteVitals forgets a heartbeat's.
func (tx *Tx) DeleteVitals(ctx context.Context, id core.HeartbeatID) error {
	_, err := tx.exec(ctx, "delete vitals", `
		DELETE FROM vitals
		WHERE heartbeat_id = $1`, int64(id))
	return err
}

// TakeHeartbeatSteps is TakeAlertSteps for jobs of kind "heartbeat" and the vitals they
// are about, which are locked. Steps of heartbeats that are no more are deleted.
func (tx *Tx) TakeHeartbeatSteps(ctx context.Context, now time.Time, n int) ([]Job, []core.Vitals, error) {
	due, err := tx.jobsBy(ctx, "take heartbeats' steps", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = 'step'
		AND j.kind = 'heartbeat'
		AND j.run_at <= $1
		ORDER BY j.run_at, j.id
		LIMIT $2
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), Micros(now), int64(n))
	if err != nil || len(due) == 0 {
		return nil, nil, err
	}
	return tx.withVitals(ctx, due)
}

// TakeHeartbeatStep locks one step and its vitals. ok is false if somebody else has one of
// them, or it was done or asked for again meanwhile.
func (tx *Tx) TakeHeartbeatStep(ctx context.Context, j Job) (v core.Vitals, ok bool, err error) {
	found, err := tx.LockStep(ctx, j)
	if err != nil || !found {
		return v, false, err
	}
	_, free, err := tx.withVitals(ctx, []Job{j})
	if err != nil || len(free) == 0 {
		return v, false, err
	}
	return free[0], true, nil
}

// withVitals are those of the steps whose vitals nobody else has, with them.
func (tx *Tx) withVitals(ctx context.Context, due []Job) (jobs []Job, all []core.Vitals, err error) {
	subjects := make([]int64, len(due))
	for i, j := range due {
		subjects[i] = j.Subject
	}
	free, err := tx.vitalsBy(ctx, "lock vitals of steps", `
		SELECT `+vitalFields+`
		FROM vitals AS v
		WHERE `+tx.dialect.Among("v.heartbeat_id", 1)+`
		ORDER BY v.heartbeat_id + 0
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), tx.dialect.Array(subjects))
	if err != nil {
		return nil, nil, err
	}
	var left []Job
	for _, j := range due {
		v, ok := free[core.HeartbeatID(j.Subject)]
		if !ok {
			left = append(left, j)
			continue
		}
		jobs, all = append(jobs, j), append(all, v)
	}
	return jobs, all, tx.dropLost(ctx, left)
}

// dropLost deletes those of the steps whose heartbeats are no more.
func (tx *Tx) dropLost(ctx context.Context, steps []Job) error {
	if len(steps) == 0 {
		return nil
	}
	subjects := make([]int64, len(steps))
	for i, j := range steps {
		subjects[i] = j.Subject
	}
	there, err := tx.vitalsBy(ctx, "look for vitals of steps", `
		SELECT `+vitalFields+`
		FROM vitals AS v
		WHERE `+tx.dialect.Among("v.heartbeat_id", 1)+`
		ORDER BY v.heartbeat_id + 0`, tx.dialect.Array(subjects))
	if err != nil {
		return err
	}
	var lost []Job
	for _, j := range steps {
		if _, ok := there[core.HeartbeatID(j.Subject)]; !ok {
			lost = append(lost, j)
		}
	}
	return tx.DeleteJobs(ctx, lost)
}
