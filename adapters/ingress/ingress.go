package ingress

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/watchbell/watchbell/adapters/ingress/normalize"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// patience bounds how long a commit or a look at the configuration may take.
const patience = 4500 * time.Millisecond

// Options are what New needs beside the engine.
type Options struct {
	Log      *slog.Logger  // nil: discards
	BodyTime time.Duration // how long a body may take to arrive; 0: 15 s
}

// Ingress is the HTTP face toward monitors.
type Ingress struct {
	engine     *engine.Engine
	store      func(ctx context.Context, q engine.Request) ([]engine.Result, error)
	log        *slog.Logger
	bodyTime   time.Duration
	commitSize int
	strangers  room // bodies that name their source inside
	known      room // bodies of a known source: strangers cannot take its room
}

// New makes the ingress of one engine.
func New(e *engine.Engine, o Options) *Ingress {
	return &Ingress{
		engine:     e,
		store:      e.Ingest,
		log:        cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		bodyTime:   cmp.Or(o.BodyTime, 15*time.Second),
		commitSize: commitSize,
		strangers:  room{size: roomBytes},
		known:      room{size: roomBytes},
	}
}

// Routes registers the paths of events and beats, for every method.
func (in *Ingress) Routes(mux *http.ServeMux) {
	mux.HandleFunc("/api/events", in.answer(in.keyInside))
	mux.HandleFunc("/api/v1/events", in.answer(in.keyInside))
	mux.HandleFunc("/api/events/{key}", in.answer(in.keyInPath))
	mux.HandleFunc("/api/v1/events/{key}", in.answer(in.keyInPath))
	mux.HandleFunc("/api/events/{type}/{key}", in.answer(in.keyInPath))
	mux.HandleFunc("/api/v1/events/{type}/{key}", in.answer(in.keyInPath))
	in.beatRoutes(mux)
}

// handler answers a request, or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// answer is the one place where a handler's error becomes a reply.
func (in *Ingress) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Correlation-Id", rand.Text())
		err := onlyPost(r)
		if err == nil {
			err = h(w, r)
		}
		if err == nil {
			return
		}
		if status(err) == http.StatusInternalServerError {
			in.log.Error("answer event", "err", err)
		}
		WriteError(w, err)
	}
}

func onlyPost(r *http.Request) error {
	if r.Method == http.MethodPost {
		return nil
	}
	return refuse(http.StatusMethodNotAllowed, "Events are sent with POST.", "Use POST on this address.")
}

// keyInside takes events of ours that name their source themselves.
func (in *Ingress) keyInside(w http.ResponseWriter, r *http.Request) error {
	b, err := in.read(w, r, &in.strangers)
	if err != nil {
		return err
	}
	return in.take(w, r, b, func(ctx context.Context, item normalize.Raw) (core.SourceID, []core.Event, error) {
		key, err := normalize.Key(item)
		if err != nil {
			return 0, nil, err
		}
		s, err := in.source(ctx, key)
		if err != nil {
			return 0, nil, err
		}
		events, err := normalize.Event(item)
		return s.ID, events, err
	})
}

// keyInPath takes what a tool sends; which tool, the path says, else the source.
func (in *Ingress) keyInPath(w http.ResponseWriter, r *http.Request) error {
	s, err := in.source(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	b, err := in.read(w, r, &in.known)
	if err != nil {
		return err
	}
	translate := normalize.By(r.PathValue("type"), s.Type)
	return in.take(w, r, b, func(_ context.Context, item normalize.Raw) (core.SourceID, []core.Event, error) {
		events, err := translate(item)
		return s.ID, events, err
	})
}

// source finds whose key it is. An unknown one may be a minute old, so the configuration
// is looked at again; the engine bounds how often. Known or not takes the same time but
// for that look, which says nothing about any key.
func (in *Ingress) source(ctx context.Context, key string) (core.Source, error) {
	if s, ok := in.engine.Snapshot().SourceByKey(key); ok {
		return s, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	fresh, err := in.engine.Refresh(ctx)
	if err != nil {
		return core.Source{}, &core.Error{Kind: core.Unavailable, Err: err,
			Text: "The database does not answer, so the key cannot be looked up.", Do: "Send it again in a few seconds."}
	}
	if s, ok := fresh.SourceByKey(key); ok {
		return s, nil
	}
	return core.Source{}, &core.Error{Kind: core.NotFound,
		Text: "No alert source has this integration key.", Do: "Copy the whole key, or the whole address, from the alert source."}
}
