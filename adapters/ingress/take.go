package ingress

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/adapters/ingress/normalize"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// commitSize is how many events of one request go into a commit: as many as a list may
// hold. A group of thousands in one would take longer than anybody waits, each time it is
// sent.
const commitSize = 1000

// judge says whose an item is and which events it holds.
type judge func(ctx context.Context, item normalize.Raw) (core.SourceID, []core.Event, error)

// entry is one event on its way, or one item that was refused.
type entry struct {
	source  core.SourceID
	event   core.Event
	refused error
	result  engine.Result
}

// take judges each item of the body alone, commits what can be used, and replies.
func (in *Ingress) take(w http.ResponseWriter, r *http.Request, b body, j judge) error {
	ctx := context.WithoutCancel(r.Context())
	items, err := normalize.Items(b.raw)
	if err != nil {
		return err
	}
	entries, err := sift(ctx, items, j)
	if err != nil {
		return err
	}
	flag(entries, b)
	if err := in.commit(ctx, entries, b, w.Header().Get("Correlation-Id")); err != nil {
		return err
	}
	return reply(w, r, entries, len(items) > 1)
}

// sift turns items into entries. It fails if no item can be used, with the first reason,
// or if something else than an item is wrong.
func sift(ctx context.Context, items []normalize.Raw, j judge) ([]*entry, error) {
	var entries []*entry
	var first error
	refused := 0
	for _, item := range items {
		source, events, err := j(ctx, item)
		if err != nil && core.KindOf(err) != core.Invalid && core.KindOf(err) != core.NotFound {
			return nil, err
		}
		if err != nil {
			if first == nil {
				first = err
			}
			refused++
			entries = append(entries, &entry{refused: err})
			continue
		}
		for _, e := range events {
			entries = append(entries, &entry{source: source, event: e})
		}
	}
	if refused == len(items) {
		return nil, first
	}
	return entries, nil
}

// flag remarks on text that could not be kept as it came; the first event of the request
// keeps the bytes.
func flag(entries []*entry, b body) {
	kept := false
	written := bytes.Contains(b.came, []byte("\uFFFD")) || bytes.Contains(bytes.ToLower(b.came), []byte(`\ufffd`)) // by the sender
	for _, e := range entries {
		if e.refused == nil && (b.mended || !written && marked(e.event)) {
			e.event.Remarks = append(e.event.Remarks, "text: what is not Unicode was replaced")
			if !kept {
				e.event.Raw, kept = b.kept(), true
			}
		}
	}
}

func marked(e core.Event) bool {
	return strings.Contains(e.Summary+e.Details+e.Key, "\uFFFD")
}

// commit hands the events to the engine, those of one source together and in their order.
// Its error means that nothing was stored. Once something was, the sender must not repeat
// it: what cannot be stored any more is refused, each event by itself.
func (in *Ingress) commit(ctx context.Context, entries []*entry, b body, correlation string) error {
	stored := false
	for _, part := range in.parts(entries) {
		err := in.ingest(ctx, part[0].source, part, b, correlation)
		switch {
		case err == nil:
			stored = true
			continue
		case !stored:
			return err
		}
		in.log.Warn("store the rest of a request", "correlation", correlation, "err", err)
		refuseRest(entries, err)
		return nil
	}
	return nil
}

// refuseRest refuses what has no result yet.
func refuseRest(entries []*entry, cause error) {
	for _, e := range entries {
		if e.refused == nil && e.result.Event == 0 && e.result.Outcome == 0 {
			e.refused = &core.Error{Kind: core.Unavailable, Text: "This event could not be stored.", Do: "Try again: send it by itself in a few seconds.", Err: cause}
		}
	}
}

// parts are the commits of a request.
func (in *Ingress) parts(entries []*entry) (parts [][]*entry) {
	var sources []core.SourceID
	bySource := map[core.SourceID][]*entry{}
	for _, e := range entries {
		if e.refused != nil {
			continue
		}
		if bySource[e.source] == nil {
			sources = append(sources, e.source)
		}
		bySource[e.source] = append(bySource[e.source], e)
	}
	for _, s := range sources {
		parts = slices.AppendSeq(parts, slices.Chunk(bySource[s], in.commitSize))
	}
	return parts
}

func (in *Ingress) ingest(ctx context.Context, source core.SourceID, entries []*entry, b body, correlation string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	q := engine.Request{Source: source, Raw: b.kept(), Correlation: correlation}
	for _, e := range entries {
		q.Events = append(q.Events, e.event)
	}
	results, err := in.store(ctx, q)
	if err != nil {
		return err
	}
	for i, e := range entries {
		e.result = results[i]
	}
	return nil
}
