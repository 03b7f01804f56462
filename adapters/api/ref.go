package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// ref is how a caller names an object: {"id":1}, {"id":"1"}, 1, "1", or by its name.
type ref struct {
	id   int64
	name string
}

func (r ref) given() bool { return r.id != 0 || r.name != "" }

func (r ref) String() string {
	if r.name != "" {
		return "“" + core.Line(r.name, 40) + "”"
	}
	return strconv.FormatInt(r.id, 10)
}

func refOf(text string) ref {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ref{id: id}
	}
	return ref{name: strings.TrimSpace(text)}
}

// UnmarshalJSON reads any of the forms.
func (r *ref) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case bytes.Equal(b, []byte("null")):
		return nil
	case b[0] == '{':
		var object struct {
			ID       json.RawMessage `json:"id"`
			Username string          `json:"username"`
			Name     string          `json:"name"`
		}
		if err := json.Unmarshal(b, &object); err != nil {
			return err
		}
		*r = ref{name: object.Username + object.Name}
		if object.ID == nil {
			return nil
		}
		return r.scalar(object.ID)
	}
	return r.scalar(b)
}

func (r *ref) scalar(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*r = refOf(text)
		return nil
	}
	var id int64
	if err := json.Unmarshal(b, &id); err != nil {
		return errors.New("an id is a whole number")
	}
	*r = ref{id: id}
	return nil
}

func (c *call) user(r ref) (core.User, bool) {
	if r.name != "" {
		return c.snap.UserNamed(r.name)
	}
	u, found := c.snap.Users[core.UserID(r.id)]
	return u, found
}

func (c *call) source(r ref) (core.Source, bool) {
	if r.name != "" {
		return c.snap.SourceNamed(r.name)
	}
	s, found := c.snap.Sources[core.SourceID(r.id)]
	return s, found
}

func (c *call) policy(r ref) (core.Policy, bool) {
	if r.name != "" {
		return c.snap.PolicyNamed(r.name)
	}
	p, found := c.snap.Policies[core.PolicyID(r.id)]
	return p, found
}

func (c *call) schedule(r ref) (engine.Schedule, bool) {
	if r.name != "" {
		return c.snap.ScheduleNamed(r.name)
	}
	s, found := c.snap.Schedules[core.ScheduleID(r.id)]
	return s, found
}

// body decodes the request's JSON. Nothing sent is fine, and leaves into as it is.
func (c *call) body(into any) error {
	text, err := io.ReadAll(c.r.Body)
	if err != nil {
		return err
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if !isJSON(c.r.Header.Get("Content-Type")) {
		return &refusal{status: http.StatusUnsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
			text: "The body must be JSON: send the header Content-Type: application/json."}
	}
	return readable(json.Unmarshal(text, into))
}

func isJSON(header string) bool {
	kind, _, err := mime.ParseMediaType(header)
	return header == "" || err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// readable turns what the JSON library says into a sentence with the place.
func readable(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return invalid("%s: a JSON %s cannot be used here.", wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return invalid("The body must be a JSON object.")
	case errors.As(err, &syntax):
		return invalid("The body is no JSON: %s, after %d bytes.", syntax.Error(), syntax.Offset)
	}
	return invalid("The body cannot be read: %s.", err.Error())
}
