package normalize

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/watchbell/watchbell/core"
)

var update = flag.Bool("update", false, "rewrite the golden events; read the difference")

// recorded are the bodies under testdata, by tool and name.
func recorded(t testing.TB) map[string]Raw {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]Raw{}
	for _, file := range files {
		ext := filepath.Ext(file)
		media := map[string]string{".json": "application/json", ".txt": "text/plain", ".form": "application/x-www-form-urlencoded"}[ext]
		if media == "" {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies[file] = Raw{Body: b, Header: http.Header{"Content-Type": {media}}}
	}
	if len(bodies) < 30 {
		t.Fatalf("testdata holds %d bodies; some are lost", len(bodies))
	}
	return bodies
}

func tool(file string) Func { return By(filepath.Base(filepath.Dir(file)), "") }

func show(t testing.TB, events []core.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(events); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRecordedBodiesGiveTheirGoldenEvents(t *testing.T) {
	for file, raw := range recorded(t) {
		events, err := tool(file)(raw)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got := show(t, events)
		golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s gave\n%s\nwant\n%s", file, got, want)
		}
	}
}

func TestRecoveryMeetsItsProblem(t *testing.T) {
	bodies := recorded(t)
	keys := func(file string, want core.EventType) (keys []string) {
		events, err := tool(file)(bodies[file])
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, e := range events {
			if e.Type != want {
				t.Errorf("%s: got %s, want %s", file, e.Type, want)
			}
			keys = append(keys, core.FoldKey(e.Key))
		}
		return keys
	}
	for file := range bodies {
		if !strings.HasSuffix(file, "recovery.json") {
			continue
		}
		problem := strings.TrimSuffix(file, "recovery.json") + "problem.json"
		if strings.HasSuffix(file, "unknown_recovery.json") {
			problem = "testdata/generic/unknown.json"
		}
		got, want := keys(file, core.EventResolve), keys(problem, core.EventAlert)
		if strings.Join(got, " ") != strings.Join(want, " ") || strings.Join(got, "") == "" {
			t.Errorf("%s has the keys %q, its problem %q", file, got, want)
		}
	}
}

func TestNothingIsMadeOfBodiesThatSayNothing(t *testing.T) {
	for file, raw := range recorded(t) {
		if !strings.HasSuffix(file, "nothing.json") && !strings.HasSuffix(file, "pending.json") {
			continue
		}
		if events, err := tool(file)(raw); err != nil || len(events) != 0 {
			t.Errorf("%s gave %d events, error %v", file, len(events), err)
		}
	}
}

func TestKeysOfSourcesAreNotKept(t *testing.T) {
	for file, raw := range recorded(t) {
		events, err := tool(file)(raw)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		kept := append(show(t, events), Redact(raw)...)
		for _, secret := range []string{"must-not-be-kept", "il1api0123456789"} {
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s: %q is kept", file, secret)
			}
		}
	}
}
