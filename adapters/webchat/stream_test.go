package webchat_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// event is one of the stream.
type event struct {
	id   int64
	name string
	post struct {
		ID   int64
		Rev  int64
		Text string
	}
}

// listen opens the stream after a position (0: from now) and returns once it is open.
func (b *browser) listen(ctx context.Context, after int64) *reading {
	b.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", b.http.URL+"/chat/api/stream", nil)
	require.NoError(b, err)
	if after > 0 {
		r.Header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	}
	resp, err := b.client.Do(r)
	require.NoError(b, err)
	require.Equal(b, 200, resp.StatusCode)
	require.Equal(b, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Equal(b, "no", resp.Header.Get("X-Accel-Buffering"))
	s := &reading{t: b.T, end: func() { resp.Body.Close() }, lines: bufio.NewScanner(resp.Body)}
	s.lines.Buffer(nil, 1<<20)
	s.next() // its position
	return s
}

type reading struct {
	t     *testing.T
	end   func()
	lines *bufio.Scanner
}

// next reads one event, or the position that a stream begins with; ok is false at the
// end of the stream.
func (s *reading) next() (e event, ok bool) {
	for s.lines.Scan() {
		line := s.lines.Text()
		if line == "" && ok {
			return e, true
		}
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "id":
			e.id, _ = strconv.ParseInt(value, 10, 64)
			ok = true
		case "event":
			e.name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.post); err != nil {
				s.t.Errorf("event %q: %v", value, err)
			}
		}
	}
	return e, false
}

func (s *reading) want(name, text string) event {
	s.t.Helper()
	e, ok := s.next()
	require.True(s.t, ok, "the stream ended")
	require.Equal(s.t, name, e.name)
	require.Equal(s.t, text, e.post.Text)
	return e
}

func TestStreamTellsPostsEditsAndDeletes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db, webchat.Options{})
		before := w.send("payments", bot.Message{Card: *said("before")})
		s := w.as("ben").listen(t.Context(), 0)
		defer s.end()
		ref := w.send("payments", bot.Message{Card: *said("pending")})
		w.send("@ana", bot.Message{Card: *said("Ana's")})
		w.send("@ben", bot.Message{Card: *said("Ben's")})

		first := s.want("post", "pending")
		require.Equal(t, string(ref), fmt.Sprint(first.post.ID))
		s.want("post", "Ben's")
		w.edit("payments", before, bot.Message{Card: *said("after")})
		require.Equal(t, int64(2), s.want("edit", "after").post.Rev)
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.DeleteChatPost(t.Context(), first.post.ID, w.e.Now())
			return err
		}))
		require.Equal(t, first.post.ID, s.want("delete", "").post.ID)
	})
}

func TestStreamGoesOnWhereTheReaderWas(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	s := b.listen(t.Context(), 0)
	ref := w.send("payments", bot.Message{Card: *said("one")})
	at := s.want("post", "one").id
	s.end()
	w.edit("payments", ref, bot.Message{Card: *said("one, accepted")})
	two := w.send("payments", bot.Message{Card: *said("two")})
	w.edit("payments", two, bot.Message{Card: *said("two, accepted")})

	s = b.listen(t.Context(), at)
	defer s.end()
	s.want("edit", "one, accepted")
	s.want("post", "two, accepted")
	w.send("payments", bot.Message{Card: *said("three")})
	s.want("post", "three")
}

func TestStreamRefusesStrangersAndNonsense(t *testing.T) {
	w := newWorld(t)
	status, _ := w.browser().get("stream")
	require.Equal(t, 401, status)
	b := w.as("ana")
	b.header.Set("Last-Event-ID", "x'; DROP TABLE")
	status, _ = b.get("stream")
	require.Equal(t, 400, status)
}

func TestStreamEndsWithTheProgram(t *testing.T) {
	w := newWorld(t)
	var s *reading
	t.Run("while it runs", func(t *testing.T) {
		inner := &world{T: t, script: w.script, e: w.e}
		inner.serve()
		s = inner.as("ana").listen(context.Background(), 0)
	})
	_, ok := s.next()
	require.False(t, ok)
}

// TestStreamLosesNothingUnderConcurrentWriters reads from one replica, again and again
// from where it was, while others write and edit: every post arrives, once as new, and
// its last state is the last that is read.
func TestStreamLosesNothingUnderConcurrentWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db, webchat.Options{})
		writers := []*world{w, w}
		if db.Shared() {
			writers = append(writers, w.replica())
		}
		b := w.as("ana")
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		s := b.listen(ctx, 0)
		const each = 25
		var group sync.WaitGroup
		for n, writer := range writers {
			to := w.conversation("payments")
			group.Go(func() { writeAndEdit(t, writer, to, n, each) })
		}
		defer group.Wait() // also when the test fails
		fresh, last := map[int64]bool{}, map[int64]string{}
		done := func() bool {
			for _, text := range last {
				if !strings.HasSuffix(text, "edited") {
					return false
				}
			}
			return len(last) == each*len(writers)
		}
		position := int64(0)
		for !done() {
			e, ok := s.next()
			require.True(t, ok, "the stream ended after %d posts", len(last))
			require.Greater(t, e.id, position)
			position = e.id
			if e.name == "post" {
				require.False(t, fresh[e.post.ID], "post %d is new twice", e.post.ID)
				fresh[e.post.ID] = true
			}
			require.True(t, fresh[e.post.ID], "post %d was edited before it was new", e.post.ID)
			last[e.post.ID] = e.post.Text
			if len(last)%10 == 0 { // the connection breaks
				s.end()
				s = b.listen(ctx, position)
			}
		}
		s.end()
		var texts []string
		for _, text := range last {
			texts = append(texts, text)
		}
		slices.Sort(texts)
		require.Len(t, slices.Compact(texts), each*len(writers))
	})
}

func writeAndEdit(t *testing.T, w *world, to core.Conversation, n, each int) {
	for i := range each {
		text := fmt.Sprintf("%d/%d", n, i)
		ref, err := w.chat.Send(context.Background(), to, bot.Message{Card: *said(text)})
		if err == nil {
			err = w.chat.Edit(context.Background(), to, ref, bot.Message{Card: *said(text + " edited")})
		}
		if err != nil {
			t.Errorf("write %s: %v", text, err)
			return
		}
	}
}
