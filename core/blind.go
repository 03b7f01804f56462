package core

import (
	"slices"
	"time"
)

// Interval is a stretch of time, its end not in it.
type Interval struct{ From, Until time.Time }

// Expect tells when the first beat after an instant is expected; the zero time: never.
type Expect func(after time.Time) time.Time

// Deadline is when a beat that is expected after since is overdue, given when nobody could
// have seen one. Of a beat that calls in time it never says overdue, whatever was blind:
//
//   - Blind time well before the expected beat moves the deadline by its length, since a
//     source that calls more often than it must may have called in it.
//   - Blind time that reaches the expected beat, or the moments before it, may have
//     swallowed it. The next is expected as if it had come when sight returned, and so
//     after any blind time from then on: it may have come sooner than that, unseen.
//
// So an absence is told within one period and the grace after sight returned. The zero
// times: never.
func Deadline(since time.Time, next Expect, grace time.Duration, blind []Interval) (expected, deadline time.Time) {
	expected = next(since)
	if expected.IsZero() {
		return expected, expected
	}
	deadline = expected.Add(grace)
	seen := since    // up to here blind time has been counted
	guessed := false // since is when sight returned: the beat may come at any time until expected
	for _, b := range byStart(blind) {
		if !b.Until.After(seen) || b.From.After(deadline) {
			continue
		}
		dark := b.Until.Sub(later(b.From, seen))
		seen = b.Until
		deadline = deadline.Add(dark)
		if !guessed && !b.Until.After(expected.Add(-early(since, expected, grace))) {
			continue
		}
		again := next(b.Until)
		if again.IsZero() {
			return again, again
		}
		since, expected, guessed = b.Until, again, true
		deadline = later(deadline, expected.Add(grace))
	}
	return expected, deadline
}

// early is by how much a beat may come before it is expected: by the grace, since a source
// is not more punctual than that, and by a tenth of the period.
func early(since, expected time.Time, grace time.Duration) time.Duration {
	return max(grace, expected.Sub(since)/10)
}

func byStart(blind []Interval) []Interval {
	sorted := slices.Clone(blind)
	slices.SortStableFunc(sorted, func(a, b Interval) int { return a.From.Compare(b.From) })
	return sorted
}
