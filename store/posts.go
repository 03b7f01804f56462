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
func (tx *Tx) PostsOf(ctx context.Context, alert core.AlertID, in core.ConversationID) ([]Post, error) {
	panic("not written")
}

// SavePost inserts the post, or updates the one with the same alert, conversation and
// call; ShownRev never goes backwards.
func (tx *Tx) SavePost(ctx context.Context, p Post) error { panic("not written") }

// NewCards counts cards (not pages) first posted in a conversation since then.
func (tx *Tx) NewCards(ctx context.Context, in core.ConversationID, since time.Time) (int, error) {
	panic("not written")
}

// Conversation loads one. core.NotFound if there is none.
func (tx *Tx) Conversation(ctx context.Context, id core.ConversationID) (core.Conversation, error) {
	panic("not written")
}

// Conversations returns all, by id.
func (tx *Tx) Conversations(ctx context.Context) ([]core.Conversation, error) { panic("not written") }

// EnsureConversation finds the conversation with this platform and ref, or makes it.
func (tx *Tx) EnsureConversation(ctx context.Context, c core.Conversation) (core.Conversation, error) {
	panic("not written")
}

// SetConversationRef replaces the ref, once a direct conversation has been opened.
func (tx *Tx) SetConversationRef(ctx context.Context, id core.ConversationID, ref string) error {
	panic("not written")
}
