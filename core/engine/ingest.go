package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// commitTime bounds one commit: a database that hangs is answered 503 before senders
// give up.
const commitTime = 4 * time.Second

// Request is events of one source that came together.
type Request struct {
	Source      core.SourceID
	Events      []core.Event // cleaned by Ingest
	Raw         []byte       // the body as it came: kept if an event cannot be stored
	Correlation string       // "": one is drawn
}

// Result is what became of one event.
type Result struct {
	Outcome core.Outcome
	Alert   core.AlertID // 0: none
	Event   core.EventID
	Key     string
	Summary string
	Reason  string
}

func newRequest(in Request) *request {
	r := &request{Request: in, size: len(in.Raw), done: make(chan struct{})}
	if r.Correlation == "" {
		r.Correlation = rand.Text()
	}
	r.Events = slices.Clone(in.Events)
	for i := range r.Events {
		core.Clean(&r.Events[i])
		r.size += len(r.Events[i].Summary) + len(r.Events[i].Details) + len(r.Events[i].Custom)
	}
	return r
}

// commit stores a batch and lets everybody who waits for it go on. One request that the
// database refuses never fails its neighbours: then each is stored alone, and the culprit
// is quarantined.
func (e *Engine) commit(ctx context.Context, batch []*request) {
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	start := time.Now()
	err := e.ingest(ctx, batch)
	e.inbox.measured(time.Since(start))
	e.stats.batch(len(batch), time.Since(start))
	if err != nil && len(batch) > 1 && !away(err) {
		for _, r := range batch {
			e.commitAlone(ctx, r)
		}
	} else if err != nil && !away(err) {
		e.quarantine(ctx, batch[0], err)
	} else if err != nil {
		for _, r := range batch {
			r.err = err
		}
	}
	for _, r := range batch {
		close(r.done)
	}
}

func (e *Engine) commitAlone(ctx context.Context, r *request) {
	err := e.ingest(ctx, []*request{r})
	switch {
	case err == nil:
	case away(err):
		r.err = err
	default:
		e.quarantine(ctx, r, err)
	}
}

// away tells that the database was not there, so nothing is wrong with the events.
func away(err error) bool {
	return core.KindOf(err) == core.Unavailable || errors.Is(err, store.ErrUnknown) || errors.Is(err, context.DeadlineExceeded)
}

// ingest decides and stores a batch in one transaction. Only when it returns nil are the
// requests' results set.
func (e *Engine) ingest(ctx context.Context, batch []*request) error {
	var in *intake
	err := e.decide(ctx, func(tx *store.Tx, u *unit) (err error) {
		in, err = e.take(ctx, tx, u, batch)
		return err
	})
	if errors.Is(err, store.ErrUnknown) && in != nil && e.wasStored(ctx, in) {
		err = nil
	}
	if err != nil {
		if away(err) {
			return &core.Error{Kind: core.Unavailable, Text: "the database does not answer", Err: err,
				Do: "Send it again in a few seconds."}
		}
		return err
	}
	i := 0
	for _, r := range batch {
		r.results = make([]Result, len(r.Events))
		for k := range r.results {
			r.results[k] = in.result(i)
			i++
		}
	}
	e.stats.outcomes(in.rows)
	return nil
}

// decide runs fn in a transaction with the configuration that the database has, saves
// what its unit changed, and wakes who has work from it.
func (e *Engine) decide(ctx context.Context, fn func(tx *store.Tx, u *unit) error) error {
	for tries := 0; ; tries++ {
		snap, now := e.Snapshot(), e.Now()
		var u *unit
		err := e.DB.Tx(ctx, func(tx *store.Tx) error {
			u = e.newUnit(snap, now)
			if err := fn(tx, u); err != nil {
				return err
			}
			// Last: who changes the configuration waits for nobody here, and what we decided
			// stands only if it is still the one we decided with.
			version, err := tx.Version(ctx)
			if err != nil {
				return fmt.Errorf("read the configuration's version: %w", err)
			}
			if version != snap.Version {
				return errStale
			}
			return u.save(ctx, tx)
		})
		if errors.Is(err, errStale) && tries < 8 {
			if _, err := e.refresh(ctx); err != nil {
				return err
			}
			continue
		}
		if err == nil || errors.Is(err, store.ErrUnknown) {
			e.wake(u)
		}
		return err
	}
}

// intake is one batch inside its transaction.
type intake struct {
	rows  []store.EventRow // one an event, in order
	works []*work          // whose alert each event belongs to; nil: none
	sums  []string
	keys  []string
}

func (in *intake) result(i int) Result {
	r := Result{Outcome: in.rows[i].Outcome, Event: in.rows[i].ID, Reason: in.rows[i].Reason, Summary: in.sums[i], Key: in.keys[i]}
	if w := in.works[i]; w != nil {
		r.Alert = w.alert.ID
	}
	return r
}

