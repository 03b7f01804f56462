// Package schedules answers who is on call, when that changes, and where nobody is.
//
// A Schedule is text: readings of a clock on a wall, periods, windows of the week. Compile
// turns it into a Calendar, which answers. Support hours are the same in small: a
// SupportHours becomes Hours. API, chat, engine, notices and feeds all ask a Calendar, so
// that no two of them can disagree.
//
// # Contract
//
// Everything here is pure: no clock, no I/O but the reading of zone files by Location, no
// goroutines. A Calendar and an Hours never change after they are made and may be used by
// many goroutines at once. Instants come back in UTC. All ranges are half-open. Instants
// are whole seconds: a fraction in a question is cut off, which changes no answer, since
// nothing begins or ends within a second.
//
// # How it works
//
// One rule turns readings into instants: a reading becomes the first instant at which the
// clock shows that reading or a later one. Turned around, an instant has a mark: the
// latest reading that the clock has shown up to then. A reading has come exactly when it
// is not after the mark.
//
//	reading w  ── zone.at ──▶  instant t     the first t whose mark is not before w
//	instant t  ── zone.mark ─▶ reading w     never falls; stands still in a repeated hour,
//	                                         jumps over a skipped one
//
// So rotations, restrictions, endsOn and static shifts are worked out on a line of
// readings, which has neither gaps nor repeats and where every week has seven days of 24
// hours, and only their edges become instants. A turn that lies in skipped time gets two
// equal edges and is gone. Who holds an instant is decided from the top: overrides, then
// static shifts or layers, the last layer first.
//
// ApplyCover is the one way in which a coverage request changes. It moves time from the
// sender to whoever takes it, and only what is the sender's at that instant: so requests
// may overlap, and nothing that was covered is left uncovered.
//
// # How it fails
//
// Compile refuses what Validate finds wrong, with core.Invalid. A Calendar that exists
// cannot fail: each question has an answer, and "nobody" is one. Readings outside the
// years 1970 to 2100 are refused; instants outside are answered with the offset that the
// zone has at the nearer end.
//
// # Decisions
//
// 2026-11-25: the marks of a zone are kept in a table, made by Compile. Asking
// time.Location for each edge costs 0.3 to 1 µs in the compact zone files that Go embeds,
// since the rule for the years after the last listed change is parsed anew by each call; a
// quarter of shifts has hundreds of edges. Time.ZoneBounds ends the last day of a leap year
// before it begins there, so the table is walked with care (zone.go).
//
// 2026-11-25: turns are found by estimate and correction, never by walking from the first,
// so that a schedule begun twenty years ago costs what one begun today does.
//
// 2026-11-25: layers are not painted into a timeline in advance. A shift is found from its
// claim and cut by what lies above it, so one question costs about a microsecond and a
// Calendar costs nothing while nobody asks. Overrides are flattened in advance: they are
// finite, and ten thousand of them must not make a month slow.
//
// 2026-11-25: a definition that was edited is a list of versions in one Calendar, rather
// than a Calendar each, because a shift that an edit alone would split is one shift.
//
// 2026-11-25: NextChange looks 400 days ahead and no further. A rotation is at most a year,
// so that is past the running turn; who hears "not within that" asks again then.
//
// 2026-11-25: a part that is taken of a shift becomes a piece of its own, with its own
// override, and what is left becomes pieces as well. A piece with several takers would say
// the same in two places. An override that is cancelled opens its piece again while the
// request is pending; afterwards the time is the sender's, who may ask again.
package schedules
