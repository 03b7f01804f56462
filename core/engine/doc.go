// Package engine loads, asks core, and saves: in one transaction each time. It also runs
// what is due. It knows no platform, no HTTP and no SQL.
//
//	Ingest ─▶ inbox ─▶ one commit for all that wait ─▶ results     (inbox.go, ingest.go, open.go)
//	Do, Merge, Again ─▶ one transaction with its audit line        (do.go)
//	Run ─┬─ steps: due timers, 64 in a transaction                 (steps.go)
//	     ├─ sends: a conversation's queue under a lease ─▶ JobFunc (sends.go)
//	     └─ pulse, clock, newer configuration, hints               (pulse.go, clock.go, wake.go)
//	Plan, ApplyPlan ─▶ the configuration, whole or not at all      (plan.go, accounts.go, used.go)
//
// All but ApplyPlan go through decide: the closure is given a unit, which loads each alert
// once, changes it by core.Apply in memory and writes everything in bulk.
//
// # Locks
//
// In one order: a verb's audit line, the sources' gates, alerts by ascending id, queues,
// jobs. Steps wait for no lock. What ends in a circle all the same (the children of a
// merged alert) the database breaks, and the transaction runs again.
//
// # How it fails
//
//   - A row that cannot be read, or that makes core panic, fails its own transaction. Of a
//     batch of events the halves are tried until the culprit stands alone; it is kept as it
//     came, and an alert says so. A timer is put off, up to a minute at a time, for ever.
//     A send is tried five times; then its alert hears that the call was not taken.
//   - A database that is away is core.Unavailable. Whoever waits behind a commit that hangs
//     is answered with it, so that all know within 5 s.
//   - A lost answer to COMMIT is looked up: events by the first one's id and correlation,
//     verbs by their audit line. What cannot be looked up is core.Unavailable.
//   - A replica that lost a queue's lease records nothing of it.
//   - A process that dies loses nothing that was answered: steps roll back, and leases end.
//
// # Decisions
//
//   - 2026-11-25: The audit line of a verb is written first. A repeated interaction must be
//     found before core refuses it ("you have not accepted it"), and its Once tells what
//     became of a lost COMMIT. Looking for it in a query of its own was considered; two
//     replicas would both find nothing.
//   - 2026-11-25: A timer that was taken is asked for again whenever its alert still waits
//     for something, whatever its epoch: losing the one job of an alert would be silent.
//   - 2026-11-25: The clock runs at half speed instead of standing still while the
//     database's is behind it. Standing still is safe for what was done, and stops every
//     escalation for as long as the clock was set back.
//   - 2026-11-25: An account that is unlinked takes its conversation with it. Keeping the
//     conversation for the next user of the account would show them another's pages.
package engine
