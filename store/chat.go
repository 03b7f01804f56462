package store

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// ChatPost is one post of the built-in web chat. Its id is the stream position at which
// it was made, Seq the one of its last change: whoever has seen everything up to a
// position knows that a higher id is new to them and a lower one was changed.
type ChatPost struct {
	ID           int64
	Seq          int64
	Conversation core.ConversationID
	Owner        core.UserID // read only: whose direct conversation it is in; 0: a channel
	Author       core.UserID // 0: the bot
	Key          string      // idempotency; "" for none
	Text         string      // what a person wrote
	Card         []byte      // what the bot shows, in the adapter's encoding; nil: nothing
	Rev          int64       // 1, and one more with each edit
	CreatedAt    time.Time
	EditedAt     time.Time // zero: never
	Deleted      bool
}

// ChatConversation is a conversation of the web chat as one person sees it.
type ChatConversation struct {
	core.Conversation
	Unread int // posts of others since they last read it, at most MaxUnread
}

// MaxUnread bounds what counting unread posts may cost.
const MaxUnread = 1000

// ChatHead is the newest position of the stream.
func (tx *Tx) ChatHead(ctx context.Context) (seq int64, err error) {
	_, err = tx.one(ctx, "read chat head", []any{&seq}, `
		SELECT seq
		FROM chat_head
		WHERE id = 1`)
	return seq, err
}

// drawChat takes the next position and holds the head's row until the transaction ends,
// so that a lower position is never committed after a higher one was read.
func (tx *Tx) drawChat(ctx context.Context) (seq int64, err error) {
	_, err = tx.one(ctx, "draw chat position", []any{&seq}, `
		UPDATE chat_head
		SET seq = seq + 1
		WHERE id = 1
		RETURNING seq`)
	return seq, err
}

// InsertChatPost stores a post and sets its id, position and revision. If there is one
// with the same key already, *p becomes that one and nothing is stored.
func (tx *Tx) InsertChatPost(ctx context.Context, p *ChatPost) error {
	seq, err := tx.drawChat(ctx)
	if err != nil {
		return err
	}
	if p.Key != "" {
		have, ok, err := tx.chatPost(ctx, `p.post_key = $1`, p.Key)
		if ok {
			*p = have
		}
		if err != nil || ok {
			return err
		}
	}
	p.ID, p.Seq, p.Rev = seq, seq, 1
	_, err = tx.exec(ctx, "insert chat post", `
		INSERT INTO chat_posts (id, seq, conversation_id, to_user, author, post_key, text, card,
			rev, created_at, edited_at, deleted)
		VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, 0, $10)`,
		p.ID, p.Seq, int64(p.Conversation), int64(p.Author),
		sql.NullString{String: p.Key, Valid: p.Key != ""}, p.Text, string(p.Card),
		p.Rev, Micros(p.CreatedAt), false)
	return err
}

// EditChatPost replaces what the post shows. The same content again changes nothing.
// core.NotFound if there is no such post any more.
func (tx *Tx) EditChatPost(ctx context.Context, id int64, card []byte, now time.Time) (ChatPost, error) {
	return tx.changeChatPost(ctx, id, func(p *ChatPost) bool {
		if string(p.Card) == string(card) {
			return false
		}
		p.Card, p.EditedAt = card, now
		return true
	})
}

// DeleteChatPost takes the post away from everybody; its content is erased.
// core.NotFound if there is no such post any more.
func (tx *Tx) DeleteChatPost(ctx context.Context, id int64, now time.Time) (ChatPost, error) {
	return tx.changeChatPost(ctx, id, func(p *ChatPost) bool {
		p.Text, p.Card, p.EditedAt, p.Deleted = "", nil, now, true
		return true
	})
}

// changeChatPost locks the head before the post is read: changes come one after another
// and none is made from an outdated picture.
func (tx *Tx) changeChatPost(ctx context.Context, id int64, change func(*ChatPost) bool) (ChatPost, error) {
	seq, err := tx.drawChat(ctx)
	if err != nil {
		return ChatPost{}, err
	}
	p, err := tx.ChatPost(ctx, id)
	if err != nil || !change(&p) {
		return p, err
	}
	p.Seq, p.Rev = seq, p.Rev+1
	_, err = tx.exec(ctx, "change chat post", `
		UPDATE chat_posts
		SET seq = $2, text = $3, card = $4, rev = $5, edited_at = $6, deleted = $7
		WHERE id = $1`,
		p.ID, p.Seq, p.Text, string(p.Card), p.Rev, Micros(p.EditedAt), p.Deleted)
	return p, err
}

// ChatPost loads one that is still there. core.NotFound if there is none.
func (tx *Tx) ChatPost(ctx context.Context, id int64) (ChatPost, error) {
	p, ok, err := tx.chatPost(ctx, `p.id = $1 AND NOT p.deleted`, id)
	if err == nil && !ok {
		err = notFound("There is no post %d.", id)
	}
	return p, err
}

const chatPostColumns = `p.id, p.seq, p.conversation_id, COALESCE(c.user_id, 0), p.author,
	COALESCE(p.post_key, ''), p.text, p.card, p.rev, p.created_at, p.edited_at, p.deleted`

