package ingress

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

const (
	apiKey  = "il1api-test-key-0001"
	promKey = "il1prom-test-key-0001"
)

const team = `
users:
  - {username: ana, email: ana@example.com, role: ADMIN}
escalationPolicies:
  - {name: primary, escalationRules: [{users: [ana], escalationTimeout: 5m}]}
alertSources:
  - {name: api, integrationType: API, integrationKey: il1api-test-key-0001, escalationPolicy: primary}
  - {name: prom, integrationType: PROMETHEUS, integrationKey: il1prom-test-key-0001, escalationPolicy: primary}
  - {name: off, integrationType: API, integrationKey: il1off-test-key-0001, escalationPolicy: primary, active: false}
`

// site is a running ingress with its engine on a database in memory.
type site struct {
	t       *testing.T
	engine  *engine.Engine
	ingress *Ingress
	url     string
}

func newSite(t *testing.T, o Options) *site {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	e, err := engine.New(ctx, db, engine.Options{Secret: "a secret for the test, long enough", Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, engine: e}
	s.apply(team)
	mux := http.NewServeMux()
	s.ingress = New(e, o)
	s.ingress.Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// apply makes the configuration what the text says.
func (s *site) apply(text string) {
	s.t.Helper()
	have := s.engine.Snapshot().Config()
	want, problems := config.Parse([]config.File{{Name: "test.yaml", Data: []byte(text)}}, config.Options{Have: &have})
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	plan := config.Diff(have, want, config.DiffOptions{})
	plan.Version = s.engine.Snapshot().Version
	if err := s.engine.ApplyPlan(s.t.Context(), plan, "test"); err != nil {
		s.t.Fatal(err)
	}
}

// answer is a reply as a client reads it.
type answer struct {
	Code   int
	Header http.Header
	Text   string

	Events []struct {
		EventType, AlertKey, Summary, Outcome, Reason string
		Priority                                      *string
		AlertID                                       *int64 `json:"alertId"`
	}
	Status                int
	Message               string
	WireCode              string `json:"code"`
	AlertKey, IncidentKey string
	ResponseCode          string
}

// post sends a body; headers are name, value, name, value.
func (s *site) post(path, body string, headers ...string) answer {
	s.t.Helper()
	return s.send(http.MethodPost, path, strings.NewReader(body), headers...)
}

func (s *site) send(method, path string, body io.Reader, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.readAnswer(resp)
}

func (s *site) readAnswer(resp *http.Response) answer {
	s.t.Helper()
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{Code: resp.StatusCode, Header: resp.Header, Text: string(b)}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &a); err != nil {
			s.t.Fatalf("the reply is no JSON: %q", b)
		}
	}
	return a
}

// outcomes are a reply's outcomes in one line.
func (a answer) outcomes() string {
	var all []string
	for _, e := range a.Events {
		all = append(all, e.Outcome)
	}
	return strings.Join(all, " ")
}

func event(kind, key, summary string) string {
	return fmt.Sprintf(`{"integrationKey":%q,"eventType":%q,"alertKey":%q,"summary":%q}`, apiKey, kind, key, summary)
}

