package ingress

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// retryAfter is what senders are asked to wait after a 503, in seconds.
const retryAfter = "2"

// refusal is an error of HTTP itself, for which core has no kind.
type refusal struct {
	status   int
	text, do string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, text, do string) error { return &refusal{status, text, do} }

// WriteError answers with an error's status and, as body, {"status","message","code"}. Of
// what is our own fault it says nothing. Nothing may have been written before.
func WriteError(w http.ResponseWriter, err error) {
	code := status(err)
	h := w.Header()
	switch code {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter)
	case http.StatusMethodNotAllowed:
		if h.Get("Allow") == "" {
			h.Set("Allow", http.MethodPost)
		}
	case http.StatusRequestTimeout, http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // the rest of the body is not worth reading
	}
	writeJSON(w, code, struct {
		Status  int    `json:"status"`
		Message string `json:"message"`
		Code    string `json:"code"`
	}{code, message(err, code), wireCode(err, code)})
}

// status is the HTTP status that an error means.
func status(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	switch core.KindOf(err) {
	case core.Invalid:
		return http.StatusBadRequest
	case core.NotFound:
		return http.StatusNotFound
	case core.Denied:
		return http.StatusForbidden
	case core.Conflict:
		return http.StatusConflict
	case core.Unavailable:
		return http.StatusServiceUnavailable
	case core.Internal:
	}
	return http.StatusInternalServerError
}

// message is what a person may read: what happened and what to do.
func message(err error, status int) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.text + " " + r.do
	}
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case status == http.StatusInternalServerError:
		return "Something went wrong on our side."
	case !ok:
		return "The event could not be stored in time. Send it again in a few seconds."
	}
	return e.Say()
}

// wireCode is the error's own code, else the status as a word.
func wireCode(err error, status int) string {
	code := ""
	if e, ok := errors.AsType[*core.Error](err); ok {
		code = e.Code
	}
	return cmp.Or(code, strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_")))
}

// writeJSON writes a whole reply. What cannot be written goes to nobody: the sender is
// gone.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own plain structs come here
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
