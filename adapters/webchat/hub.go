package webchat

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/watchbell/watchbell/store"
)

const (
	kept       = 1024 // changes that the hub remembers
	readAtOnce = 256
	// pollShared is how soon posts of other replicas are seen; alone, the wake after each
	// commit is enough, and the poll only repairs.
	pollShared = 250 * time.Millisecond
	pollAlone  = 2 * time.Second
)

// hub reads each change of the chat once for all streams of this replica. Streams keep a
// position and ask for what came after it; nothing waits for a slow one.
type hub struct {
	db    *store.DB
	log   *slog.Logger
	woken chan struct{} // size 1: there may be something new

	mu      sync.Mutex       // guards what follows
	recent  []store.ChatPost // by seq, every change after base
	base    int64
	head    int64 // seq of the last in recent, or base
	changed chan struct{}
	streams int
	byUser  map[int64]int
	closed  bool
}

func newHub(db *store.DB, log *slog.Logger) *hub {
	return &hub{db: db, log: log, woken: make(chan struct{}, 1), changed: make(chan struct{}),
		byUser: map[int64]int{}}
}

// wake tells the hub that something was committed here.
func (h *hub) wake() {
	select {
	case h.woken <- struct{}{}:
	default: // it is awake already
	}
}

// run reads what is new whenever it is woken, and now and then, until ctx ends; then it
// ends all streams.
func (h *hub) run(ctx context.Context) {
	defer h.close()
	every := pollAlone
	if h.db.Shared() {
		every = pollShared
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := h.load(ctx); err != nil && ctx.Err() == nil {
			h.log.Debug("read chat changes", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-h.woken:
		case <-tick.C:
		}
	}
}

// load brings recent to the present. While nobody listens it only forgets.
func (h *hub) load(ctx context.Context) error {
	for {
		h.mu.Lock()
		from, idle := h.head, h.streams == 0
		h.mu.Unlock()
		if idle {
			return nil
		}
		var head int64
		var fresh []store.ChatPost
		err := h.db.View(ctx, func(tx *store.Tx) (err error) {
			if head, err = tx.ChatHead(ctx); err != nil || head <= from {
				return err
			}
			fresh, err = tx.ChatSince(ctx, from, readAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		h.add(fresh)
		if len(fresh) < readAtOnce {
			return nil
		}
	}
}

func (h *hub) add(fresh []store.ChatPost) {
	if len(fresh) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recent = append(h.recent, fresh...)
	h.head = fresh[len(fresh)-1].Seq
	if over := len(h.recent) - kept; over > 0 {
		h.base = h.recent[over-1].Seq
		h.recent = append([]store.ChatPost(nil), h.recent[over:]...)
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// after is what changed after a position, as far as the hub remembers: ok is false if it
// does not reach back so far. more is closed when there is more.
func (h *hub) after(seq int64) (posts []store.ChatPost, ok bool, more <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq < h.base {
		return nil, false, h.changed
	}
	for i := len(h.recent) - 1; i >= 0 && h.recent[i].Seq > seq; i-- {
		posts = h.recent[i:]
	}
	return posts, true, h.changed
}

// enter counts a stream in that begins at head; false means that there are enough. The
// first one makes the hub forget what nobody was there to hear.
func (h *hub) enter(user, head int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.streams >= maxStreams || h.byUser[user] >= maxStreamsOfUser {
		return false
	}
	if h.streams == 0 {
		h.recent, h.base, h.head = nil, head, head
	}
	h.streams++
	h.byUser[user]++
	return true
}

func (h *hub) leave(user int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	if h.byUser[user]--; h.byUser[user] <= 0 {
		delete(h.byUser, user)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *hub) over() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}
