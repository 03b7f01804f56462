package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Post is a message that the bot put on a platform for an alert: the card (Call 0) or a
// page (its number).
type Post struct {
	ID           int64
	Conversation core.ConversationID
	Alert        core.AlertID
	Call         int
	Ref          core.PostRef
	ShownRev     int64 // the alert's rev it shows
	ShownSeq     int64 // the last log entry told beside it
	PostedAt     time.Time
	Gone         bool // deleted by somebody
}

// PostsOf returns an alert's posts, of one conversation if it is not 0, by id.
func (tx *Tx) PostsOf(ctx context.Context, alert core.AlertID, in core.ConversationID) (posts []Post, err error) {
	err = tx.query(ctx, "load posts", func(r row) error {
		var p Post
		var at int64
		err := r.Scan(&p.ID, &p.Conversation, &p.Alert, &p.Call, &p.Ref, &p.ShownRev, &p.ShownSeq, &at, &p.Gone)
		p.PostedAt = FromMicros(at)
		posts = append(posts, p)
		return err
	}, `
		SELECT id, conversation_id, alert_id, call, ref, shown_rev, shown_seq, posted_at, gone
		FROM posts
		WHERE alert_id = $1
		AND (conversation_id = $2 OR $2 = 0)
		ORDER BY id + 0`, int64(alert), int64(in))
	return posts, err
}

// ShownIn returns the conversations in which each of these alerts has a post, ascending.
func (tx *Tx) ShownIn(ctx context.Context, alerts []core.AlertID) (map[core.AlertID][]core.ConversationID, error) {
	shown := make(map[core.AlertID][]core.ConversationID)
	if len(alerts) == 0 {
		return shown, nil
	}
	err := tx.query(ctx, "load where alerts are shown", func(r row) error {
		var a core.AlertID
		var c core.ConversationID
		err := r.Scan(&a, &c)
		shown[a] = append(shown[a], c)
		return err
	}, `
		SELECT DISTINCT alert_id, conversation_id
		FROM posts
		WHERE `+tx.dialect.Among("alert_id", 1)+`
		ORDER BY alert_id, conversation_id`, tx.dialect.Array(numbers(alerts)))
	return shown, err
}

// SavePost inserts the post, or updates the one with the same alert, conversation and
// call; ShownRev and ShownSeq never go backwards, and PostedAt stays what it first was.
func (tx *Tx) SavePost(ctx context.Context, p Post) error {
	columns := []string{"conversation_id", "alert_id", "call", "ref", "shown_rev", "shown_seq", "posted_at", "gone"}
	rows := [][]any{{
		int64(p.Conversation), int64(p.Alert), int64(p.Call), string(p.Ref), p.ShownRev, p.ShownSeq, Micros(p.PostedAt), p.Gone,
	}}
	return tx.numbered(ctx, "save post", "posts", "posts_id", columns, rows, `
		ON CONFLICT (alert_id, conversation_id, call) DO UPDATE SET
			ref = excluded.ref,
			shown_rev = CASE WHEN excluded.shown_rev > posts.shown_rev THEN excluded.shown_rev ELSE posts.shown_rev END,
			shown_seq = CASE WHEN excluded.shown_seq > posts.shown_seq THEN excluded.shown_seq ELSE posts.shown_seq END,
			posted_at = CASE WHEN posts.posted_at = 0 THEN excluded.posted_at ELSE posts.posted_at END,
			gone = excluded.gone`)
}

// NewCards counts cards (not pages) first posted in a conversation since then.
func (tx *Tx) NewCards(ctx context.Context, in core.ConversationID, since time.Time) (n int, err error) {
	_, err = tx.one(ctx, "count new cards", []any{&n}, `
		SELECT count(*)
		FROM posts
		WHERE conversation_id = $1
		AND posted_at >= $2
		AND call = 0`, int64(in), Micros(since))
	return n, err
}