func TestAnEventIsAnAlertWhenTheReplyComes(t *testing.T) {
	s := newSite(t, Options{})
	a := s.post("/api/events", event("ALERT", "db-3/disk", "disk full on db-3"), "Content-Type", "application/json")
	if a.Code != 202 || a.outcomes() != "created" || a.Events[0].AlertID == nil {
		t.Fatalf("got %d %s", a.Code, a.Text)
	}
	if a.Header.Get("Correlation-Id") == "" || a.AlertKey != "db-3/disk" || a.Events[0].EventType != "ALERT" {
		t.Errorf("got %v %s", a.Header, a.Text)
	}
	err := s.engine.DB.Tx(t.Context(), func(tx *store.Tx) error {
		alert, err := tx.Alert(t.Context(), core.AlertID(*a.Events[0].AlertID))
		if err == nil && (alert.Summary != "disk full on db-3" || alert.Status != core.Pending) {
			t.Errorf("got %q, %s", alert.Summary, alert.Status)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOutcomesOfOneProblem(t *testing.T) {
	s := newSite(t, Options{})
	for i, c := range []struct{ kind, key, want string }{
		{"ALERT", "Srv-1", "created"},
		{"ALERT", " srv-1 ", "appended"},
		{"ACCEPT", "srv-1", "accepted"},
		{"ACCEPT", "srv-1", "none"},
		{"COMMENT", "srv-1", "commented"},
		{"ALERT", "SRV-1", "appended"},
		{"RESOLVE", "srv-1", "resolved"},
		{"RESOLVE", "srv-1", "none"},
		{"ALERT", "srv-1", "created"},
		{"RESOLVE", "", "none"},
	} {
		a := s.post("/api/events", event(c.kind, c.key, "server 1 is down"))
		if a.Code != 202 || a.outcomes() != c.want {
			t.Errorf("event %d, %s %q: got %d %s, want %s", i, c.kind, c.key, a.Code, a.Text, c.want)
		}
		if c.want == "none" && a.Events[0].Reason == "" {
			t.Errorf("event %d: nothing happened and no reason is given", i)
		}
	}
}

func TestALineOfTextIsAnAlert(t *testing.T) {
	s := newSite(t, Options{})
	a := s.post("/api/events/"+apiKey, "disk full on db-3", "Content-Type", "application/x-www-form-urlencoded")
	if a.Code != 202 || a.outcomes() != "created" || a.Events[0].Summary != "disk full on db-3" {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
}

func TestThePathOrTheSourceSaysWhichToolSpeaks(t *testing.T) {
	s := newSite(t, Options{})
	const group = `{"receiver":"x","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A"},"fingerprint":"f1"},
		{"status":"resolved","labels":{"alertname":"B"},"fingerprint":"f2"}],"truncatedAlerts":3}`
	for _, c := range []struct{ path, want string }{
		{"/api/v1/events/prometheus/" + promKey, "created none"},
		{"/api/events/no-such-tool/" + promKey, "appended none"},
		{"/api/events/" + promKey, "appended none"},
		{"/api/v1/events/LOKI/" + apiKey, "created none"},
	} {
		a := s.post(c.path, group, "Content-Type", "application/json")
		if a.Code != 202 || a.outcomes() != c.want {
			t.Errorf("%s: got %d %s, want %s", c.path, a.Code, a.Text, c.want)
		}
	}
	if a := s.post("/api/v1/events/prometheus/"+promKey, `{"receiver":"x","alerts":[]}`); a.Code != 202 || strings.TrimSpace(a.Text) != `{"events":[]}` {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
}

func TestAListIsJudgedItemByItem(t *testing.T) {
	s := newSite(t, Options{})
	prom := strings.Replace(event("ALERT", "c", "three"), apiKey, promKey, 1)
	wrong := strings.Replace(event("ALERT", "d", "four"), apiKey, "no-such-key-at-all", 1)
	list := "[" + strings.Join([]string{event("ALERT", "a", "one"), event("OPEN", "b", "two"), prom, wrong, `7`, event("RESOLVE", "a", "")}, ",") + "]"
	a := s.post("/api/v1/events", list)
	if a.Code != 202 || a.outcomes() != "created dropped created dropped dropped resolved" {
		t.Fatalf("got %d %s", a.Code, a.Text)
	}
	if !strings.Contains(a.Events[1].Reason, "eventType") || a.IncidentKey != "" {
		t.Errorf("got %s", a.Text)
	}
	if a := s.post("/api/events", "["+wrong+","+wrong+"]"); a.Code != 404 {
		t.Errorf("only wrong keys: got %d %s", a.Code, a.Text)
	}
}

func TestMoreEventsThanOneCommitTakes(t *testing.T) {
	s := newSite(t, Options{})
	s.ingress.commitSize = 4
	const n = 10
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"status":"firing","fingerprint":"f%d","labels":{"alertname":"A"}},`, i)
	}
	a := s.post("/api/events/"+promKey, `{"receiver":"x","alerts":[`+strings.TrimSuffix(b.String(), ",")+`]}`)
	if a.Code != 202 || len(a.Events) != n {
		t.Fatalf("got %d with %d events", a.Code, len(a.Events))
	}
	seen := map[int64]bool{}
	for i, e := range a.Events {
		if e.AlertKey != fmt.Sprintf("f%d", i) || e.AlertID == nil || seen[*e.AlertID] {
			t.Fatalf("event %d: got %+v", i, e)
		}
		seen[*e.AlertID] = true
	}
}

func TestWhatWasStoredIsNotAskedForAgain(t *testing.T) {
	s := newSite(t, Options{})
	prom := strings.Replace(event("ALERT", "b", "two"), apiKey, promKey, 1)
	away := core.Errorf(core.Unavailable, "the database does not answer")
	var failFrom, calls int
	s.ingress.store = func(ctx context.Context, q engine.Request) ([]engine.Result, error) {
		if calls++; calls >= failFrom {
			return nil, away
		}
		return s.engine.Ingest(ctx, q)
	}
	list := "[" + event("ALERT", "", "one") + "," + prom + "," + event("ALERT", "", "three") + "]"
	failFrom = 1
	if a := s.post("/api/events", list); a.Code != 503 {
		t.Errorf("nothing stored: got %d %s", a.Code, a.Text)
	}
	failFrom, calls = 2, 0
	a := s.post("/api/events", list)
	if a.Code != 202 || a.outcomes() != "created dropped created" {
		t.Fatalf("got %d %s", a.Code, a.Text)
	}
	if got := a.Events[1]; !strings.Contains(got.Reason, "Try again") || got.AlertKey != "b" {
		t.Errorf("got %+v", got)
	}
}

func TestAListOfOneSourceIsOneCommit(t *testing.T) {
	s := newSite(t, Options{})
	commits := 0
	s.ingress.store = func(ctx context.Context, q engine.Request) ([]engine.Result, error) {
		commits++
		return s.engine.Ingest(ctx, q)
	}
	list := "[" + strings.TrimSuffix(strings.Repeat(event("ALERT", "", "x")+",", 1000), ",") + "]"
	if a := s.post("/api/events", list); a.Code != 202 || len(a.Events) != 1000 || commits != 1 {
		t.Errorf("got %d, %d events in %d commits", a.Code, len(a.Events), commits)
	}
}

func TestUnknownKeysAreNotFoundUntilTheyAreMade(t *testing.T) {
	s := newSite(t, Options{})
	const key = "il1new-test-key-0001"
	a := s.post("/api/events/"+key, "x")
	b := s.post("/api/events", strings.Replace(event("ALERT", "", "x"), apiKey, key, 1))
	for _, got := range []answer{a, b} {
		if got.Code != 404 || got.Status != 404 || got.WireCode != "NOT_FOUND" || strings.Contains(got.Text, key) {
			t.Errorf("got %d %s", got.Code, got.Text)
		}
	}
	s.apply(team + "  - {name: new, integrationKey: " + key + ", escalationPolicy: primary}\n")
	if a := s.post("/api/events/"+key, "x"); a.Code != 202 {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
}

func TestASourceThatIsOffDropsAndSaysSo(t *testing.T) {
	s := newSite(t, Options{})
	if a := s.post("/api/events/il1off-test-key-0001", "x"); a.Code != 202 || a.outcomes() != "dropped" || a.Events[0].Reason == "" {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
}

func TestFirstVersionAnswers(t *testing.T) {
	s := newSite(t, Options{})
	alert, accept, resolve := event("ALERT", "z-1", "x"), event("ACCEPT", "z-1", ""), event("RESOLVE", "z-1", "")
	for i, c := range []struct {
		path, body string
		code       int
		wire       string
	}{
		{"/api/v1/events/zabbix-mt/" + apiKey, resolve, 400, "NO_OPEN_INCIDENT_WITH_KEY"},
		{"/api/v1/events/zabbix-mt/" + apiKey, alert, 200, ""},
		{"/api/v1/events", accept, 202, ""},
		{"/api/v1/events", accept, 400, "INCIDENT_ALREADY_ACCEPTED"},
		{"/api/events", accept, 202, ""},
		{"/api/v1/events/push/" + apiKey, accept, 202, ""},
		{"/api/v1/events/nagios/" + apiKey, "[" + accept + "," + accept + "]", 200, ""},
		{"/api/events/checkmk-ext/" + apiKey, resolve, 200, ""},
		{"/api/v1/events/icinga/" + apiKey, resolve, 400, "NO_OPEN_INCIDENT_WITH_KEY"},
		{"/api/v1/events/icinga/" + apiKey, event("ALERT", "z-1", "x"), 200, ""},
	} {
		a := s.post(c.path, c.body)
		if a.Code != c.code || a.WireCode != c.wire {
			t.Errorf("request %d to %s: got %d %s, want %d %s", i, c.path, a.Code, a.Text, c.code, c.wire)
		}
		if first := strings.Contains(c.path, "zabbix") || strings.Contains(c.path, "checkmk"); first && c.code == 200 && a.IncidentKey != "z-1" {
			t.Errorf("request %d: no incidentKey in %s", i, a.Text)
		}
	}
}

func TestAKeyThatCannotBeLookedUpIsTryLater(t *testing.T) {
	s := newSite(t, Options{})
	if err := s.engine.DB.Close(); err != nil {
		t.Fatal(err)
	}
	a := s.post("/api/events/unknown-key-0001", "x")
	if a.Code != 503 || a.Header.Get("Retry-After") == "" || a.Status != 503 {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
}

func TestErrorsSayWhatTheyMay(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("read alert: %w", io.ErrUnexpectedEOF), `{"status":500,"message":"Something went wrong on our side.","code":"INTERNAL_SERVER_ERROR"}`},
		{fmt.Errorf("wrapped: %w", &core.Error{Kind: core.Denied, Text: "No.", Do: "Ask.", Code: "KEY_ERROR", Err: io.EOF}),
			`{"status":403,"message":"No. Ask.","code":"KEY_ERROR"}`},
		{core.Errorf(core.Conflict, "taken"), `{"status":409,"message":"taken","code":"CONFLICT"}`},
		{context.DeadlineExceeded, `{"status":503,"message":"The event could not be stored in time. Send it again in a few seconds.","code":"SERVICE_UNAVAILABLE"}`},
	} {
		w := httptest.NewRecorder()
		WriteError(w, c.err)
		if got := strings.TrimSpace(w.Body.String()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if (w.Code == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%d with Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
	}
}

// shortly is a body time that a test can wait for.
const shortly = 100 * time.Millisecond
