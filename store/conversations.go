package store

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

const conversationFields = "id, platform, ref, name, user_id"

// Conversation loads one. core.NotFound if there is none.
func (tx *Tx) Conversation(ctx context.Context, id core.ConversationID) (c core.Conversation, err error) {
	ok, err := tx.one(ctx, "load conversation", []any{&c.ID, &c.Platform, &c.Ref, &c.Name, &c.User}, `
		SELECT `+conversationFields+`
		FROM conversations
		WHERE id = $1`, int64(id))
	if err == nil && !ok {
		err = notFound("There is no conversation %d.", id)
	}
	return c, err
}

// Conversations returns all, by id.
func (tx *Tx) Conversations(ctx context.Context) (all []core.Conversation, err error) {
	err = tx.query(ctx, "load conversations", func(r row) error {
		var c core.Conversation
		err := r.Scan(&c.ID, &c.Platform, &c.Ref, &c.Name, &c.User)
		all = append(all, c)
		return err
	}, `
		SELECT `+conversationFields+`
		FROM conversations
		ORDER BY id`)
	return all, err
}

// EnsureConversation finds the conversation with this platform and ref, or makes it. The
// direct conversation of an account that another user had is not handed on: they keep
// what was posted, without the place, and this user gets a new one there.
func (tx *Tx) EnsureConversation(ctx context.Context, c core.Conversation) (core.Conversation, error) {
	found, ok, err := tx.conversationAt(ctx, c.Platform, c.Ref)
	if err != nil {
		return found, err
	}
	switch {
	case ok && (c.User == 0 || found.User == c.User):
		return found, nil
	case ok && found.User == 0:
		return tx.makeDirect(ctx, found, c)
	case ok:
		if err := tx.dropConversation(ctx, found.ID); err != nil {
			return core.Conversation{}, err
		}
	}
	ids, err := tx.ids(ctx, "objects_id", 1)
	if err != nil {
		return core.Conversation{}, err
	}
	_, err = tx.exec(ctx, "insert conversation", `
		INSERT INTO conversations (id, platform, ref, name, user_id, storm_until)
		VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (platform, ref) DO NOTHING`, ids[0], c.Platform, c.Ref, c.Name, int64(c.User))
	if err != nil {
		return core.Conversation{}, err
	}
	found, ok, err = tx.conversationAt(ctx, c.Platform, c.Ref) // ours, or that of whoever was faster
	if err == nil && !ok {
		err = core.Errorf(core.Conflict, "The conversation %s was changed at the same moment.", c.Name)
	}
	return found, err
}

// makeDirect gives a place that was nobody's to a user.
func (tx *Tx) makeDirect(ctx context.Context, found, want core.Conversation) (core.Conversation, error) {
	found.Name, found.User = want.Name, want.User
	_, err := tx.exec(ctx, "make conversation direct", `
		UPDATE conversations
		SET user_id = $2, name = $3
		WHERE id = $1`, int64(found.ID), int64(found.User), found.Name)
	return found, err
}

func (tx *Tx) dropConversation(ctx context.Context, id core.ConversationID) error {
	_, err := tx.exec(ctx, "drop direct conversation", `
		UPDATE conversations
		SET user_id = 0, ref = 'gone/' || CAST(id AS TEXT)
		WHERE id = $1`, int64(id))
	return err
}

func (tx *Tx) conversationAt(ctx context.Context, platform, ref string) (c core.Conversation, ok bool, err error) {
	ok, err = tx.one(ctx, "find conversation", []any{&c.ID, &c.Platform, &c.Ref, &c.Name, &c.User}, `
		SELECT `+conversationFields+`
		FROM conversations
		WHERE platform = $1
		AND ref = $2`, platform, ref)
	return c, ok, err
}

// SetConversationRef replaces the ref, once a direct conversation has been opened. A ref
// that another conversation has is core.Conflict; core.NotFound if there is no such id.
func (tx *Tx) SetConversationRef(ctx context.Context, id core.ConversationID, ref string) error {
	n, err := tx.exec(ctx, "set conversation's ref", `
		UPDATE conversations
		SET ref = $2
		WHERE id = $1`, int64(id), ref)
	switch {
	case ClassOf(err) == Duplicate:
		return &core.Error{Kind: core.Conflict, Text: "Another conversation has this place already.", Err: err}
	case err == nil && n == 0:
		return notFound("There is no conversation %d.", id)
	}
	return err
}

// DropDirect takes a user's own conversations on a platform from them. What was posted
// there stays known; the place is free for whoever has the account next.
func (tx *Tx) DropDirect(ctx context.Context, user core.UserID, platform string) error {
	_, err := tx.exec(ctx, "drop direct conversations", `
		UPDATE conversations
		SET user_id = 0, ref = 'gone/' || CAST(id AS TEXT)
		WHERE user_id = $1
		AND platform = $2`, int64(user), platform)
	return err
}
