package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

// tale tells the demo's story with events that a monitor could have sent.
type tale struct {
	engine *engine.Engine
	says   atomic.Pointer[string]
}

func newTale(e *engine.Engine) *tale {
	t := &tale{engine: e}
	t.says.Store(&story[0].say)
	return t
}

// strip is the line above the chat: who you are, and what is going on.
func (t *tale) strip(u core.User) string { return "You are " + u.Name() + ". " + *t.says.Load() }

// tell sends the story's events at their times until ctx ends.
func (t *tale) tell(ctx context.Context) error {
	begin := time.Now()
	for _, b := range story {
		if !wait(ctx, time.Until(begin.Add(b.at))) {
			return nil
		}
		if err := t.send(ctx, b); err != nil {
			return err
		}
	}
	for i := 0; wait(ctx, time.Minute); i++ {
		if err := t.send(ctx, beat{event: eventBeat, key: backup}); err != nil {
			return err
		}
		b := later[i%len(later)]
		b.event = "ALERT"
		if err := t.send(ctx, b); err != nil {
			return err
		}
		if i >= taleOpen-2 {
			old := later[(i-taleOpen+2)%len(later)]
			old.event = "RESOLVE"
			if err := t.send(ctx, old); err != nil {
				return err
			}
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (t *tale) send(ctx context.Context, b beat) error {
	if b.say != "" {
		t.says.Store(&b.say)
	}
	if b.event == "" {
		return nil
	}
	var err error
	switch b.event {
	case eventBeat:
		err = call(ctx, t.engine, b.key)
	case eventCover:
		err = askCover(ctx, t.engine, b.key)
	default:
		_, err = ingest(ctx, t.engine, b)
	}
	if core.KindOf(err) == core.Unavailable || ctx.Err() != nil {
		return nil // the next one comes
	}
	return err
}

// askCover is Cleo, who wants tonight off: from 20:00 to 08:00 on her clock.
func askCover(ctx context.Context, e *engine.Engine, schedule string) error {
	s, ok := e.Snapshot().ScheduleNamed(schedule)
	cleo, known := e.Snapshot().UserNamed("cleo")
	if !ok || !known {
		return fmt.Errorf("the demo has no schedule %q, or no Cleo", schedule)
	}
	zone, err := schedules.Location(cleo.Timezone)
	if err != nil {
		return err
	}
	day := e.Now().In(zone)
	if day.Hour() >= 20 {
		day = day.AddDate(0, 0, 1)
	}
	from := time.Date(day.Year(), day.Month(), day.Day(), 20, 0, 0, 0, zone)
	_, err = e.AskCover(ctx, engine.Deed{Who: e.Snapshot().Viewer(cleo.ID), Actor: "demo"}, schedules.AskCover{Anyone: true, Message: "Concert.",
		Shifts: []schedules.CoverShift{{Schedule: s.ID, Span: schedules.Span{Start: from, End: from.Add(12 * time.Hour)}}}})
	return err
}

// call is a beat of a heartbeat.
func call(ctx context.Context, e *engine.Engine, name string) error {
	h, ok := e.Snapshot().HeartbeatNamed(name)
	if !ok {
		return fmt.Errorf("the demo has no heartbeat monitor %q", name)
	}
	return e.Beat(ctx, h.ID, core.Beat{})
}

func ingest(ctx context.Context, e *engine.Engine, b beat) (engine.Result, error) {
	src, ok := e.Snapshot().SourceNamed(b.source)
	if !ok {
		return engine.Result{}, fmt.Errorf("the demo has no source %q", b.source)
	}
	kind, err := core.ParseEventType(b.event)
	if err != nil {
		return engine.Result{}, err
	}
	ev := core.Event{Type: kind, Key: b.key, Summary: b.text, Priority: core.Low,
		Labels: map[string]string{"team": "payments", "service": b.key},
		Links:  []core.Link{{Text: "Runbook", Href: "https://example.com/runbooks/" + b.key}}}
	if b.high {
		ev.Priority, ev.Severity = core.High, 2
	}
	results, err := e.Ingest(ctx, engine.Request{Source: src.ID, Events: []core.Event{ev}})
	if err != nil {
		return engine.Result{}, err
	}
	return results[0], nil
}

// yesterday leaves two alerts that were dealt with, so that the channel is not bare, and
// beats of the backup. They are made by an engine whose clock shows yesterday.
func (t *tale) yesterday(ctx context.Context) error {
	now := t.engine.Now()
	for _, ago := range backupBeats {
		_, err := t.at(ctx, now.Add(-ago), func(e *engine.Engine) (engine.Result, error) {
			return engine.Result{}, call(ctx, e, backup)
		})
		if err != nil {
			return err
		}
	}
	ben, _ := t.engine.Snapshot().UserNamed("ben")
	past := []struct {
		beat
		ago, accept, fix time.Duration
	}{
		{beat{source: "prometheus", key: "search", text: "search: index is 40 minutes old", high: true}, 26 * time.Hour, 50 * time.Second, 18 * time.Minute},
		{beat{source: "prometheus", key: "cdn", text: "cdn: cache hit rate fell to 31 %", high: true}, 21 * time.Hour, 3 * time.Minute, 41 * time.Minute},
	}
	for _, p := range past {
		begin := t.engine.Now().Add(-p.ago)
		r, err := t.at(ctx, begin, func(e *engine.Engine) (engine.Result, error) {
			p.event = "ALERT"
			return ingest(ctx, e, p.beat)
		})
		if err != nil {
			return err
		}
		_, err = t.at(ctx, begin.Add(p.accept), func(e *engine.Engine) (engine.Result, error) {
			_, err := e.Do(ctx, engine.Command{Alert: r.Alert, By: ben.ID, Actor: "demo", Input: core.Accept{By: ben.ID}})
			return r, err
		})
		if err != nil {
			return err
		}
		_, err = t.at(ctx, begin.Add(p.fix), func(e *engine.Engine) (engine.Result, error) {
			p.event = "RESOLVE"
			return ingest(ctx, e, p.beat)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// at runs fn on the same database with a clock that stands still.
func (t *tale) at(ctx context.Context, when time.Time, fn func(*engine.Engine) (engine.Result, error)) (engine.Result, error) {
	e, err := t.engine.At(ctx, when)
	if err != nil {
		return engine.Result{}, err
	}
	return fn(e)
}
