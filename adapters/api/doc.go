// Package api is the management interface over HTTP, in ilert's shapes: alerts and what is
// done to them, who is on call, who I am. It translates, and asks engine, store and
// schedules; it decides nothing but who may ask.
//
// # Contract
//
// Every route exists below /api and below /api/v1. Answers and errors are JSON; an error
// is {status, message, code}. Unknown members and parameters are ignored, ids may be
// numbers or strings, a {"id":1} may be just 1. Times are answered in UTC with 0, 3 or 6
// digits of a second. Sentences are English, whatever lang says. A 2xx to a change is sent
// after its commit.
//
// # A request
//
//	path ──▶ method ──▶ key ──▶ limit ──▶ route's operation ──▶ object's owners ──▶ answer
//	 404      405     401 403    429            403                 404 403
//
// The operation stands in the table of routes, beside the path. A route without one stops
// the program when Routes is called, so that none can be forgotten. Objects that belong to
// teams are asked about again, one by one, with the same operation: lists leave out what
// is not the caller's to see, single objects are 404 then, and 403 only if they may be
// seen.
//
// A key's role caps its user's, everywhere and in every team. The admin key is the user
// "admin" with role ADMIN and id 0, who is no row of the database.
//
// # How it fails
//
// The database away is 503 with Retry-After, and so is a commit whose answer was lost:
// whoever asks again finds what became of it. What is our fault is 500 without detail, and
// in the log.
//
// # Decisions
//
// 2026-11-25: a wrong key is 403 KEY_ERROR, as ilert's clients expect, and no key is 401.
// Words that programs send when they have no key ("null", "undefined", "nothing"), and
// what is too long to be one, count as none, and are refused before any query.
//
// 2026-11-25: the limit of 1,200 requests a minute is kept in memory by each replica and
// counts keys, not addresses. A limit across replicas would cost a write for each read.
//
// 2026-11-25: an alert's visibility depends on the teams of its source and of its policy
// together, which no single condition on rows can say. Callers who see everything (most)
// have no condition; for others the pairs are grouped by which policies go with a source,
// and each group is one query. Filtering afterwards was considered: pages would be short,
// and counts slow.
//
// 2026-11-25: log entries are the log and the appended events merged by time while they
// are read, in pieces. An alert may have 100,000 events.
//
// 2026-11-25: the next escalation is computed from the alert and the calendar when asked,
// not stored: it changes with every override.
package api
