package normalize

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/watchbell/watchbell/core"
)

// variants calls f with the body changed in one place at a time: each member and item
// left out, then replaced by values of every type. path names the place.
func variants(t *testing.T, body []byte, f func(path string, body []byte)) {
	t.Helper()
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	say := func(path string) {
		b, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		f(path, b)
	}
	others := []any{nil, 0, -1, 1.5, "", " ", "\u0000", true, []any{}, []any{1}, map[string]any{}, map[string]any{"a": nil}, strings.Repeat("x", 10<<10)}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				old := v[name]
				delete(v, name)
				say(path + "." + name)
				for _, other := range others {
					v[name] = other
					say(path + "." + name)
				}
				v[name] = old
				walk(path+"."+name, old)
			}
		case []any:
			for i, old := range v {
				for _, other := range others {
					v[i] = other
					say(path + ".[]")
				}
				v[i] = old
				walk(path+".[]", old)
			}
		}
	}
	walk("", root)
}

// lethal are the members that decide whether there is an event at all. Everything else
// may be missing or nonsense, and a problem stays a page.
var lethal = map[string][]string{
	"generic":      {".eventType", ".summary"},
	"alertmanager": {".alerts"},
	"grafana":      {".alerts", ".state"},
}

func TestNoSingleFieldLosesAPage(t *testing.T) {
	for file, raw := range recorded(t) {
		if !strings.HasSuffix(file, "problem.json") {
			continue
		}
		folder := strings.Split(file, "/")[1]
		variants(t, raw.Body, func(path string, body []byte) {
			events, err := tool(file)(Raw{Body: body, Header: raw.Header})
			if err == nil {
				mustBeSound(t, body, events)
			}
			if slices.Contains(lethal[folder], path) {
				if err != nil && core.KindOf(err) != core.Invalid {
					t.Errorf("%s without %s: %v is not Invalid", file, path, err)
				}
				return
			}
			if err != nil || !slices.ContainsFunc(events, func(e core.Event) bool { return e.Type == core.EventAlert }) {
				t.Errorf("%s with %s changed makes no alert: %v, %v\n%.300s", file, path, events, err, body)
			}
		})
	}
}

func TestEveryFieldMayBeAnything(t *testing.T) {
	for file, raw := range recorded(t) {
		if !strings.HasSuffix(file, ".json") || strings.HasSuffix(file, "problem.json") || strings.HasSuffix(file, "recovery.json") {
			continue
		}
		variants(t, raw.Body, func(path string, body []byte) {
			events, err := tool(file)(Raw{Body: body, Header: raw.Header})
			if err != nil && core.KindOf(err) != core.Invalid {
				t.Errorf("%s with %s changed: %v is not Invalid", file, path, err)
			}
			mustBeSound(t, body, events)
		})
	}
}

// mustBeSound asserts what holds for the events of any body whatever.
func mustBeSound(t testing.TB, body []byte, events []core.Event) {
	t.Helper()
	for _, e := range events {
		switch {
		case e.Type < core.EventAlert || e.Type > core.EventComment:
			t.Errorf("type %d from %.300q", e.Type, body)
		case e.Type == core.EventAlert && strings.TrimSpace(e.Summary) == "":
			t.Errorf("no summary from %.300q", body)
		case e.Type != core.EventAlert && (e.Priority != 0 || e.Severity != 0):
			t.Errorf("%s with a priority from %.300q", e.Type, body)
		case len([]rune(e.Summary)) > core.MaxSummary || strings.ContainsAny(e.Summary, "\r\n"):
			t.Errorf("summary %q is not one line of at most %d", e.Summary, core.MaxSummary)
		case len(e.Links) > core.MaxLinks || len(e.Images) > core.MaxLinks || len(e.Labels) > core.MaxLabels:
			t.Errorf("%d links, %d images, %d labels", len(e.Links), len(e.Images), len(e.Labels))
		case e.Custom != nil && !json.Valid(e.Custom):
			t.Errorf("custom is no JSON: %.300q", e.Custom)
		case e.By != 0 || e.Policy != 0 || e.Responders != nil || e.Again != 0:
			t.Errorf("members that are ours were taken from %.300q", body)
		}
		for _, l := range e.Links {
			if !strings.HasPrefix(l.Href, "http://") && !strings.HasPrefix(l.Href, "https://") {
				t.Errorf("link %q from %.300q", l.Href, body)
			}
		}
	}
}
