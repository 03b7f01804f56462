// Package bot is the face toward people: verbs, cards, forms, the courier, and the
// contract that chat platforms keep. It knows no platform.
//
// # From a person
//
//	adapter ── Interaction ──▶ First ──▶ a form to open, from memory only
//	                    └────▶ Handle
//	                             understand   text, button or form → call{verb, numbers, values}
//	                             stranger     nobody's account: say how to link, keep the press
//	                             complete     which alert is meant, where none was named
//	                             askFor       a form, or what to type, for what is missing
//	                             verb.run     engine.Do, which checks rights and acts once
//	                             refuse       what happened, why, what to do next
//	                           Reply ◀── Fit to what the platform can show
//
// Verbs are one table (verbs); text, buttons and forms go through it alike, and help is
// made from it. A verb reads its values by field name, whether they were typed or filled
// in. Answers are for the person alone.
//
// # To people
//
//	engine: job page ─▶ sendPages  one call: alert read again, still wanted?, Send, recorded
//	engine: job card ─▶ syncCards  one conversation: card posted or edited, lines told
//	                     scene      the alert and what is around it, read at once
//	                     pageCard, channelCard   drawn from the scene and nothing else
//
// Cards are projections: what a conversation shows is drawn when the job runs, so bursts
// become one edit and the last state wins. After a send the alert's row is locked and its
// rev compared with what was drawn; if it moved on, the conversation is asked to follow.
//
// # How it fails
//
// A send that may work later (Retry) comes back after 1, 2, 4 … 60 s, or when the platform
// says so, which then holds for the whole conversation. A call that will not have been
// taken 30 s after it was wanted is told to the alert (core.CallFailed), once, and still
// tried until it is stale: somebody has the alert, or a newer call went the same way. What
// is refused or gone is told at once. A panic in an adapter is an error of that one send;
// an adapter whose Run ends is started again. Everything a person asked for is answered,
// if only by "Something went wrong on our side."
//
// # Decisions
//
// 2026-11-25
//
//   - Accepting what somebody else has is a refusal with a button to join, decided before
//     the command. Two who press in the same instant both have it, and the second is told;
//     refusing there would need another input in core for a case that harms nobody.
//   - The button Escalate carries the level that its label names. Two people pressing it
//     page Ben, not Ben and whoever follows him.
//   - Making an alert by hand writes its audit line first, in a transaction of its own, so
//     that an interaction delivered twice makes one alert. A crash between the two loses
//     the alert, and nobody was told that it exists. The other order could make two.
//   - Whether another platform took a call is decided when a failure is recorded, with the
//     alert locked: two platforms that give up at once would each have counted on the other.
//   - A page is superseded when a newer call to the same person and platform is in the log.
//     Comparing numbers alone would drop a call that its repeat, on another platform, does
//     not replace.
//   - A card keeps the words of its alert's first event; details are shown on request.
//   - A time is said as its reader's clock shows it. Sentences for lock screens in channels
//     have no single reader: they use the zone of the policy's first schedule and name it.
package bot
