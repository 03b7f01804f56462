package webchat

import (
	"cmp"
	"context"
	"slices"

	"github.com/watchbell/watchbell/store"
)

// change is one thing that happened in the stream: a post was made, or changed.
//
// A reader at a position has been told of every post made up to it, and of every change
// up to it. The database keeps only a post's last state, so a post that was made and
// changed since a reader's position is told at the place where it was made, as it is now.
type change struct {
	at   int64
	post store.ChatPost
	echo bool // the change of a post that was told, changed already, where it was made
}

// changesSince reads what happened after a position from the database, in order, and to
// which position that leads.
func changesSince(ctx context.Context, db *store.DB, from int64) (all []change, upto int64, err error) {
	var posts []store.ChatPost
	err = db.View(ctx, func(tx *store.Tx) error {
		head, err := tx.ChatHead(ctx)
		if err != nil || head <= from {
			posts, upto = nil, from
			return err
		}
		posts, upto, err = tx.ChatSince(ctx, from, readAtOnce)
		return err
	})
	if err != nil {
		return nil, from, err
	}
	return changesOf(posts, from, upto), upto, nil
}

func changesOf(posts []store.ChatPost, from, upto int64) (all []change) {
	for _, p := range posts {
		fresh := p.ID > from
		if fresh {
			all = append(all, change{at: p.ID, post: p})
		}
		if p.Seq > p.ID && p.Seq <= upto {
			all = append(all, change{at: p.Seq, post: p, echo: fresh})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return all
}

// event is what a change is called for a reader who had been told everything up to from
// before this and the changes beside it; "" is nothing.
func (c change) event(from int64) string {
	fresh := c.post.ID > from
	switch {
	case c.echo && fresh: // told a moment ago
		return ""
	case c.post.Deleted && fresh:
		return ""
	case c.post.Deleted:
		return "delete"
	case c.at == c.post.ID:
		return "post"
	}
	return "edit"
}
