package webchat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	maxStreams       = 4000
	maxStreamsOfUser = 32
	heartbeat        = 15 * time.Second
	// writeWithin cuts a reader that takes nothing for so long; it comes back and reads
	// on from where it was.
	writeWithin = 10 * time.Second
)

// stream serves what changes, from Last-Event-ID or from now.
func (a *Adapter) stream(w http.ResponseWriter, r *http.Request, who person) error {
	at, err := a.streamStart(r)
	if err != nil {
		return err
	}
	if !a.hub.enter(int64(who.ID), at.head) {
		return core.Errorf(core.Unavailable, "Too many streams are open; close some tabs.")
	}
	defer a.hub.leave(int64(who.ID))
	a.hub.wake()

	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	s := &eventStream{a: a, who: who, seq: at.seq, w: w, rc: http.NewResponseController(w)}
	s.rc.SetReadDeadline(time.Time{}) // a server's limit for requests is not one for streams
	s.run(r.Context())
	return nil
}

type position struct{ seq, head int64 }

// streamStart is where the reader was, and the present. A position from the future (the
// database was restored) is the present.
func (a *Adapter) streamStart(r *http.Request) (position, error) {
	var p position
	err := a.e.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		p.head, err = tx.ChatHead(r.Context())
		return err
	})
	if err != nil {
		return p, err
	}
	p.seq = p.head
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		seq, err := strconv.ParseInt(last, 10, 64)
		if err != nil || seq < 0 {
			return p, core.Errorf(core.Invalid, "Last-Event-ID is not a number of this stream.")
		}
		p.seq = min(seq, p.head)
	}
	return p, nil
}

// eventStream is one reader.
type eventStream struct {
	a   *Adapter
	who person
	seq int64
	w   http.ResponseWriter
	rc  *http.ResponseController
}

// run writes until the reader leaves, is too slow, signs out, or the program ends.
func (s *eventStream) run(ctx context.Context) {
	// The id alone tells a reader that has seen nothing yet where it is.
	if !s.write(fmt.Sprintf("retry: 1000\nid: %d\n\n", s.seq)) {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for !s.a.hub.over() {
		changes, more, err := s.next(ctx)
		if err == nil && !s.writeAll(changes) {
			return
		}
		if len(changes) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		case <-beat.C:
			if !s.a.stillIn(ctx, s.who) || !s.write(fmt.Sprintf(": %d\n\n", s.seq)) {
				return
			}
		}
	}
}

// next is what happened after the reader's position. If the hub does not reach back so
// far, the database does.
func (s *eventStream) next(ctx context.Context) (all []change, more <-chan struct{}, err error) {
	all, ok, more := s.a.hub.after(s.seq)
	if !ok {
		all, _, err = changesSince(ctx, s.a.e.DB, s.seq)
	}
	return all, more, err
}

func (s *eventStream) writeAll(all []change) bool {
	var b strings.Builder
	r, from := s.a.reader(s.who.User), s.seq
	reads := s.reads()
	for _, c := range all {
		if name := c.event(from); name != "" && reads(c.post) {
			s.event(&b, r, c, name)
		}
		s.seq = c.at
	}
	return b.Len() == 0 || s.write(b.String())
}

// reads tells of posts whether they are the reader's to see, each conversation looked at
// once.
func (s *eventStream) reads() func(store.ChatPost) bool {
	may := s.a.reads(s.who.ID)
	snap := s.a.e.Snapshot()
	known := map[core.ConversationID]bool{}
	return func(p store.ChatPost) bool {
		if p.Owner != 0 {
			return p.Owner == s.who.ID
		}
		ok, asked := known[p.Conversation]
		if !asked {
			c, there := snap.Conversations[p.Conversation]
			ok = !there || may(c) // one that is newer than the configuration has no source
			known[p.Conversation] = ok
		}
		return ok
	}
}

func (s *eventStream) event(b *strings.Builder, r reader, c change, name string) {
	data, err := json.Marshal(r.post(c.post))
	if err != nil {
		s.a.log.Error("encode chat post", "err", err)
		return
	}
	fmt.Fprintf(b, "id: %d\nevent: %s\ndata: %s\n\n", c.at, name, data)
}

func (s *eventStream) write(text string) bool {
	s.rc.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.rc.Flush() == nil
}
