// Package store is the database: SQLite for one process, PostgreSQL for many.
//
// # Contract
//
// DB is opened with Open, which brings the tables to this program's version. Everything
// else happens in a transaction: DB.Tx to change, DB.View to read, with the methods of
// Tx, one file an aggregate. The methods hold no rules; they keep what core decided.
// storetest.Run is the contract in full, and both databases keep it.
//
//   - What is loaded by Alert, AlertsLocked, OpenByKeys, NewestOf, OpenBySummary,
//     Children and TakeAlertSteps is locked until the transaction ends. The other
//     methods that read lock nothing.
//   - Times are stored in microseconds, UTC; the zero time is 0. What decides takes the
//     time as an argument.
//   - Texts with U+0000 or invalid UTF-8 are refused (class Refused). Bodies of events are
//     bytes and may be anything.
//   - A missing row is core.NotFound, a name that is taken core.Conflict.
//
// # Order of locks
//
// The gate of sources, ascending; a queue that is held; alerts, ascending by id; jobs,
// by kind, subject and arg. Whoever cannot keep to it asks with SKIP LOCKED, as
// TakeAlertSteps does. What remains is a deadlock that the database ends and Tx runs again.
//
// # Jobs
//
//	            Enqueue                 Claim                    Done
//	(nothing) ─────────▶ waiting ─────────────▶ queue leased ──────────▶ (nothing)
//	                      ▲  ▲                    │      │ later: tried again at RunAt
//	                      │  └────────────────────┼──────┘
//	                      │  lease ended, or      │
//	                      └───asked for again─────┘
//
// A queue is leased, not a job. Its attempt is the fencing token: Hold and Done refuse
// whoever was overtaken. A job's rev is raised when it is asked for again, and only a job
// with the rev that was seen is deleted. Numbers of jobs are never given twice.
//
// # How it fails
//
// Errors of statements are *Error with a Class (ClassOf). Tx turns them into what callers
// act on:
//
//	Again           the whole closure again, jittered, at most 8 times; then core.Unavailable
//	Lost, Away      core.Unavailable, nothing was kept; the connection is not used again
//	lost COMMIT     ErrUnknown: look whether the row is there
//	Refused, Duplicate, Other   as they are
//
// A server that is gone or frozen is noticed within 5 s. A process that stops inside a
// transaction loses it, and its locks, after 20 s.
//
// # Decisions (2026-11-25)
//
//   - database/sql and one text for both databases. pgx natively would save some
//     allocations; a second set of methods would cost a second set of faults. It is used
//     as it is where database/sql has nothing: for LISTEN.
//   - A transaction lives in a context that does not end with the caller's, since a COMMIT
//     that is called off has an unknown end. Its statements do end with the caller's.
//     What a server that hangs may cost is bounded by timers on the client.
//   - A COMMIT is judged by whether the server answered, never by pgconn.SafeToRetry,
//     which calls one whose answer was cut off safe (pgx 5.9 to 5.12). A FATAL answer
//     counts as none: the session may have ended after the commit was written.
//   - SQLite has one connection that writes (BEGIN IMMEDIATE) and a few that read, so that
//     writers queue in Go, where they can be called off, and not in SQLite, where they
//     poll. In memory there is one connection in all.
//   - Bulk statements are built from columns: unnest of one array a column on PostgreSQL,
//     a prepared loop on SQLite. COPY cannot say ON CONFLICT; VALUES lists have another
//     text, and so another plan, for every number of rows.
//   - Plans are made while tables are empty, and kept. enable_seqscan=off is not enough: a
//     join may start from the table that is believed to be empty and walk a whole index.
//     Bulk updates therefore repeat their keys as = ANY, and TakeAlertSteps locks jobs and
//     alerts in two statements. TestHotStatementsUseTheirIndex plans all of them.
//   - Responders are compared with what the transaction read under its lock; an event that
//     only repeats an alert writes none.
//   - A claim looks at the oldest due jobs first, and at every queue only if all of theirs
//     are busy, hopping through an index from queue to queue. Keeping each queue's next
//     due time in its row was considered: every ingest would wait for that row.
//   - SQLite draws numbers of jobs from a counter, not from the rowid, which is given again
//     after a deletion: a worker that was overtaken would delete the successor.
//   - Migrations on PostgreSQL take a session lock (the only one), in a pool of their own
//     without limits on statements.
package store
