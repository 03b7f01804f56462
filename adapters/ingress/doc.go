// Package ingress takes events over HTTP.
//
// # Contract
//
//	POST /api/events                     an event of ours, or a list; the key is inside
//	POST /api/events/{key}               whatever the source's tool sends
//	POST /api/events/{type}/{key}        whatever the tool {type} sends
//	POST /api/v1/events…                 the same under the older name
//
// A 2xx is written after the commit, so the alert can be read at once. It carries what
// became of each event, in order:
//
//	{"events":[{"eventType","alertKey","summary","priority","outcome","alertId","reason"}]}
//
// and the header correlation-id, under which the events are stored. A 503 means that
// nothing of the request was accepted, unless the database went away in the middle of a
// commit; sending it again is harmless where events have keys, which make events of one
// problem one alert. If only a part was stored (a list of several sources, a group of more
// than 1000 events) the rest is refused event by event, in a 202.
//
// The way of a request:
//
//	method ─▶ key (in the path) ─▶ content type, length ─▶ body, unpacked ─▶ items
//	  405        404                  415      413           408 400 413 415   │
//	                                                                          ▼
//	                       reply ◀─ engine.Ingest ◀─ by source ◀─ normalise each alone
//	                        202         503                         400 (404 per item)
//
// This package knows HTTP and no rules: what an event means is normalize's affair, what
// becomes of it core's. It opens no transactions.
//
// # How it fails
//
// Handlers return errors; answer alone writes them, through WriteError, as
// {"status","message","code"}. A message says what was wrong, where, and what to do; it
// never holds a key, and of our own faults it says nothing. Of a list, each event is
// judged alone: if any can be used the reply is 202 and the refused ones are "dropped"
// with the reason; if none can, the first refusal is the answer.
//
// # Decisions
//
// 2026-11-25: routes are registered without a method and check it themselves, so that 405
// has our error body. Patterns beside them must be more specific, or have no method too.
//
// 2026-11-25: a key in the path is looked up before the body is read. Strangers cost no
// memory that way.
//
// 2026-11-25: a request is finished although its sender hangs up: it was heard, and an
// alert too many is the smaller harm. Each commit has 4.5 s, so that a frozen database is
// answered within 5 s.
//
// 2026-11-25: the older API's answers (incidentKey, its two 400 codes) are tied to the
// paths that its clients use, zabbix-mt, checkmk-ext, nagios, icinga and /api/v1/events.
// On the four slugs success is 200 instead of 202, which the scripts there compare with.
package ingress