// take routes and applies every event of the batch, in order, in memory, and writes the
// events' rows. The unit writes the alerts.
func (e *Engine) take(ctx context.Context, tx *store.Tx, u *unit, batch []*request) (*intake, error) {
	open, err := e.loadOpen(ctx, tx, u, batch)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, r := range batch {
		n += len(r.Events)
	}
	ids, err := tx.EventIDs(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("draw event ids: %w", err)
	}
	in := &intake{}
	for _, r := range batch {
		for _, ev := range r.Events {
			row := store.EventRow{ID: ids[len(in.rows)], Correlation: r.Correlation, Source: r.Source, At: u.now, Type: ev.Type}
			w, err := e.event(ctx, tx, u, open, &row, ev)
			if err != nil {
				return nil, err
			}
			in.add(row, w, ev)
		}
	}
	u.finally = func(ctx context.Context) error {
		for i, w := range in.works {
			if w != nil {
				in.rows[i].Alert = w.alert.ID
			}
		}
		if err := tx.InsertEvents(ctx, in.rows); err != nil {
			return fmt.Errorf("insert events: %w", err)
		}
		return nil
	}
	return in, nil
}

func (in *intake) add(row store.EventRow, w *work, ev core.Event) {
	in.rows = append(in.rows, row)
	in.works = append(in.works, w)
	in.sums = append(in.sums, ev.Summary)
	in.keys = append(in.keys, ev.Key)
}

// event decides what becomes of one event: its row's outcome, reason and body, and the
// work of the alert it belongs to.
func (e *Engine) event(ctx context.Context, tx *store.Tx, u *unit, open *openAlerts, row *store.EventRow, ev core.Event) (*work, error) {
	body, err := json.Marshal(ev)
	if err != nil {
		return nil, fmt.Errorf("write the event down: %w", err)
	}
	row.Body = body
	row.Reason = strings.Join(ev.Remarks, "; ")
	src, ok := u.snap.Sources[row.Source]
	if !ok || src.Inactive {
		row.Outcome, row.Reason = core.OutcomeDropped, because(row.Reason, "the source is switched off")
		return nil, nil
	}
	if ev.Policy == 0 {
		ev.Policy = u.snap.routed(ev.RoutingKey)
	}
	candidates, err := open.candidates(ctx, tx, src, ev)
	if err != nil {
		return nil, err
	}
	join, create, note := core.Route(src, ev, candidates, u.now)
	w := open.work(join)
	switch {
	case create:
		w = u.birth()
	case w == nil:
		row.Outcome, row.Reason = core.OutcomeNone, because(row.Reason, note)
		return nil, nil
	}
	policy := ev.Policy
	if !create {
		policy = w.alert.Policy
	}
	env := u.env(src.ID, policy)
	if s, ok := open.snoozes[string(core.OpenKey(src.ID, ev.Key))]; ok {
		env.Snoozed, env.SnoozedBy = s.Until, s.By
	}
	d, err := u.apply(w, core.EventArrived{ID: row.ID, Event: ev}, env)
	if err != nil {
		return nil, err
	}
	row.Outcome, row.Reason = d.Outcome, because(row.Reason, note, d.Note)
	if !d.Changed && create {
		return nil, nil // dropped before it was born
	}
	open.learn(src, w)
	return w, nil
}

func because(reasons ...string) string {
	return strings.Join(slices.DeleteFunc(reasons, func(s string) bool { return s == "" }), "; ")
}

// wasStored answers the question after a lost COMMIT: is the batch there?
func (e *Engine) wasStored(ctx context.Context, in *intake) bool {
	var there bool
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		there, err = tx.HasEvent(ctx, in.rows[0].ID, in.rows[0].Correlation)
		return err
	})
	return err == nil && there
}

// quarantine keeps a request that the database refuses to store as it is: the raw bytes
// stay, and an alert says that something unreadable came. Nothing is lost, and the
// sender is not made to try for ever.
func (e *Engine) quarantine(ctx context.Context, r *request, cause error) {
	e.log.Error("store events", "source", r.Source, "err", cause)
	e.stats.Quarantined.Add(1)
	ev := core.Event{Type: core.EventAlert, Key: "unreadable/" + r.Correlation, Priority: core.High,
		Summary: fmt.Sprintf("%s sent an event that could not be stored", e.Snapshot().source(r.Source).Name),
		Details: "Its body is kept as it came, under correlation id " + r.Correlation + "."}
	plain := &request{Request: Request{Source: r.Source, Events: []core.Event{ev}, Correlation: r.Correlation}}
	if err := e.ingest(ctx, []*request{plain}); err != nil {
		r.err = err
		return
	}
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		ids, err := tx.EventIDs(ctx, 1)
		if err != nil {
			return err
		}
		return tx.InsertEvents(ctx, []store.EventRow{{ID: ids[0], Correlation: r.Correlation, Source: r.Source,
			Alert: plain.results[0].Alert, At: e.Now(), Outcome: core.OutcomeUnreadable, Reason: "could not be stored", Body: r.Raw}})
	})
	if err != nil {
		r.err = err
		return
	}
	r.results = make([]Result, len(r.Events))
	for i, ev := range r.Events {
		r.results[i] = Result{Outcome: core.OutcomeUnreadable, Alert: plain.results[0].Alert, Key: ev.Key, Summary: ev.Summary,
			Reason: "could not be stored as it is; kept, and an alert says so"}
	}
}
