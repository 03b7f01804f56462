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

// askAgainTime bounds the question whether a batch is there, after the answer to its
// COMMIT was lost.
const askAgainTime = time.Second

// unreadableKey is the alert key under which a source's unreadable events come together.
const unreadableKey = "watchbell/unreadable"

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
		r.size += sizeOf(&r.Events[i])
	}
	return r
}

// sizeOf is about how much memory an event's text takes.
func sizeOf(e *core.Event) int {
	n := len(e.Summary) + len(e.Details) + len(e.Custom) + len(e.Raw)
	for name, value := range e.Labels {
		n += len(name) + len(value)
	}
	for _, c := range e.Comments {
		n += len(c.Content)
	}
	return n
}

// commit stores a batch and lets everybody who waits for it go on, whatever happens. One
// request that cannot be stored never fails its neighbours: the batch is halved until the
// culprit stands alone, and that one is quarantined.
func (e *Engine) commit(ctx context.Context, batch []*request) {
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	defer answer(batch)
	start := time.Now()
	err := e.ingest(ctx, batch)
	took := time.Since(start)
	e.inbox.measured(took)
	e.stats.batch(len(batch), took)
	if away(err) && took > inboxWait {
		// Whoever came meanwhile has waited as long as we promise, and would wait as long
		// again: the database does not answer.
		late := e.inbox.takeAll()
		defer answer(late)
		fail(late, err)
	}
	e.settle(ctx, batch, err)
}

// settle gives each request of a batch its end, given how storing it together ended.
func (e *Engine) settle(ctx context.Context, batch []*request, err error) {
	switch {
	case err == nil:
	case away(err):
		fail(batch, err)
	case len(batch) == 1:
		e.quarantine(ctx, batch[0], err)
	default:
		for _, half := range [][]*request{batch[:len(batch)/2], batch[len(batch)/2:]} {
			e.settle(ctx, half, e.ingest(ctx, half))
		}
	}
}

func fail(batch []*request, err error) {
	for _, r := range batch {
		r.err = err
	}
}

func answer(batch []*request) {
	for _, r := range batch {
		close(r.done)
	}
}

// away tells that the database was not there, so nothing is wrong with what was asked.
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
	if errors.Is(err, store.ErrUnknown) && e.wasStored(ctx, in) {
		err = nil
	}
	if away(err) || err != nil && ctx.Err() != nil { // a statement that was called off has many names
		return &core.Error{Kind: core.Unavailable, Text: "the database does not answer", Err: err,
			Do: "Send it again in a few seconds."}
	}
	if err != nil {
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

// intake is one batch inside its transaction.
type intake struct {
	rows  []store.EventRow // one an event, in order
	works []*work          // whose alert each event belongs to; nil: none
	sums  []string
	keys  []string
	kept  []store.EventRow // bodies that could not be stored as events
	of    []*work          // the alert that says so, for each
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
		if r.unreadable {
			n++
		}
	}
	ids, err := tx.EventIDs(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("draw event ids: %w", err)
	}
	in := &intake{}
	for _, r := range batch {
		var w *work
		for _, ev := range r.Events {
			row := store.EventRow{ID: ids[0], Correlation: r.Correlation, Source: r.Source, At: u.now, Type: ev.Type}
			ids = ids[1:]
			if w, err = e.event(ctx, tx, u, open, &row, ev); err != nil {
				return nil, err
			}
			in.add(row, w, ev)
		}
		if r.unreadable {
			in.kept = append(in.kept, store.EventRow{ID: ids[0], Correlation: r.Correlation, Source: r.Source, At: u.now,
				Outcome: core.OutcomeUnreadable, Reason: "could not be stored", Body: r.Raw})
			in.of, ids = append(in.of, w), ids[1:]
		}
	}
	u.finally = func(ctx context.Context) error { return in.save(ctx, tx) }
	return in, nil
}

// save writes the events' rows, now that every alert has its id.
func (in *intake) save(ctx context.Context, tx *store.Tx) error {
	number := func(rows []store.EventRow, works []*work) {
		for i, w := range works {
			if w != nil {
				rows[i].Alert = w.alert.ID
			}
		}
	}
	number(in.rows, in.works)
	number(in.kept, in.of)
	if err := tx.InsertEvents(ctx, slices.Concat(in.rows, in.kept)); err != nil {
		return fmt.Errorf("insert events: %w", err)
	}
	return nil
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
	if !ok {
		row.Outcome, row.Reason = core.OutcomeDropped, because(row.Reason, "the source was deleted")
		return nil, nil
	}
	if ev.Policy == 0 {
		ev.Policy = u.snap.routed(ev.RoutingKey)
	}
	candidates, err := open.candidates(ctx, tx, src, ev)
	if err != nil {
		return nil, err
	}
	join, create, note := core.Route(src, ev, candidates.OpenAlerts, u.now)
	w := candidates.work(join)
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
		env.Snoozed, env.SnoozedBy, env.SnoozedAs = s.Until, s.By, s.Severity
	}
	d, err := u.apply(w, core.EventArrived{ID: row.ID, Event: ev}, env)
	if err != nil {
		return nil, err
	}
	if err := u.resolveChildren(ctx, tx, w); err != nil {
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

// wasStored answers the question after a lost COMMIT: is the batch there? It only reads,
// so it asks again as long as there is time and the database does not say.
func (e *Engine) wasStored(ctx context.Context, in *intake) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askAgainTime)
	defer cancel()
	for {
		var there bool
		err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
			there, err = tx.HasEvent(ctx, in.rows[0].ID, in.rows[0].Correlation)
			return err
		})
		if err == nil {
			return there
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// quarantine keeps a request that cannot be stored as it is: the raw bytes stay, and one
// alert of the source says that something unreadable came. Nothing is lost, and the
// sender is not made to try for ever.
func (e *Engine) quarantine(ctx context.Context, r *request, cause error) {
	e.log.Error("store events", "source", r.Source, "err", cause)
	ev := core.Event{Type: core.EventAlert, Key: unreadableKey, Priority: core.High,
		Summary: fmt.Sprintf("%s sends events that cannot be stored", e.Snapshot().source(r.Source).Name),
		Details: "The first one's body is kept as it came, under correlation id " + r.Correlation + "."}
	plain := newRequest(Request{Source: r.Source, Events: []core.Event{ev}, Correlation: r.Correlation, Raw: r.body()})
	plain.unreadable = true
	if r.err = e.ingest(ctx, []*request{plain}); r.err != nil {
		return
	}
	e.stats.Quarantined.Add(1)
	e.stats.Outcomes[core.OutcomeUnreadable].Add(int64(len(r.Events)))
	r.results = make([]Result, len(r.Events))
	for i, ev := range r.Events {
		r.results[i] = Result{Outcome: core.OutcomeUnreadable, Alert: plain.results[0].Alert, Key: ev.Key, Summary: ev.Summary,
			Reason: "could not be stored as it is; kept, and an alert says so"}
	}
}

// body is the request as it came, or as near to it as there is.
func (r *request) body() []byte {
	if len(r.Raw) > 0 {
		return r.Raw
	}
	text, err := json.Marshal(r.Events)
	if err != nil {
		return fmt.Appendf(nil, "%+v", r.Events)
	}
	return text
}
