package engine

import (
	"sync/atomic"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// Stats are the engine's counters since it started. All are safe to read at any time.
type Stats struct {
	Outcomes    [core.OutcomeUnreadable + 1]atomic.Int64 // events by what became of them
	Refused     atomic.Int64                             // requests answered "try later"
	Quarantined atomic.Int64                             // requests that could not be stored as they were
	Batches     atomic.Int64
	BatchNanos  atomic.Int64
	Requests    atomic.Int64 // requests that were committed
	Steps       atomic.Int64 // timers that ran
	StepsLate   atomic.Int64 // how late the last one ran, in microseconds
	Sent        atomic.Int64 // sends that are done
	Retried     atomic.Int64 // sends put off
	Panics      atomic.Int64
	Beats       atomic.Int64 // calls of heartbeats that were stored
	BeatBatches atomic.Int64 // commits that they took
	PulseFailed atomic.Int64

	pulsed atomic.Int64 // when the last pulse was recorded, in microseconds
	looked atomic.Int64 // when the runner last looked for timers
}

func newStats() *Stats { return &Stats{} }

func (s *Stats) batch(requests int, took time.Duration) {
	s.Batches.Add(1)
	s.BatchNanos.Add(int64(took))
	s.Requests.Add(int64(requests))
}

func (s *Stats) outcomes(rows []store.EventRow) {
	for _, r := range rows {
		s.Outcomes[r.Outcome].Add(1)
	}
}
