package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// Override is an override as it is stored. One that was cancelled before it began has no
// length.
type Override struct {
	schedules.Override
	Schedule    core.ScheduleID
	CreatedAt   time.Time
	By          core.UserID // who made it
	Cover       int64       // the coverage request it came of; 0: none
	CancelledAt time.Time   // zero: it was not
}

const overrideFields = "o.id, o.schedule_id, o.user_id, o.start_at, o.end_at, o.created_at, o.made_by, o.cover_id, o.cancelled_at"

func (tx *Tx) overridesBy(ctx context.Context, op, query string, args ...any) (all []Override, err error) {
	err = tx.query(ctx, op, func(r row) error {
		var o Override
		var start, end, created, cancelled int64
		err := r.Scan(&o.ID, &o.Schedule, &o.User, &start, &end, &created, &o.By, &o.Cover, &cancelled)
		o.Start, o.End, o.CreatedAt, o.CancelledAt = FromMicros(start), FromMicros(end), FromMicros(created), FromMicros(cancelled)
		all = append(all, o)
		return err
	}, query, args...)
	return all, err
}

// Overrides returns all that have a length, by id: what calendars are made of.
func (tx *Tx) Overrides(ctx context.Context) ([]Override, error) {
	return tx.overridesBy(ctx, "load overrides", `
		SELECT `+overrideFields+`
		FROM overrides AS o
		WHERE o.end_at > o.start_at
		ORDER BY o.id`)
}

// Override reads and locks one; core.NotFound if there is none.
func (tx *Tx) Override(ctx context.Context, id int64) (Override, error) {
	found, err := tx.overridesBy(ctx, "load override", `
		SELECT `+overrideFields+`
		FROM overrides AS o
		WHERE o.id = $1
		`+tx.dialect.ForUpdate(), id)
	if err == nil && len(found) == 0 {
		return Override{}, notFound("There is no override o%d.", id)
	}
	if err != nil {
		return Override{}, err
	}
	return found[0], nil
}

// OverridesOfCover returns those that a coverage request led to, by id.
func (tx *Tx) OverridesOfCover(ctx context.Context, cover int64) ([]Override, error) {
	return tx.overridesBy(ctx, "load overrides of a coverage request", `
		SELECT `+overrideFields+`
		FROM overrides AS o
		WHERE o.cover_id = $1
		AND o.cover_id <> 0
		ORDER BY o.id`, cover)
}

// OverrideIDs draws n new ids, ascending: later means stronger.
func (tx *Tx) OverrideIDs(ctx context.Context, n int) ([]int64, error) {
	return tx.ids(ctx, "overrides_id", n)
}

// InsertOverrides stores new ones, whose ids were drawn.
func (tx *Tx) InsertOverrides(ctx context.Context, all []Override) error {
	if len(all) == 0 {
		return nil
	}
	columns := []string{"id", "schedule_id", "user_id", "start_at", "end_at", "created_at", "made_by", "cover_id", "cancelled_at"}
	rows := make([][]any, len(all))
	for i, o := range all {
		rows[i] = []any{o.ID, int64(o.Schedule), int64(o.User), Micros(o.Start), Micros(o.End), Micros(o.CreatedAt), int64(o.By), o.Cover, Micros(o.CancelledAt)}
	}
	return tx.bulk(ctx, "insert overrides", func(ctx context.Context) error {
		return tx.dialect.Insert(ctx, tx.tx, "overrides", columns, rows, "")
	})
}

// EndOverride stores when an override ends now that it was cancelled.
func (tx *Tx) EndOverride(ctx context.Context, o Override) error {
	_, err := tx.exec(ctx, "end override", `
		UPDATE overrides
		SET end_at = $1, cancelled_at = $2
		WHERE id = $3`, Micros(o.End), Micros(o.CancelledAt), o.ID)
	return err
}

// LockSchedules locks the rows of schedules, in the order of their ids, so that of two
// transactions that change the same calendar one comes after the other. Ids that are not
// there are passed over.
func (tx *Tx) LockSchedules(ctx context.Context, ids []core.ScheduleID) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.query(ctx, "lock schedules", func(r row) error {
		var id int64
		return r.Scan(&id)
	}, `
		SELECT s.id
		FROM schedules AS s
		WHERE `+tx.dialect.Among("s.id", 1)+`
		ORDER BY s.id
		`+tx.dialect.ForUpdate(), tx.dialect.Array(numbers(ids)))
}

// AuditObject returns what the line with that Once was about; "" if there is none.
func (tx *Tx) AuditObject(ctx context.Context, once string) (object string, err error) {
	_, err = tx.one(ctx, "look for audit", []any{&object}, `
		SELECT object
		FROM audit
		WHERE once = $1`, once)
	return object, err
}