func (tx *Tx) chatPost(ctx context.Context, where string, arg any) (p ChatPost, ok bool, err error) {
	posts, err := tx.chatPosts(ctx, `
		SELECT `+chatPostColumns+`
		FROM chat_posts p
		LEFT JOIN conversations c ON c.id = p.conversation_id
		WHERE `+where, arg)
	if err != nil || len(posts) == 0 {
		return ChatPost{}, false, err
	}
	return posts[0], true, nil
}

// ChatPosts returns the newest posts of a conversation that are older than before (0:
// all), at most limit, oldest first.
func (tx *Tx) ChatPosts(ctx context.Context, in core.ConversationID, before int64, limit int) ([]ChatPost, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	posts, err := tx.chatPosts(ctx, `
		SELECT `+chatPostColumns+`
		FROM chat_posts p
		LEFT JOIN conversations c ON c.id = p.conversation_id
		WHERE p.conversation_id = $1
		AND p.id < $2
		AND p.to_user = 0
		AND NOT p.deleted
		ORDER BY p.id DESC
		LIMIT $3`, int64(in), before, limit)
	slices.Reverse(posts)
	return posts, err
}

// ChatSince returns what changed after a position, at most limit changes: each post once,
// as it is now, deleted ones too, in the order of their last change. Conversations of all
// people are among them. upto is the position that they bring a reader to: whatever was
// made or changed up to there is among them, even what changed again later.
func (tx *Tx) ChatSince(ctx context.Context, seq int64, limit int) (posts []ChatPost, upto int64, err error) {
	posts, err = tx.chatPosts(ctx, `
		SELECT `+chatPostColumns+`
		FROM chat_posts p
		LEFT JOIN conversations c ON c.id = p.conversation_id
		WHERE p.seq > $1
		AND p.to_user = 0
		ORDER BY p.seq
		LIMIT $2`, seq, limit)
	if err != nil || len(posts) == 0 {
		return nil, seq, err
	}
	upto = posts[len(posts)-1].Seq
	if len(posts) < limit {
		return posts, upto, nil
	}
	// Posts made in between whose last change lies behind the limit: without them a reader
	// at upto would take that change for one of a post it knows.
	later, err := tx.chatPosts(ctx, `
		SELECT `+chatPostColumns+`
		FROM chat_posts p
		LEFT JOIN conversations c ON c.id = p.conversation_id
		WHERE p.id > $1
		AND p.id <= $2
		AND p.seq > $2
		AND p.to_user = 0
		ORDER BY p.id`, seq, upto)
	return append(posts, later...), upto, err
}

func (tx *Tx) chatPosts(ctx context.Context, query string, args ...any) (posts []ChatPost, err error) {
	err = tx.query(ctx, "load chat posts", func(r row) error {
		p, err := scanChatPost(r)
		posts = append(posts, p)
		return err
	}, query, args...)
	return posts, err
}

func scanChatPost(r row) (ChatPost, error) {
	var p ChatPost
	var card string
	var created, edited int64
	err := r.Scan(&p.ID, &p.Seq, &p.Conversation, &p.Owner, &p.Author, &p.Key, &p.Text, &card,
		&p.Rev, &created, &edited, &p.Deleted)
	if card != "" {
		p.Card = []byte(card)
	}
	p.CreatedAt, p.EditedAt = FromMicros(created), FromMicros(edited)
	return p, err
}

// ReadChat remembers that a person has read a conversation up to a post; it never goes
// backwards.
func (tx *Tx) ReadChat(ctx context.Context, u core.UserID, in core.ConversationID, post int64) error {
	_, err := tx.exec(ctx, "mark chat read", `
		INSERT INTO chat_reads (user_id, conversation_id, post_id)
		VALUES ($1, $2, $3)
		ON CONFLICT (user_id, conversation_id) DO UPDATE
		SET post_id = excluded.post_id
		WHERE chat_reads.post_id < excluded.post_id`, int64(u), int64(in), post)
	return err
}

// ChatConversations are the channels of a platform and the person's own direct
// conversation on it, by id, with what they have not read.
func (tx *Tx) ChatConversations(ctx context.Context, platform string, u core.UserID) (all []ChatConversation, err error) {
	err = tx.query(ctx, "list chat conversations", func(r row) error {
		c := ChatConversation{Conversation: core.Conversation{Platform: platform}}
		err := r.Scan(&c.ID, &c.Ref, &c.Name, &c.User, &c.Unread)
		all = append(all, c)
		return err
	}, `
		SELECT c.id, c.ref, c.name, c.user_id,
			(SELECT COUNT(*)
			FROM (
				SELECT p.id
				FROM chat_posts p
				WHERE p.conversation_id = c.id
				AND p.id > COALESCE(r.post_id, 0)
				AND p.author <> $2
				AND p.to_user = 0
				AND NOT p.deleted
				ORDER BY p.id
				LIMIT $3) AS fresh)
		FROM conversations c
		LEFT JOIN chat_reads r ON r.conversation_id = c.id AND r.user_id = $2
		WHERE c.platform = $1
		AND (c.user_id = 0 OR c.user_id = $2)
		ORDER BY c.id
		LIMIT 1000`, platform, int64(u), MaxUnread)
	return all, err
}
