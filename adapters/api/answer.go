package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// answer is what a route answers; no body if body is nil.
type answer struct {
	status   int
	body     any
	location string
	next     string // cursor of the next page; "": there is none
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func (a answer) write(w http.ResponseWriter) {
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.next != "" {
		w.Header().Set("Next-Cursor", a.next)
	}
	if a.body == nil {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(a.status)
		return
	}
	writeJSON(w, a.status, a.body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own shapes can be written
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that is gone is no error
}

// refusal is an error that HTTP has its own status for.
type refusal struct {
	status int
	code   string
	text   string
	retry  string // seconds; "": no Retry-After
}

func (r *refusal) Error() string { return r.text }

// fail is the only place that writes an error.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := refusalOf(err)
	if e.status == http.StatusInternalServerError && !errors.Is(r.Context().Err(), context.Canceled) {
		a.log.Error("answer api", "kind", r.Method+" "+r.Pattern, "err", err)
	}
	if e.retry != "" {
		w.Header().Set("Retry-After", e.retry)
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, e.status, errorBody{Status: e.status, Message: e.text, Code: e.code})
}

func refusalOf(err error) *refusal {
	if e, ok := errors.AsType[*refusal](err); ok {
		return e
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &refusal{status: http.StatusRequestEntityTooLarge, code: "TOO_LARGE", text: "The body is larger than 1 MiB."}
	}
	if errors.Is(err, store.ErrUnknown) {
		return &refusal{status: http.StatusServiceUnavailable, code: "UNAVAILABLE", retry: "1",
			text: "The database was lost while this was being stored; look whether it happened before asking again."}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &refusal{status: http.StatusServiceUnavailable, code: "UNAVAILABLE", retry: "1",
			text: "The database does not answer. Nothing is known to have happened; try again."}
	}
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Kind == core.Internal {
		return &refusal{status: http.StatusInternalServerError, code: "ERROR", text: "Something went wrong on our side."}
	}
	return refusalOfKind(e)
}

func refusalOfKind(e *core.Error) *refusal {
	r := &refusal{text: e.Say()}
	switch e.Kind {
	case core.Invalid:
		r.status, r.code = http.StatusBadRequest, "BAD_REQUEST"
	case core.NotFound:
		r.status, r.code = http.StatusNotFound, "NOT_FOUND"
	case core.Denied:
		r.status, r.code = http.StatusForbidden, "FORBIDDEN"
	case core.Conflict:
		r.status, r.code = http.StatusConflict, "CONFLICT"
	default:
		r.status, r.code, r.retry = http.StatusServiceUnavailable, "UNAVAILABLE", "1"
	}
	if e.Code != "" {
		r.code = e.Code
	}
	return r
}

func invalid(format string, args ...any) error { return core.Errorf(core.Invalid, format, args...) }
