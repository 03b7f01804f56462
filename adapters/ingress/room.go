package ingress

import (
	"sync/atomic"

	"github.com/watchbell/watchbell/core"
)

// roomBytes is how much of bodies that are still arriving is kept at once, of
// strangers and of those whose key is known each.
const roomBytes = 64 << 20

// room bounds the memory of bodies that arrive at the same time.
type room struct {
	size int64
	used atomic.Int64
}

// enter takes room for a body of a length, or as much as one may have if that is
// unknown. Whoever finds none is told to come again.
func (r *room) enter(length int64) (leave func(), err error) {
	if length < 0 || length > maxBody {
		length = maxBody
	}
	if r.used.Add(length) > r.size {
		r.used.Add(-length)
		return nil, &core.Error{Kind: core.Unavailable, Text: "Too many events are arriving at once.", Do: "Send it again in a few seconds."}
	}
	return func() { r.used.Add(-length) }, nil
}
