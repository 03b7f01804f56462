package normalize

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/watchbell/watchbell/core"
)

// sidecar is what stands beside a published sample.
type sidecar struct {
	Body        string `json:"body"`
	ContentType string `json:"content_type"`
	Expected    struct {
		Type       string `json:"type"`
		Priority   string `json:"priority"`
		PairKey    string `json:"pair_key"`
		Confidence string `json:"confidence"`
		Events     []struct {
			Type string `json:"type"`
			Key  string `json:"key"`
		} `json:"events"`
	} `json:"expected"`
}

// TestPublishedSamples walks the samples that tools publish, of the tools that we know,
// where the folder with them is at hand (WATCHBELL_FIXTURES). Their licences keep them
// out of the repository.
func TestPublishedSamples(t *testing.T) {
	root := cmp.Or(os.Getenv("WATCHBELL_FIXTURES"), "../../../../shared/fixtures/inbound")
	pairs := map[string]map[string]bool{} // tool/pair key → our keys
	for _, tool := range []string{"ilert-events", "generic-webhook", "alertmanager", "victoriametrics", "grafana", "rollbar", "checkmk"} {
		files, err := filepath.Glob(filepath.Join(root, tool, "*.meta.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			sample(t, tool, file, pairs)
		}
	}
	owner := map[string]string{}
	for pair, keys := range pairs {
		if len(keys) != 1 {
			t.Errorf("%s has the keys %v, want one", pair, keys)
		}
		for key := range keys {
			tool, _, _ := strings.Cut(pair, " ")
			if other := owner[tool+key]; other != "" {
				t.Errorf("%s and %s have one key %q", pair, other, key)
			}
			owner[tool+key] = pair
		}
	}
}

func sample(t *testing.T, tool, file string, pairs map[string]map[string]bool) {
	t.Helper()
	var meta sidecar
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &meta)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(filepath.Join(filepath.Dir(file), meta.Body))
	if err != nil {
		t.Fatal(err)
	}
	want := meta.Expected
	events, err := By(tool, "")(Raw{Body: body, Header: http.Header{"Content-Type": {meta.ContentType}}})
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	if (want.Type == "IGNORE") != (len(events) == 0) || len(want.Events) > 0 && len(want.Events) != len(events) {
		t.Errorf("%s: got %d events, want %s with %d", file, len(events), want.Type, len(want.Events))
		return
	}
	hasType := len(events) == 0
	for i, e := range events {
		hasType = hasType || e.Type.String() == want.Type
		if len(want.Events) > 0 {
			w := want.Events[i]
			if e.Type.String() != w.Type || !strings.HasPrefix(w.Key, "labels ") && e.Key != w.Key {
				t.Errorf("%s: event %d is %s %q, want %s %q", file, i, e.Type, e.Key, w.Type, w.Key)
			}
		}
		if want.Priority != "" && e.Type == core.EventAlert && e.Priority.String() != want.Priority {
			t.Errorf("%s: got priority %q, want %q", file, e.Priority, want.Priority)
		}
	}
	if !hasType && (want.Confidence != "low" || events[0].Type != core.EventAlert) {
		t.Errorf("%s: got %v, want %s", file, events[0].Type, want.Type)
	}
	if want.PairKey == "" {
		return
	}
	all := ""
	for _, e := range events {
		all += " " + core.FoldKey(e.Key)
	}
	pair := tool + " " + want.PairKey
	if pairs[pair] == nil {
		pairs[pair] = map[string]bool{}
	}
	pairs[pair][all] = true
}
