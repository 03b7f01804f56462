package schedules

import (
	"slices"
	"sort"
)

// A stretch of the line of readings.
type walls struct{ start, end wall }

// A week is a set of windows that comes again every seven days on the line of readings.
// Offsets count from Monday 00:00. Windows neither overlap nor touch; the last may run
// past the end of the week.
type week struct {
	always  bool
	windows []walls
}

// newWeek unites windows, each of which begins within the week and is at most a week long.
func newWeek(windows []walls) week {
	windows = slices.SortedFunc(slices.Values(windows), func(a, b walls) int { return int(a.start - b.start) })
	var united []walls
	for _, w := range windows {
		if n := len(united); n > 0 && w.start <= united[n-1].end {
			united[n-1].end = max(united[n-1].end, w.end)
			continue
		}
		united = append(united, w)
	}
	for len(united) > 1 && united[len(united)-1].end-weekSeconds >= united[0].start {
		last := &united[len(united)-1]
		last.end = max(last.end, united[0].end+weekSeconds)
		united = united[1:]
	}
	if len(united) == 1 && united[0].end-united[0].start >= weekSeconds {
		return week{always: true}
	}
	return week{windows: united}
}

func (k *week) contains(w wall) bool {
	s, ok := k.from(w)
	return ok && s.start <= w
}

// from returns the window that contains w, else the first after it. There is none in a
// week without windows.
func (k *week) from(w wall) (walls, bool) {
	if k.always {
		return walls{farPast, farFuture}, true
	}
	if len(k.windows) == 0 {
		return walls{}, false
	}
	monday, offset := mondayOf(w)
	if last := k.windows[len(k.windows)-1]; last.end-weekSeconds > offset {
		return last.plus(monday - weekSeconds), true
	}
	i := sort.Search(len(k.windows), func(i int) bool { return k.windows[i].end > offset })
	if i == len(k.windows) {
		return k.windows[0].plus(monday + weekSeconds), true
	}
	return k.windows[i].plus(monday), true
}

// before returns the last window that starts before w.
func (k *week) before(w wall) (walls, bool) {
	if k.always {
		return walls{farPast, farFuture}, true
	}
	if len(k.windows) == 0 {
		return walls{}, false
	}
	monday, offset := mondayOf(w)
	i := sort.Search(len(k.windows), func(i int) bool { return k.windows[i].start >= offset }) - 1
	if i < 0 {
		return k.windows[len(k.windows)-1].plus(monday - weekSeconds), true
	}
	return k.windows[i].plus(monday), true
}

func (s walls) plus(d wall) walls { return walls{s.start + d, s.end + d} }

// mondayOf returns the Monday 00:00 that begins w's week, and how far w is from it.
func mondayOf(w wall) (monday, offset wall) {
	const first = -3 * daySeconds // 1 January 1970 was a Thursday
	offset = (w - first) % weekSeconds
	if offset < 0 {
		offset += weekSeconds
	}
	return w - offset, offset
}
