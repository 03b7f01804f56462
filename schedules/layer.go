package schedules

import "github.com/watchbell/watchbell/core"

// A stretch is time held by one claim.
type stretch struct {
	claim      Claim
	start, end instant
}

// A span of instants.
type span struct{ start, end instant }

// A layer is a Layer made ready to be asked. It is open where it has somebody: from its
// start to its end, inside the windows of its week.
type layer struct {
	number int // 1-based
	turns
	end   wall
	users []core.UserID
	week  week
}

func (l *layer) contains(w wall) bool { return l.start <= w && w < l.end && l.week.contains(w) }

func (l *layer) claim(k int64) Claim {
	return Claim{User: l.users[k%int64(len(l.users))], Layer: l.number, Turn: k}
}

// from returns the open stretch that contains w, else the first after it.
func (l *layer) from(w wall) (walls, bool) {
	w = max(w, l.start)
	s, ok := l.week.from(w)
	if !ok || max(s.start, w) >= l.end {
		return walls{}, false
	}
	return l.cut(s), true
}

// before returns the last open stretch that starts before w.
func (l *layer) before(w wall) (walls, bool) {
	s, ok := l.week.before(min(w, l.end))
	if !ok || w <= l.start || s.end <= l.start {
		return walls{}, false
	}
	return l.cut(s), true
}

func (l *layer) cut(s walls) walls { return walls{max(s.start, l.start), min(s.end, l.end)} }

// fill appends what the layer holds within a span, cut to it, in order.
func (l *layer) fill(z *zone, in span, to []stretch) []stretch {
	open, ok := l.from(z.mark(in.start))
	for ok && z.at(open.start) < in.end {
		k := l.turn(max(open.start, min(z.mark(in.start), open.end-1)))
		for start := max(open.start, l.reading(k)); start < open.end && z.at(start) < in.end; k++ {
			next := min(open.end, l.reading(k+1))
			s := stretch{l.claim(k), max(z.at(start), in.start), min(z.at(next), in.end)}
			if s.start < s.end {
				to = append(to, s)
			}
			start = next
		}
		open, ok = l.from(open.end)
	}
	return to
}

// holding returns all that the claim running at t has without a break, as if there were no
// other layers. The layer must have somebody at t.
func (l *layer) holding(z *zone, t instant) stretch {
	w := z.mark(t)
	k := l.turn(w)
	turn := walls{l.reading(k), l.reading(k + 1)}
	open, _ := l.from(w)
	s := stretch{l.claim(k), z.at(max(open.start, turn.start)), z.at(min(open.end, turn.end))}
	// A break that lies in skipped time is none.
	for b, ok := l.before(open.start); ok && b.end > turn.start && z.at(b.end) == s.start; b, ok = l.before(b.start) {
		s.start = z.at(max(b.start, turn.start))
	}
	for a, ok := l.from(open.end); ok && a.start < turn.end && z.at(a.start) == s.end; a, ok = l.from(a.end) {
		s.end = z.at(min(a.end, turn.end))
	}
	return s
}

// idle returns the time around t in which the layer has nobody. It must have nobody at t.
func (l *layer) idle(z *zone, t instant) span {
	w := z.mark(t)
	s := span{farPast, farFuture}
	// Open stretches that lie in skipped time interrupt nothing.
	for b, ok := l.before(w); ok; b, ok = l.before(b.start) {
		if s.start = z.at(b.end); z.at(b.start) < s.start {
			break
		}
		s.start = farPast
	}
	for a, ok := l.from(w); ok; a, ok = l.from(a.end) {
		if s.end = z.at(a.start); s.end < z.at(a.end) {
			break
		}
		s.end = farFuture
	}
	return s
}
