package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// CoverFilter selects coverage requests for lists; zero fields do not restrict. Sender
// and Receiver together select what somebody has to do with in either way.
type CoverFilter struct {
	Sender   core.UserID
	Receiver core.UserID
	States   []schedules.CoverState
	From     time.Time // created at or after
	Live     time.Time // neither answered before it nor over by it: what a list shows usually
	Limit    int       // required
	Offset   int
}

const coverFields = "c.id, c.sender_id, c.message, c.state, c.accepted_by, c.created_at, c.changed_at, c.rev"

// Cover reads one without a lock; core.NotFound if there is none.
func (tx *Tx) Cover(ctx context.Context, id int64) (schedules.CoverRequest, error) {
	return tx.oneCover(ctx, id, "")
}

// CoverLocked reads one and locks it to the end of the transaction.
func (tx *Tx) CoverLocked(ctx context.Context, id int64) (schedules.CoverRequest, error) {
	return tx.oneCover(ctx, id, tx.dialect.ForUpdate())
}

func (tx *Tx) oneCover(ctx context.Context, id int64, lock string) (schedules.CoverRequest, error) {
	found, err := tx.coversBy(ctx, "load coverage request", `
		SELECT `+coverFields+`
		FROM covers AS c
		WHERE c.id = $1
		`+lock, id)
	if err == nil && len(found) == 0 {
		err = notFound("There is no coverage request c%d.", id)
	}
	if err != nil {
		return schedules.CoverRequest{}, err
	}
	return found[0], nil
}

// CoverSchedules are the schedules of a request's pieces, without a lock: which to lock
// before the request itself.
func (tx *Tx) CoverSchedules(ctx context.Context, id int64) (ids []core.ScheduleID, err error) {
	err = tx.query(ctx, "load schedules of a coverage request", func(r row) error {
		var s core.ScheduleID
		err := r.Scan(&s)
		ids = append(ids, s)
		return err
	}, `
		SELECT DISTINCT schedule_id
		FROM cover_pieces
		WHERE cover_id = $1
		ORDER BY schedule_id`, id)
	return ids, err
}

// Covers lists requests, newest first.
func (tx *Tx) Covers(ctx context.Context, f CoverFilter) ([]schedules.CoverRequest, error) {
	if f.Limit <= 0 {
		return nil, core.Errorf(core.Invalid, "A list needs a limit.")
	}
	where, args := f.where(tx.dialect)
	n := len(args)
	return tx.coversBy(ctx, "list coverage requests", fmt.Sprintf(`
		SELECT `+coverFields+`
		FROM covers AS c
		WHERE %s
		ORDER BY c.id DESC
		LIMIT $%d OFFSET $%d`, where, n+1, n+2), append(args, int64(f.Limit), int64(f.Offset))...)
}

func (f CoverFilter) where(d Dialect) (string, []any) {
	conditions := []string{"c.id > 0"}
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	var mine []string
	if f.Sender != 0 {
		mine = append(mine, "c.sender_id = "+arg(int64(f.Sender)))
	}
	if f.Receiver != 0 {
		mine = append(mine, "c.id IN (SELECT r.cover_id FROM cover_receivers AS r WHERE r.user_id = "+arg(int64(f.Receiver))+")")
	}
	if len(mine) > 0 {
		conditions = append(conditions, "("+strings.Join(mine, " OR ")+")")
	}
	if len(f.States) > 0 {
		states := make([]string, len(f.States))
		for i, s := range f.States {
			states[i] = string(s)
		}
		args = append(args, d.Array(states))
		conditions = append(conditions, d.Among("c.state", len(args)))
	}
	if !f.From.IsZero() {
		conditions = append(conditions, "c.created_at >= "+arg(Micros(f.From)))
	}
	if !f.Live.IsZero() {
		day := arg(Micros(f.Live.Add(-24 * time.Hour)))
		conditions = append(conditions, `(c.changed_at >= `+day+`
			OR c.state = 'PENDING' AND EXISTS (SELECT 1 FROM cover_pieces AS p WHERE p.cover_id = c.id AND p.end_at > `+arg(Micros(f.Live))+`))`)
	}
	return strings.Join(conditions, "\n\t\tAND "), args
}

