package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

var chatNow = time.Date(2026, 11, 25, 3, 4, 5, 6000, time.UTC)

// channel makes a conversation of the web chat, direct if user is not 0.
func channel(t *testing.T, db *store.DB, ref string, user core.UserID) core.Conversation {
	t.Helper()
	c := core.Conversation{Platform: "webchat", Ref: ref, Name: ref, User: user}
	write(t, db, func(tx *store.Tx) (err error) {
		c, err = tx.EnsureConversation(t.Context(), c)
		return err
	})
	return c
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	require.NoError(t, db.Tx(t.Context(), fn))
}

func say(t *testing.T, db *store.DB, in core.Conversation, by core.UserID, text string) store.ChatPost {
	t.Helper()
	var p store.ChatPost
	write(t, db, func(tx *store.Tx) error {
		p = store.ChatPost{Conversation: in.ID, Author: by, Text: text, CreatedAt: chatNow}
		return tx.InsertChatPost(t.Context(), &p)
	})
	return p
}

func since(t *testing.T, db *store.DB, seq int64, limit int) (posts []store.ChatPost) {
	t.Helper()
	require.NoError(t, db.View(t.Context(), func(tx *store.Tx) (err error) {
		posts, _, err = tx.ChatSince(t.Context(), seq, limit)
		return err
	}))
	return posts
}

func TestChatPostComesBackAsItWasStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "@ana", 7)
		want := store.ChatPost{Conversation: in.ID, Key: "1:a", Card: []byte(`{"x":"ä\u0000"}`), CreatedAt: chatNow}
		write(t, db, func(tx *store.Tx) error { return tx.InsertChatPost(t.Context(), &want) })
		want.Owner = 7
		var got store.ChatPost
		write(t, db, func(tx *store.Tx) (err error) {
			got, err = tx.ChatPost(t.Context(), want.ID)
			return err
		})
		require.Equal(t, want, got)
		require.Equal(t, int64(1), got.Rev)
		require.Equal(t, got.ID, got.Seq)
	})
}

func TestChatPostWithTheSameKeyIsTheSamePost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "payments", 0)
		var ids []int64
		for range 2 {
			p := store.ChatPost{Conversation: in.ID, Key: "k", CreatedAt: chatNow}
			write(t, db, func(tx *store.Tx) error { return tx.InsertChatPost(t.Context(), &p) })
			ids = append(ids, p.ID)
		}
		require.Equal(t, ids[0], ids[1])
		require.Len(t, since(t, db, 0, 10), 1)
	})
}

func TestChatEditMovesThePostToTheEndOfTheStream(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "payments", 0)
		first, second := say(t, db, in, 0, "one"), say(t, db, in, 0, "two")
		edit := func(card string) (p store.ChatPost) {
			write(t, db, func(tx *store.Tx) (err error) {
				p, err = tx.EditChatPost(t.Context(), first.ID, []byte(card), chatNow.Add(time.Minute))
				return err
			})
			return p
		}
		changed := edit("new")
		require.Greater(t, changed.Seq, second.Seq)
		require.Equal(t, int64(2), changed.Rev)
		require.Equal(t, changed, edit("new"), "the same content again changes nothing")

		got := since(t, db, second.Seq, 10)
		require.Equal(t, []store.ChatPost{changed}, got)
	})
}

func TestChatSinceLeavesOutNothingThatWasMadeBeforeItsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "payments", 0)
		first, second, third := say(t, db, in, 0, "one"), say(t, db, in, 0, "two"), say(t, db, in, 0, "three")
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.EditChatPost(t.Context(), first.ID, []byte("new"), chatNow)
			return err
		})
		require.NoError(t, db.View(t.Context(), func(tx *store.Tx) error {
			posts, upto, err := tx.ChatSince(t.Context(), 0, 2)
			require.Equal(t, third.ID, upto)
			var ids []int64
			for _, p := range posts {
				ids = append(ids, p.ID)
			}
			require.Equal(t, []int64{second.ID, third.ID, first.ID}, ids)
			return err
		}))
	})
}

