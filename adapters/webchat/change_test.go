package webchat

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
)

// TestReaderKnowsAPostBeforeItsChange breaks the connection at every place of a batch in
// which posts were made, changed and deleted: what was told before and after it makes
// sense together.
func TestReaderKnowsAPostBeforeItsChange(t *testing.T) {
	rows := []store.ChatPost{ // as the database has them: each post once, by its last change
		{ID: 3, Seq: 11, Rev: 5}, {ID: 12, Seq: 12, Rev: 1}, {ID: 13, Seq: 15, Rev: 2}, {ID: 10, Seq: 16, Rev: 3},
		{ID: 14, Seq: 17, Rev: 2, Deleted: true}, {ID: 4, Seq: 18, Rev: 2, Deleted: true}, {ID: 17, Seq: 30, Rev: 4},
	}
	tell := func(all []change, from, until int64) (told []string) {
		for _, c := range all {
			if name := c.event(from); c.at > from && c.at <= until && name != "" {
				told = append(told, fmt.Sprintf("%s %d", name, c.post.ID))
			}
		}
		return told
	}
	all := changesOf(rows, 9, 18)
	require.Equal(t, []string{"post 10", "edit 3", "post 12", "post 13", "post 17", "delete 4"}, tell(all, 9, 18))
	for broken := int64(9); broken <= 18; broken++ {
		known := map[string]bool{"3": true, "4": true}
		again := changesOf(after(rows, broken), broken, 18)
		for _, line := range append(tell(all, 9, broken), tell(again, broken, 18)...) {
			var name, id string
			_, err := fmt.Sscan(line, &name, &id)
			require.NoError(t, err)
			require.False(t, name == "post" && known[id], "broken at %d: %s is new twice", broken, id)
			require.False(t, name == "edit" && !known[id], "broken at %d: %s changed before it was new", broken, id)
			known[id] = true
		}
		require.Len(t, known, 6+btoi(known["14"]), "broken at %d: %v", broken, known)
	}
}

// after is what the database has of these rows after a position.
func after(rows []store.ChatPost, seq int64) (left []store.ChatPost) {
	for _, p := range rows {
		if p.Seq > seq {
			left = append(left, p)
		}
	}
	return left
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
