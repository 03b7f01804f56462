package core

import "time"

// OpenAlerts are the alerts that decide where an event of one source belongs. ByKey is
// the open alert with the event's folded key; the others are the newest of the source,
// each nil if there is none.
type OpenAlerts struct {
	ByKey     *Alert
	Open      *Alert // newest PENDING or ACCEPTED
	Pending   *Alert // newest PENDING
	Any       *Alert // newest, resolved ones too
	BySummary *Alert // newest open with the same summary
}

// Route decides whether an event joins an open alert, makes a new one, or does neither
// (note says why). A key that matches wins over the source's mode. now is for windows.
func Route(s Source, e Event, o OpenAlerts, now time.Time) (join *Alert, create bool, note string) {
	panic("not written")
}

// FoldKey is the form in which alert keys are compared: trimmed, Unicode lower case.
func FoldKey(key string) string { panic("not written") }

// OpenKey identifies (source, folded key): the first 16 bytes of a SHA-256. nil for an
// empty key.
func OpenKey(s SourceID, key string) []byte { panic("not written") }
