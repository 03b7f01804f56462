package api

import (
	"encoding/json"
	"slices"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// listLog answers the log of an alert, oldest first: its entries, and the events that
// joined it.
func (c *call) listLog() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	start, n, err := c.page(250, 1000)
	if err != nil {
		return answer{}, err
	}
	kinds := c.list("filter-types")
	bodies := []logBody{}
	err = c.view(func(tx *store.Tx) error {
		bodies = bodies[:0]
		skip := start
		return c.entries(tx, v.Alert, func(e entry) bool {
			switch {
			case !isOfKind(e.Type, kinds):
			case skip > 0:
				skip--
			case len(bodies) < n:
				bodies = append(bodies, c.logBody(e))
			}
			return len(bodies) < n
		})
	})
	return ok(bodies), err
}

func (c *call) logBody(e entry) logBody {
	b := logBody{ID: e.id, At: stamp{e.At}, Type: string(e.Type) + "LogEntry", Alert: e.Alert,
		Text: c.sentence(e.LogRow), Kinds: kindsOf(e.Type)}
	if c.includes("vars") {
		b.Vars = e.Vars
	}
	return b
}

// isOfKind tells whether an entry is of one of the kinds; none means all.
func isOfKind(t core.EntryType, kinds []string) bool {
	if len(kinds) == 0 {
		return true
	}
	return slices.ContainsFunc(kindsOf(t), func(k string) bool { return slices.Contains(kinds, k) })
}

// kindsOf are ilert's filter types that select an entry.
func kindsOf(t core.EntryType) []string {
	switch t {
	case core.LogNotification, core.LogNotificationFailed, core.LogNobodyOnCall, core.LogAsked, core.LogCallLimit:
		return []string{"NOTIFICATIONS"}
	case core.LogReceived:
		return []string{"ALERT_SOURCE_EVENTS"}
	case core.LogCreatedByUser, core.LogCommentBySystem, core.LogSeverityRaised, core.LogAutoResolved:
		return []string{"ALERT_SOURCE_EVENTS", "ALERT_UPDATES"}
	}
	return []string{"ALERT_UPDATES"}
}

// entry is one line of an alert's log with an id of its own.
type entry struct {
	store.LogRow
	id int64
}

// piece is how many rows are read at once.
const piece = 200

// entries calls see with each entry in order, until it returns false. Log and events both
// come in the order of time; of two at the same time the log's is first.
func (c *call) entries(tx *store.Tx, a core.Alert, see func(entry) bool) error {
	logged := feed{read: func(after int64) ([]entry, int64, error) { return c.logged(tx, a.ID, after) }}
	joined := feed{read: func(after int64) ([]entry, int64, error) { return c.joined(tx, a.ID, after) }, after: int64(a.FirstEvent)}
	for {
		if err := logged.fill(); err != nil {
			return err
		}
		if err := joined.fill(); err != nil {
			return err
		}
		from := &logged
		if len(logged.ahead) == 0 || len(joined.ahead) > 0 && joined.ahead[0].At.Before(logged.ahead[0].At) {
			from = &joined
		}
		if len(from.ahead) == 0 || !see(from.ahead[0]) {
			return nil
		}
		from.ahead = from.ahead[1:]
	}
}

// feed reads rows in pieces, as they are needed. read returns the entries among the rows
// after a number, and the number of the last of them; 0 if there are none.
type feed struct {
	read  func(after int64) ([]entry, int64, error)
	ahead []entry
	after int64
	done  bool
}

func (f *feed) fill() error {
	for len(f.ahead) == 0 && !f.done {
		ahead, last, err := f.read(f.after)
		if err != nil {
			return err
		}
		f.ahead, f.after, f.done = ahead, last, last == 0
	}
	return nil
}

// logged reads a piece of the log. The ids are such that no two alerts share one and that
// a double can hold them; those of joined events are from the other half.
func (c *call) logged(tx *store.Tx, id core.AlertID, after int64) ([]entry, int64, error) {
	rows, err := tx.Log(c.ctx, id, after, piece)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	entries := make([]entry, len(rows))
	for i, r := range rows {
		entries[i] = entry{r, int64(r.Alert)<<20 | r.Seq}
	}
	return entries, rows[len(rows)-1].Seq, nil
}

// joined reads a piece of the events and keeps those that only joined: the others have a
// line in the log.
func (c *call) joined(tx *store.Tx, id core.AlertID, after int64) ([]entry, int64, error) {
	rows, err := tx.EventsOf(c.ctx, id, core.EventID(after), piece)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	var entries []entry
	for _, r := range rows {
		if r.Outcome != core.OutcomeAppended {
			continue
		}
		vars := map[string]string{"source": c.snap.Sources[r.Source].Name, "summary": eventOf(r).Summary}
		entries = append(entries, entry{store.LogRow{Alert: id, At: r.At, Entry: core.Entry{Type: core.LogReceived, Vars: vars}}, 1<<52 | int64(r.ID)})
	}
	return entries, int64(rows[len(rows)-1].ID), nil
}

// eventOf reads a stored event; the zero event if it was kept because it could not be
// read.
func eventOf(r store.EventRow) core.Event {
	var e core.Event
	if json.Unmarshal(r.Body, &e) != nil {
		return core.Event{}
	}
	return e
}
