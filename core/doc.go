// Package core has the words and rules of Watchbell: alerts, events, escalation, access,
// errors. It is pure: no I/O, no clock, no goroutines; the time is an argument.
//
// # The alert's machine
//
//	         event ALERT (Route: no alert to join)
//	              │
//	              ▼          Accept, event ACCEPT
//	┌───────── Pending ──────────────────────────────▶ Accepted ─────────┐
//	│           │   ▲                                   │  │             │
//	│           │   └── Unaccept by the last accepter, ─┘  │             │
//	│           │       no answer to "still on it?",       │             │
//	│           │       Escalate, Assign                   │             │
//	│           └──────────▶ Resolved ◀────────────────────┘             │
//	│                        (final) Resolve, event RESOLVE,             │
//	│                        auto-resolution, MainResolved               │
//	└── Snooze / Wake: the status stays, nothing is asked meanwhile ─────┘
//
// While it is Pending, an alert is in one of these, and NextAt is the earliest of what
// they wait for:
//
//	delay ──▶ level 1 ──▶ level 2 ──▶ … ──▶ next cycle ──▶ ended: last resort
//	          (a level with nobody who can be called falls through at once)
//	held  ──▶ ended: last resort          (assigned to people: no level runs)
//	low   ──▶ nothing                     (the first level with anybody, one call each)
//
// # Contract
//
// Apply is the only function that changes an alert. It is pure and total. What it wants
// done is in the Decision: log entries, calls (Page) and cards (Show); its one timer is
// Alert.NextAt with Alert.Epoch. A Due with another epoch does nothing. An error is an
// *Error of kind Invalid, NotFound or Conflict with a sentence for a person, and nothing
// has changed. What did nothing says why in Decision.Note.
//
// The caller fills Env anew for each Apply, asks May before, sets the id of a new alert
// after (nothing in a birth's decision needs it), and stores alert, log, effects in one
// transaction. Where a snooze holds for a key (snoozes), the caller ends it when an
// alert's SnoozedUntil becomes zero before its time.
//
// Every page is numbered per user and never repeats a number; Alert.Wanted says, right
// before it is sent, whether a page is still to go out.
//
// # How it fails
//
// It does not: whatever is missing in Env (a user that is gone, a policy without levels,
// nobody to ask) is a branch that ends at the last resort, and, when that is empty too,
// in the log. What cannot be answered by a rule is an error of kind Internal and a bug.
//
// # Decisions
//
// 2026-11-25: After an outage levels collapse to the one that would run by now, and that
// one has its whole time from now on; calls that were missed become one. Replaying every
// step would page people for what is past, and starting where it stopped would be late.
// The last level with people is never skipped, however long the outage: considered was
// going to the last resort at once, but people of the policy know more.
//
// 2026-11-25: An alert assigned to people ends like a policy: when the last of them was
// called as often as their plan says and 5 minutes have passed, or when none can be
// called, the last resort is paged. Assigning must not be a way to lose an alert.
//
// 2026-11-25: What a person does explicitly beats a snooze: Escalate, Assign and Raise
// end it, Accept and Comment do not.
//
// 2026-11-25: AddResponder on an accepted alert is one call, not a series: somebody has
// it. On a snoozed one the call waits until it wakes.
//
// 2026-11-25: An un-accepted LOW alert asks the first level that has anybody else than
// those who gave it back, else the last resort: once each, as LOW does.
//
// 2026-11-25: Machines make no alert in maintenance or while a source is off, people do.
// An event more never raises the priority, but a more urgent severity is taken over, and
// told to the conversation, without a call.
//
// 2026-11-25: Comments may be added to a resolved alert; they change nothing else.
// Considered was refusing them like all verbs, but what was learned is written the
// morning after.
//
// 2026-11-25: Who resolved, the number of calls made, and the floor of call numbers live
// in Timers, the part of an alert that is stored as one value, because nobody asks the
// database for them.
package core
