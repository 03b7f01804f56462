package ingress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// beatRoutes registers the paths of heartbeats. A signal after the key says how a run
// stands: start, fail, or its exit code.
func (in *Ingress) beatRoutes(mux *http.ServeMux) {
	for _, path := range []string{"/api/heartbeats/{key}", "/api/v1/heartbeats/{key}", "/api/pings/{key}"} {
		mux.HandleFunc(path, in.answerBeat)
		mux.HandleFunc(path+"/{signal}", in.answerBeat)
	}
}

func (in *Ingress) answerBeat(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		WriteError(w, refuse(http.StatusMethodNotAllowed, "Heartbeats call with GET, HEAD or POST.", "Use one of these."))
		return
	}
	if err := in.beat(w, r); err != nil {
		if status(err) == http.StatusInternalServerError {
			in.log.Error("take a beat", "err", err)
		}
		WriteError(w, err)
		return
	}
	writeJSON(w, http.StatusAccepted, struct{}{})
}

func (in *Ingress) beat(w http.ResponseWriter, r *http.Request) error {
	b, err := signal(r.PathValue("signal"))
	if err != nil {
		return err
	}
	h, err := in.heartbeat(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	b.Body = in.said(w, r)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	return in.engine.Beat(ctx, h.ID, b)
}

// signal reads what follows the key.
func signal(s string) (core.Beat, error) {
	switch s {
	case "":
		return core.Beat{}, nil
	case "start":
		return core.Beat{Kind: core.BeatStarted}, nil
	case "fail":
		return core.Beat{Kind: core.BeatFailed}, nil
	}
	code, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return core.Beat{}, refuse(http.StatusUnprocessableEntity, "After the key stands start, fail, an exit code from 0 to 255, or nothing.",
			"Correct the address; this call was not taken as a beat.")
	}
	if code == 0 {
		return core.Beat{}, nil
	}
	return core.Beat{Kind: core.BeatFailed, Code: int(code)}, nil
}

// heartbeat finds whose key it is, as source does. That it is a source's is said to who
// has the key: it is no secret to them.
func (in *Ingress) heartbeat(ctx context.Context, key string) (engine.Heartbeat, error) {
	snap := in.engine.Snapshot()
	if h, ok := snap.HeartbeatByKey(key); ok {
		return h, nil
	}
	if _, ok := snap.SourceByKey(key); !ok {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		var err error
		if snap, err = in.engine.Refresh(ctx); err != nil {
			return engine.Heartbeat{}, &core.Error{Kind: core.Unavailable, Err: err,
				Text: "The database does not answer, so the key cannot be looked up.", Do: "Send it again in a few seconds."}
		}
		if h, ok := snap.HeartbeatByKey(key); ok {
			return h, nil
		}
	}
	if _, ok := snap.SourceByKey(key); ok {
		return engine.Heartbeat{}, core.Errorf(core.Invalid, "This is the key of an alert source. Use the key of a heartbeat monitor here.")
	}
	return engine.Heartbeat{}, &core.Error{Kind: core.NotFound,
		Text: "No heartbeat monitor has this integration key.", Do: "Copy the whole key, or the whole address, from the monitor."}
}

// said is the beginning of the body, as text that can be shown. A body that is too long,
// too slow or broken is no reason to lose a beat.
func (in *Ingress) said(w http.ResponseWriter, r *http.Request) string {
	if r.Method != http.MethodPost || r.ContentLength == 0 {
		return ""
	}
	c := http.NewResponseController(w)
	deadline := c.SetReadDeadline(time.Now().Add(min(in.bodyTime, beatBodyTime))) == nil
	b, err := io.ReadAll(io.LimitReader(r.Body, core.MaxBeatBody))
	if deadline {
		_ = c.SetReadDeadline(time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || len(b) == core.MaxBeatBody {
		w.Header().Set("Connection", "close") // the rest is not worth reading
	}
	return core.BodyText(b)
}

// beatBodyTime is how long a beat's body may take to arrive: nobody is told that it was
// cut, so the call is not held up for it.
const beatBodyTime = time.Second
