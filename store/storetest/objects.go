package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var objects = []promise{
	{"an object of each kind comes back and is replaced", objectsComeBack},
	{"names and keys are taken once", namesOnce},
	{"an account belongs to one user", oneUser},
	{"settings are made once and counted up", settings},
	{"a file is remembered when it was applied", applied},
	{"a conversation is made once by many", conversationOnce},
	{"a conversation that was opened gets its ref", conversationRef},
	{"an account that changes hands gets a new conversation", conversationOfTheNextUser},
}

func objectsComeBack(t *testing.T, db bed) {
	for _, k := range []store.Kind{store.Users, store.Teams, store.SupportHours, store.Schedules, store.Policies, store.Sources, store.Heartbeats, store.Maintenance} {
		o := store.Object{Name: "a", Spec: []byte(`{"x":1}`), Origin: "api", CreatedAt: noon, UpdatedAt: noon}
		if k == store.Sources || k == store.Heartbeats {
			o.KeyHash, o.KeySealed = []byte{1}, []byte{2}
		}
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, tx.PutObject(ctx, k, &o))
			require.NotZero(t, o.ID)
			o.Name, o.UpdatedAt = "b", noon.Add(time.Hour)
			changed := o
			changed.CreatedAt = noon.Add(time.Hour)
			require.NoError(t, tx.PutObject(ctx, k, &changed))
			got, err := tx.Objects(ctx, k)
			require.Equal(t, []store.Object{o}, got, "created when it was")
			return err
		})
		db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteObject(ctx, k, o.ID) })
		err := db.try(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteObject(ctx, k, o.ID) })
		require.Equal(t, core.NotFound, core.KindOf(err))
	}
}

func namesOnce(t *testing.T, db bed) {
	put := func(name string, key byte) error {
		return db.try(func(ctx context.Context, tx *store.Tx) error {
			return tx.PutObject(ctx, store.Sources, &store.Object{Name: name, Spec: []byte("{}"), KeyHash: []byte{key}, KeySealed: []byte{1}})
		})
	}
	require.NoError(t, put("a", 1))
	err := put("a", 2)
	require.Equal(t, core.Conflict, core.KindOf(err), "%v", err)
	require.ErrorContains(t, err, `alert source named "a"`)
	err = put("b", 1)
	require.Equal(t, core.Conflict, core.KindOf(err), "%v", err)
	require.ErrorContains(t, err, "integration key")
}

func oneUser(t *testing.T, db bed) {
	link := func(account string, user core.UserID, origin string) error {
		return db.try(func(ctx context.Context, tx *store.Tx) error {
			return tx.PutIdentity(ctx, store.IdentityRow{Identity: core.Identity{Platform: "webchat", Account: account, User: user}, Origin: origin}, noon)
		})
	}
	require.NoError(t, link("b", 1, "code"))
	require.NoError(t, link("a", 1, "code"))
	require.NoError(t, link("a", 1, "email"), "the same again")
	require.Equal(t, core.Conflict, core.KindOf(link("a", 2, "code")))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Identities(ctx)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, store.IdentityRow{Identity: core.Identity{Platform: "webchat", Account: "a", User: 1}, Origin: "email"}, got[0])
		return tx.DeleteIdentity(ctx, "webchat", "a")
	})
	require.NoError(t, link("a", 2, "code"))
}

func settings(t *testing.T, db bed) {
	err := db.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Settings(ctx)
		return err
	})
	require.Equal(t, core.NotFound, core.KindOf(err))
	want := store.Settings{Version: 1, Installation: "x", SecretCheck: []byte{1}}
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Init(ctx, want, noon) })
	err = db.try(func(ctx context.Context, tx *store.Tx) error { return tx.Init(ctx, want, noon) })
	require.Equal(t, store.Duplicate, store.ClassOf(err))
	together(4, func(int) {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.BumpVersion(ctx)
			return err
		})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		v, err := tx.Version(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 5, v)
		s, err := tx.Settings(ctx)
		want.Version = 5
		require.Equal(t, want, s)
		return err
	})
}

func applied(t *testing.T, db bed) {
	requireNotApplied(t, db, "h")
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.SetApplied(ctx, "h", noon))
		require.NoError(t, tx.SetApplied(ctx, "h", noon.Add(time.Hour)))
		at, err := tx.Applied(ctx, "h")
		require.Equal(t, noon.Add(time.Hour), at)
		return err
	})
}

func conversationOnce(t *testing.T, db bed) {
	ids := make(chan core.ConversationID, 4)
	together(4, func(int) {
		var c core.Conversation
		db.tx(func(ctx context.Context, tx *store.Tx) (err error) {
			c, err = tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "payments", Name: "Payments"})
			return err
		})
		ids <- c.ID
	})
	first := <-ids
	require.NotZero(t, first)
	for range 3 {
		require.Equal(t, first, <-ids)
	}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Conversations(ctx)
		require.Equal(t, []core.Conversation{{ID: first, Platform: "webchat", Ref: "payments", Name: "Payments"}}, all)
		return err
	})
}

func conversationRef(t *testing.T, db bed) {
	var direct core.Conversation
	db.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		_, err = tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "taken"})
		require.NoError(t, err)
		direct, err = tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "@ana", User: 3})
		require.NoError(t, err)
		return tx.SetConversationRef(ctx, direct.ID, "d1")
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		c, err := tx.Conversation(ctx, direct.ID)
		direct.Ref = "d1"
		require.Equal(t, direct, c)
		_, missing := tx.Conversation(ctx, 999)
		require.Equal(t, core.NotFound, core.KindOf(missing))
		require.Equal(t, core.NotFound, core.KindOf(tx.SetConversationRef(ctx, 999, "x")))
		return err
	})
	err := db.try(func(ctx context.Context, tx *store.Tx) error { return tx.SetConversationRef(ctx, direct.ID, "taken") })
	require.Equal(t, core.Conflict, core.KindOf(err))
}

func conversationOfTheNextUser(t *testing.T, db bed) {
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		ben := core.Conversation{Platform: "webchat", Ref: "@b", Name: "ben", User: 2}
		was, err := tx.EnsureConversation(ctx, ben)
		require.NoError(t, err)
		again, err := tx.EnsureConversation(ctx, ben)
		require.NoError(t, err)
		require.Equal(t, was, again)
		next, err := tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "@b", Name: "bea", User: 3})
		require.NoError(t, err)
		require.NotEqual(t, was.ID, next.ID, "what was posted to the one is not the other's")
		require.Equal(t, core.Conversation{ID: next.ID, Platform: "webchat", Ref: "@b", Name: "bea", User: 3}, next)
		was, err = tx.Conversation(ctx, was.ID)
		require.NoError(t, err)
		require.Zero(t, was.User)
		return nil
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		nobodys, err := tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "@c", Name: "@c"})
		require.NoError(t, err)
		got, err := tx.EnsureConversation(ctx, core.Conversation{Platform: "webchat", Ref: "@c", Name: "cem", User: 4})
		require.Equal(t, core.Conversation{ID: nobodys.ID, Platform: "webchat", Ref: "@c", Name: "cem", User: 4}, got)
		return err
	})
}
