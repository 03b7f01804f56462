package core

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

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
// An alert made by hand (Event.By) joins by its key only: who asks for help gets an alert.
func Route(s Source, e Event, o OpenAlerts, now time.Time) (join *Alert, create bool, note string) {
	keyed := FoldKey(e.Key) != ""
	switch {
	case keyed && o.ByKey != nil && o.ByKey.Open():
		return o.ByKey, false, ""
	case e.Type != EventAlert && !keyed:
		return nil, false, fmt.Sprintf("%s without an alert key: there is no telling which alert is meant", e.Type)
	case e.Type != EventAlert:
		return nil, false, fmt.Sprintf("no open alert of this source has the key %q", Line(e.Key, 80))
	case e.By != 0:
		return nil, true, ""
	}
	if a := grouped(s, o, now); a != nil {
		return a, false, ""
	}
	return nil, true, ""
}

// grouped is the open alert that the source's mode puts an event into, nil for none.
func grouped(s Source, o OpenAlerts, now time.Time) *Alert {
	switch s.Creation {
	case EachSubject:
		return openOrNil(o.BySummary)
	case OnePending:
		if o.Pending != nil && o.Pending.Status == Pending {
			return o.Pending
		}
	case OneOpen:
		return openOrNil(o.Open)
	case PerWindow:
		// The window counts from the source's last alert. If that one is resolved, its
		// problem is over, however young it is.
		if a := openOrNil(o.Any); a != nil && now.Sub(a.CreatedAt) <= s.Window {
			return a
		}
	case EachEvent, ByExtraction, BySimilarity:
	}
	return nil
}

func openOrNil(a *Alert) *Alert {
	if a == nil || !a.Open() {
		return nil
	}
	return a
}

// FoldKey is the form in which alert keys are compared: trimmed, Unicode lower case.
func FoldKey(key string) string { return strings.ToLower(strings.TrimSpace(key)) }

// OpenKey identifies (source, folded key): the first 16 bytes of a SHA-256. nil for an
// empty key.
func OpenKey(s SourceID, key string) []byte {
	folded := FoldKey(key)
	if folded == "" {
		return nil
	}
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, int64(s)) // a hash takes every write
	h.Write([]byte(folded))
	return h.Sum(nil)[:16]
}