func TestChatPostThatIsDeletedIsGoneButToldOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "payments", 0)
		p := say(t, db, in, 3, "a secret")
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.DeleteChatPost(t.Context(), p.ID, chatNow)
			return err
		})
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.ChatPost(t.Context(), p.ID)
			return err
		})
		require.Equal(t, core.NotFound, core.KindOf(err))
		got := since(t, db, p.Seq, 10)
		require.Len(t, got, 1)
		require.True(t, got[0].Deleted)
		require.Empty(t, got[0].Text)
	})
}

func TestChatPostsPageBackwards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in, other := channel(t, db, "payments", 0), channel(t, db, "ops", 0)
		var ids []int64
		for i := range 7 {
			ids = append(ids, say(t, db, in, 0, fmt.Sprint(i)).ID)
			say(t, db, other, 0, "elsewhere")
		}
		page := func(before int64, limit int) (got []int64) {
			require.NoError(t, db.View(t.Context(), func(tx *store.Tx) error {
				posts, err := tx.ChatPosts(t.Context(), in.ID, before, limit)
				for _, p := range posts {
					got = append(got, p.ID)
				}
				return err
			}))
			return got
		}
		require.Equal(t, ids[4:], page(0, 3))
		require.Equal(t, ids[1:4], page(ids[4], 3))
		require.Equal(t, ids[:1], page(ids[1], 3))
		require.Empty(t, page(ids[0], 3))
		require.Equal(t, ids, page(1<<52, 100))
	})
}

func TestChatUnreadCountsOthersPostsSinceTheLastRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, ben := core.UserID(11), core.UserID(12)
		in := channel(t, db, "payments", 0)
		mine := channel(t, db, "@ana", ana)
		channel(t, db, "@ben", ben)
		first := say(t, db, in, 0, "card")
		say(t, db, in, ana, "mine")
		say(t, db, in, ben, "his")
		say(t, db, mine, 0, "page")

		unread := func() map[core.ConversationID]int {
			got := map[core.ConversationID]int{}
			require.NoError(t, db.View(t.Context(), func(tx *store.Tx) error {
				all, err := tx.ChatConversations(t.Context(), "webchat", ana)
				for _, c := range all {
					got[c.ID] = c.Unread
				}
				return err
			}))
			return got
		}
		read := func(post int64) {
			write(t, db, func(tx *store.Tx) error { return tx.ReadChat(t.Context(), ana, in.ID, post) })
		}
		require.Equal(t, map[core.ConversationID]int{in.ID: 2, mine.ID: 1}, unread())
		read(first.ID)
		require.Equal(t, 1, unread()[in.ID])
		read(1 << 40)
		require.Equal(t, 0, unread()[in.ID])
		read(first.ID)
		require.Equal(t, 0, unread()[in.ID], "reading never goes backwards")
	})
}

// TestChatStreamLosesNothing reads on from the last position seen while many write: what
// is read must be everything, each change in order and once.
func TestChatStreamLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		in := channel(t, db, "payments", 0)
		const writers, each = 6, 20
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					err := db.Tx(t.Context(), func(tx *store.Tx) error {
						p := store.ChatPost{Conversation: in.ID, Text: fmt.Sprintf("%d/%d", w, i), CreatedAt: chatNow}
						return tx.InsertChatPost(t.Context(), &p)
					})
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		var texts []string
		for last := int64(0); len(texts) < writers*each && !t.Failed() && t.Context().Err() == nil; {
			require.NoError(t, db.View(t.Context(), func(tx *store.Tx) error {
				posts, upto, err := tx.ChatSince(t.Context(), last, 7)
				for _, p := range posts {
					require.Greater(t, p.Seq, last)
					texts = append(texts, p.Text)
				}
				last = upto
				return err
			}))
		}
		group.Wait()
		slices.Sort(texts)
		require.Len(t, slices.Compact(texts), writers*each)
	})
}
