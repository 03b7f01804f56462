package webchat

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
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

	mu      sync.Mutex // guards what follows
	recent  []change   // by position, every one after base
	base    int64
	head    int64 // position of the last in recent, or base
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
		fresh, upto, err := changesSince(ctx, h.db, from)
		if err != nil || len(fresh) == 0 {
			return err
		}
		h.add(fresh, upto)
	}
}

func (h *hub) add(fresh []change, upto int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recent, h.head = append(h.recent, fresh...), upto
	if over := len(h.recent) - kept; over > 0 {
		h.base = h.recent[over-1].at
		h.recent = slices.Clone(h.recent[over:])
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// after is what happened after a position, as far as the hub remembers: ok is false if it
// does not reach back so far. more is closed when there is more.
func (h *hub) after(seq int64) (all []change, ok bool, more <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq < h.base {
		return nil, false, h.changed
	}
	i, _ := slices.BinarySearchFunc(h.recent, seq+1, func(c change, at int64) int { return cmp.Compare(c.at, at) })
	return h.recent[i:len(h.recent):len(h.recent)], true, h.changed
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
