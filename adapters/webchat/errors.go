package webchat

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/watchbell/watchbell/core"
)

// httpError is an error whose status its kind does not say.
type httpError struct {
	status int
	code   string
	text   string
}

func (e *httpError) Error() string { return e.text }

var (
	errNotSignedIn = &httpError{http.StatusUnauthorized, "NOT_SIGNED_IN", "You are not signed in."}
	errLinkSpent   = &httpError{http.StatusForbidden, "LINK_SPENT",
		"This link was used before or is older than ten minutes."}
	errCrossOrigin = &httpError{http.StatusForbidden, "CROSS_ORIGIN", "Requests from other sites are refused."}
	errNoSuchPage  = &httpError{http.StatusNotFound, "NOT_FOUND", "There is nothing here."}
	errNotJSON     = &httpError{http.StatusUnsupportedMediaType, "NOT_JSON", "The body must be application/json."}
	errTooLarge    = &httpError{http.StatusRequestEntityTooLarge, "TOO_LARGE", "The body is larger than 64 KiB."}
)

// fail alone writes error statuses.
func (a *Adapter) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, code, text := http.StatusInternalServerError, "INTERNAL", "Something went wrong on our side."
	if own, ok := errors.AsType[*httpError](err); ok {
		status, code, text = own.status, own.code, own.text
	} else if kind := core.KindOf(err); kind != core.Internal {
		status, code = statusOf(kind)
		text = "Not available right now."
		if known, ok := errors.AsType[*core.Error](err); ok {
			text = known.Text
		}
	} else {
		a.log.Error("answer "+r.Method+" "+r.Pattern, "err", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	answer(w, status, map[string]any{"status": status, "message": text, "code": code})
}

func statusOf(k core.Kind) (int, string) {
	switch k {
	case core.Invalid:
		return http.StatusBadRequest, "INVALID"
	case core.NotFound:
		return http.StatusNotFound, "NOT_FOUND"
	case core.Denied:
		return http.StatusForbidden, "DENIED"
	case core.Conflict:
		return http.StatusConflict, "CONFLICT"
	}
	return http.StatusServiceUnavailable, "UNAVAILABLE"
}

// answer writes a JSON body. A reader that is gone is not an error.
func answer(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
	return nil
}