func (tx *Tx) coversBy(ctx context.Context, op, query string, args ...any) ([]schedules.CoverRequest, error) {
	var all []schedules.CoverRequest
	at := map[int64]int{}
	err := tx.query(ctx, op, func(r row) error {
		var c schedules.CoverRequest
		var created, changed int64
		err := r.Scan(&c.ID, &c.Sender, &c.Message, &c.State, &c.AcceptedBy, &created, &changed, &c.Rev)
		c.CreatedAt, c.ChangedAt = FromMicros(created), FromMicros(changed)
		at[c.ID] = len(all)
		all = append(all, c)
		return err
	}, query, args...)
	if err != nil || len(all) == 0 {
		return all, err
	}
	ids := make([]int64, 0, len(all))
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	err = tx.query(ctx, op+": receivers", func(r row) error {
		var id int64
		var c schedules.CoverReceiver
		err := r.Scan(&id, &c.User, &c.State, &c.Comment)
		all[at[id]].Receivers = append(all[at[id]].Receivers, c)
		return err
	}, `
		SELECT cover_id, user_id, state, comment
		FROM cover_receivers
		WHERE `+tx.dialect.Among("cover_id", 1)+`
		ORDER BY cover_id, pos`, tx.dialect.Array(ids))
	if err != nil {
		return nil, err
	}
	err = tx.query(ctx, op+": pieces", func(r row) error {
		var id, start, end int64
		var p schedules.CoverPiece
		err := r.Scan(&id, &p.Schedule, &start, &end, &p.TakenBy, &p.Override, &p.Back)
		p.Start, p.End = FromMicros(start), FromMicros(end)
		all[at[id]].Pieces = append(all[at[id]].Pieces, p)
		return err
	}, `
		SELECT cover_id, schedule_id, start_at, end_at, taken_by, override_id, back_by
		FROM cover_pieces
		WHERE `+tx.dialect.Among("cover_id", 1)+`
		ORDER BY cover_id, pos`, tx.dialect.Array(ids))
	return all, err
}

// CoverID draws the id of a new request.
func (tx *Tx) CoverID(ctx context.Context) (int64, error) {
	ids, err := tx.ids(ctx, "covers_id", 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// SaveCover stores a request whole, in place of what there was of it. Whoever saves one
// that is there already holds its lock.
func (tx *Tx) SaveCover(ctx context.Context, c schedules.CoverRequest) error {
	_, err := tx.exec(ctx, "save coverage request", `
		INSERT INTO covers (id, sender_id, message, state, accepted_by, created_at, changed_at, rev)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET
			state = excluded.state,
			accepted_by = excluded.accepted_by,
			changed_at = excluded.changed_at,
			rev = excluded.rev`,
		c.ID, int64(c.Sender), c.Message, string(c.State), int64(c.AcceptedBy), Micros(c.CreatedAt), Micros(c.ChangedAt), c.Rev)
	if err != nil {
		return err
	}
	for _, table := range []string{"cover_receivers", "cover_pieces"} {
		if _, err := tx.exec(ctx, "save coverage request", `
			DELETE FROM `+table+`
			WHERE cover_id = $1`, c.ID); err != nil {
			return err
		}
	}
	return tx.insertParts(ctx, c)
}

func (tx *Tx) insertParts(ctx context.Context, c schedules.CoverRequest) error {
	receivers, pieces := make([][]any, len(c.Receivers)), make([][]any, len(c.Pieces))
	for i, r := range c.Receivers {
		receivers[i] = []any{c.ID, int64(r.User), int64(i), string(r.State), r.Comment}
	}
	for i, p := range c.Pieces {
		pieces[i] = []any{c.ID, int64(i), int64(p.Schedule), Micros(p.Start), Micros(p.End), int64(p.TakenBy), p.Override, int64(p.Back)}
	}
	return tx.bulk(ctx, "save coverage request", func(ctx context.Context) error {
		err := tx.dialect.Insert(ctx, tx.tx, "cover_receivers", []string{"cover_id", "user_id", "pos", "state", "comment"}, receivers, "")
		if err != nil {
			return err
		}
		columns := []string{"cover_id", "pos", "schedule_id", "start_at", "end_at", "taken_by", "override_id", "back_by"}
		return tx.dialect.Insert(ctx, tx.tx, "cover_pieces", columns, pieces, "")
	})
}
