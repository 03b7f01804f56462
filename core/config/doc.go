// Package config is the configuration file: YAML with positions ⇄ desired objects, their
// difference, and the plan that makes one the other.
//
//	files ── Parse ──▶ Set ──┐
//	                         ├─ Diff ──▶ Plan      (the engine carries it out)
//	database ────────▶ Set ──┘
//	                   └── Export ──▶ a file that says the same
//
// # Contract
//
// Everything here is pure: no I/O, no clock, no goroutines, and no platform's name. Which
// platforms there are comes in Options; their blocks stay raw nodes that each adapter
// decodes. A Set names objects by name and never by id, so that files, database and API
// can be compared. Parse gives every problem at once, each at its place and with what to
// do. Export and Diff work on the same description of an object (tree), so whatever is
// exported is compared, and parsing the export gives the same objects.
//
// What a file leaves unset is either a documented default (written down in the Set, so
// that a default that changes is a difference) or kept as it is: notification preferences,
// teams, conversations, integration keys, and accounts that people linked themselves. Nil
// means unset; empty means none.
//
// # How it fails
//
// Parse answers with problems and never with a panic. Its work is bounded: a file has at
// most a MiB, depth, keys per mapping, values reached through aliases and the number of
// problems are limited. Warnings (Set.Warnings) are what is allowed and probably not meant.
// Texts of problems and plans never show a secret.
//
// # Decisions
//
// 2026-11-25: the syntax tree is read by hand (value, object) instead of being decoded into
// structs. Decoding stops at the first error, forgets positions, and cannot tell unset from
// empty. An object knows its keys by having been asked for them, so the list of known keys
// cannot go stale.
//
// 2026-11-25: tokens are counted before they are parsed (tooMuch). The parser's time grows
// with the square of depth and of the keys of a mapping; a file of a MiB could hold a
// replica for minutes. Scanning alone is linear.
//
// 2026-11-25: aliases and << are understood, since people use them to say one thing once;
// tags are not. An alias inside its own anchor has no meaning, so nothing is circular.
//
// 2026-11-25: bare numbers that look like another unit's are refused with both spellings
// rather than taken with a warning: the difference is five minutes or five hours of nobody
// being paged.
//
// 2026-11-25: a plan is Empty although objects change hands (Adopt). Export writes what the
// API made, too; applying that export changes no object, and must show no difference.
//
// 2026-11-25: an object belongs to the files being applied if its origin names one of them
// or lies in a folder that was given whole. Counting every file's objects as ours was
// considered; two teams that apply a file each would delete each other's objects.
//
// 2026-11-25: what prune would delete but something that stays still names is kept and
// handed to the API, with a note, instead of failing the whole plan.
//
// 2026-11-25: a platform that comes later may be named in identities (accounts do no harm)
// and nowhere else: a conversation or a way to be paged that does nothing is worse than a
// refusal.
package config
