// Package normalize turns what monitors post into events of ours. It translates and does
// nothing else: no clock, no lookups, no rules about alerts.
//
// # Contract
//
//	Raw ──▶ By(slug, type of the source) ──▶ Func ──▶ []core.Event
//	                                          │ a body that is not the tool's
//	                                          ▼
//	                                       Generic ──▶ at least one event, or core.Invalid
//
// A Func is pure: the same Raw gives the same events. It never panics, whatever the bytes.
// Events stand in the order of the body. No events and no error means that the tool said
// nothing (a test, a deployment, an empty group). What a tool says beyond our words is
// kept as labels and as the payload (Event.Custom), without the keys of sources.
//
// An alert key is taken from what names the problem, never from what changes between
// repeats; a tool without such a thing gives no key.
//
// A tool that differs from others only in the places and words of its body is a Spec, a
// value; code is for the others. A new tool is one file, one line in bySlug, and recorded
// bodies with golden events in testdata.
//
// # How it fails
//
// Refused (core.Invalid) are bodies that are no JSON although they claim to be, are nested
// deeper than 64, or hold numbers beyond ±1e308; and events of ours without type or
// summary. Everything else gives an event: a member that cannot be used is left out and
// named in Event.Remarks, an unknown shape becomes an alert with a summary made of its
// title-like members.
//
// # Decisions
//
// 2026-11-25: a Value is a slice of the body that is walked anew for each question, not a
// decoded tree. A megabyte of small values decodes into tens of megabytes, and everything
// that reads a body here asks for a few dozen members only. The price is a scan per
// question; the gain is that a hostile body costs no memory.
//
// 2026-11-25: names of members match in any letters' case and the last of several counts,
// as encoding/json does it, so that every reader of a body sees the same.
//
// 2026-11-25: an alert of Alertmanager without any status is taken as firing, although
// its endsAt may lie in the past: there is no clock here, and a page too many is the
// smaller harm. A fingerprint that alerts with different labels share is no key; their
// labels are.
//
// 2026-11-25: JSON of an unknown shape that says "ok" without any key is an alert. It
// could resolve nothing, and its "ok" may be about something else.
//
// 2026-11-25: a line of text may begin with a bracket ("[FIRING] disk full"), so text is
// read as JSON only if it goes on like JSON. A body that is declared as JSON must be it.
package normalize
