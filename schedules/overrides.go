package schedules

import (
	"container/heap"
	"slices"
)

// flatten returns who the overrides put on call: of those that contain an instant, the one
// with the highest id. The stretches are in order and do not overlap; two that touch have
// different claims. Overrides without length are left out.
func flatten(list []Override) []stretch {
	waiting := make([]stretch, 0, len(list))
	for _, o := range list {
		s := stretch{Claim{User: o.User, Override: o.ID}, instantOf(o.Start), instantOf(o.End)}
		if s.start < s.end {
			waiting = append(waiting, s)
		}
	}
	slices.SortStableFunc(waiting, byStart)

	var running newest
	var out []stretch
	for now := instant(farPast); len(waiting) > 0 || len(running) > 0; {
		if len(running) == 0 {
			now = waiting[0].start
		}
		for len(waiting) > 0 && waiting[0].start <= now {
			heap.Push(&running, waiting[0])
			waiting = waiting[1:]
		}
		winner := running[0]
		if winner.end <= now {
			heap.Pop(&running)
			continue
		}
		until := winner.end
		if len(waiting) > 0 {
			until = min(until, waiting[0].start)
		}
		out = appendJoined(out, stretch{winner.claim, now, until})
		now = until
	}
	return out
}

// appendJoined appends s, or makes the last stretch longer if s goes on where it ends.
func appendJoined(out []stretch, s stretch) []stretch {
	if n := len(out); n > 0 && out[n-1].end == s.start && out[n-1].claim == s.claim {
		out[n-1].end = s.end
		return out
	}
	return append(out, s)
}

// newest is a heap of overrides, the last created on top.
type newest []stretch

func (n newest) Len() int           { return len(n) }
func (n newest) Less(i, j int) bool { return n[i].claim.Override > n[j].claim.Override }
func (n newest) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *newest) Push(x any)        { *n = append(*n, x.(stretch)) }
func (n *newest) Pop() any {
	old := *n
	last := old[len(old)-1]
	*n = old[:len(old)-1]
	return last
}

// after returns the index of the first stretch in an ordered list that ends after t: the
// one that contains t if there is one, else the next.
func after(list []stretch, t instant) int {
	i, _ := slices.BinarySearchFunc(list, t, func(s stretch, t instant) int {
		if s.end <= t {
			return -1
		}
		return 1
	})
	return i
}
