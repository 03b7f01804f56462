package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// CoverPost is the card of a coverage request in one direct conversation.
type CoverPost struct {
	Cover        int64
	Conversation core.ConversationID
	Ref          core.PostRef
	ShownRev     int64 // the request's rev it shows
	PostedAt     time.Time
	Gone         bool // deleted by somebody
}

// CoverPost returns the card in a conversation; ok is false if there is none yet.
func (tx *Tx) CoverPost(ctx context.Context, cover int64, in core.ConversationID) (p CoverPost, ok bool, err error) {
	var at int64
	p = CoverPost{Cover: cover, Conversation: in}
	ok, err = tx.one(ctx, "load coverage card", []any{&p.Ref, &p.ShownRev, &at, &p.Gone}, `
		SELECT ref, shown_rev, posted_at, gone
		FROM cover_posts
		WHERE cover_id = $1
		AND conversation_id = $2`, cover, int64(in))
	p.PostedAt = FromMicros(at)
	return p, ok, err
}

// SaveCoverPost inserts the card or updates it; ShownRev never goes backwards.
func (tx *Tx) SaveCoverPost(ctx context.Context, p CoverPost) error {
	_, err := tx.exec(ctx, "save coverage card", `
		INSERT INTO cover_posts (cover_id, conversation_id, ref, shown_rev, posted_at, gone)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (cover_id, conversation_id) DO UPDATE SET
			ref = excluded.ref,
			shown_rev = CASE WHEN excluded.shown_rev > cover_posts.shown_rev THEN excluded.shown_rev ELSE cover_posts.shown_rev END,
			gone = excluded.gone`,
		p.Cover, int64(p.Conversation), string(p.Ref), p.ShownRev, Micros(p.PostedAt), p.Gone)
	return err
}

// TellIDs draws n numbers for lines that are told to people: each is a job of its own.
func (tx *Tx) TellIDs(ctx context.Context, n int) ([]int64, error) { return tx.ids(ctx, "tells_id", n) }
