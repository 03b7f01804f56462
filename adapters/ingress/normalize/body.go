package normalize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// maxItems is how many events one request may carry in a list of its own.
const maxItems = 1000

// Items takes a body that is a list apart, so that each item is judged alone; any other
// body is the one item. An empty list stays as it is: what it means is the tool's affair.
func Items(r Raw) ([]Raw, error) {
	v, _, err := read(r)
	if err != nil {
		return nil, err
	}
	var items []Raw
	for item := range v.Items() {
		if len(items) == maxItems {
			return nil, refuse(fmt.Sprintf("The list holds more than %d events.", maxItems), "Send it in several requests.")
		}
		items = append(items, asJSON(r, item.raw))
	}
	if len(items) == 0 {
		return []Raw{r}, nil
	}
	return items, nil
}

// Key is the integration key inside an event of ours (integrationKey, or apiKey as older
// clients call it).
func Key(r Raw) (string, error) {
	v, _, err := read(r)
	if err != nil {
		return "", err
	}
	for _, name := range []string{"integrationKey", "apiKey"} {
		k := v.Get(name)
		if !k.There() {
			continue
		}
		if !k.IsString() {
			return "", refuse(name+" is not a text.", "Send the key of an alert source as a JSON string.")
		}
		if t := strings.TrimSpace(k.Text()); t != "" {
			return t, nil
		}
	}
	return "", refuse("The event has no integrationKey.", "Add the key of the alert source that the event is for.")
}

// Redact is the body as it may be kept: as it came, unless it is JSON with members that
// hold a source's key; these are left out.
func Redact(r Raw) []byte {
	v, _, err := read(r)
	switch {
	case err != nil, !v.hasSecret():
		return r.Body
	case v.IsObject():
		return v.payload()
	}
	var list []json.RawMessage
	for item := range v.Items() {
		list = append(list, item.payload())
	}
	b, err := json.Marshal(list)
	if err != nil {
		return nil // cannot happen: every payload is valid
	}
	return b
}

// asJSON is the request with another body, which is JSON.
func asJSON(r Raw, body []byte) Raw {
	h := http.Header{}
	for name, values := range r.Header {
		h[name] = values
	}
	h.Set("Content-Type", "application/json")
	r.Header, r.Body = h, body
	return r
}

// read takes the body as what it is: JSON, a form (its fields become members), or plain
// text, which comes back as text beside a Value that is not there.
func read(r Raw) (v Value, text string, err error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\uFEFF")))
	switch {
	case len(body) == 0:
		return v, "", refuse("The body is empty.", "Send a JSON event, or a line of text that says what is wrong.")
	case isJSON(media) || looksJSON(body):
		v, err = decode(body)
		if err != nil {
			return v, "", refuse("The body cannot be read: "+err.Error()+".", "Send one JSON value and nothing after it.")
		}
		return v, "", nil
	case media == "application/x-www-form-urlencoded":
		if v, ok := form(string(body)); ok {
			return v, "", nil
		}
	}
	return v, strings.ToValidUTF8(string(body), "\uFFFD"), nil
}

func isJSON(media string) bool {
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}

// looksJSON recognises JSON that is sent as text or, by curl -d, as a form. A line may
// begin with a bracket ("[FIRING] disk full"), so a list must go on like one.
func looksJSON(body []byte) bool {
	if body[0] == '{' {
		return true
	}
	rest := bytes.TrimSpace(body[1:])
	return body[0] == '[' && len(rest) > 0 && strings.IndexByte(`{["]`, rest[0]) >= 0
}

// maxFields is how many fields a form may have; more is text, or an attack.
const maxFields = 1000

// form reads form fields as members. Text that merely came with the content type of a
// form, as curl -d sends it, is none: a form has a field that we know.
func form(body string) (Value, bool) {
	if !strings.Contains(body, "=") || strings.Count(body, "&") >= maxFields {
		return Value{}, false
	}
	fields, err := url.ParseQuery(body)
	if err != nil {
		return Value{}, false
	}
	if p := fields.Get("payload"); strings.HasPrefix(strings.TrimSpace(p), "{") {
		v, err := decode([]byte(p))
		return v, err == nil
	}
	flat := map[string]string{}
	for name, values := range fields {
		flat[name] = values[len(values)-1]
	}
	b, err := json.Marshal(flat)
	if err != nil {
		return Value{}, false
	}
	v := Value{raw: b}.indexed()
	return v, v.First(titles...) != "" || v.First("eventType") != ""
}

// refuse is the error for a request that can never work.
func refuse(what, do string) error {
	return &core.Error{Kind: core.Invalid, Text: what, Do: do}
}
