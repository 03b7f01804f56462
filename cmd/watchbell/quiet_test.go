package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pushes is a server that takes notifications and keeps them.
type pushes struct {
	*httptest.Server
	mu  sync.Mutex
	got []push // guarded by mu
}

type push struct{ topic, message, auth, accept string }

func newPushes(t *testing.T) *pushes {
	p := &pushes{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var actions []struct{ URL string }
		_ = json.Unmarshal([]byte(r.Header.Get("Actions")), &actions)
		one := push{topic: strings.TrimPrefix(r.URL.Path, "/"), message: string(body), auth: r.Header.Get("Authorization")}
		if len(actions) == 1 {
			one.accept = actions[0].URL
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, one)
		fmt.Fprintf(w, `{"id":"n%d","event":"message"}`, len(p.got))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *pushes) all() []push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]push{}, p.got...)
}

func withPhone(server string) string {
	return strings.Replace(quick, "identities: {webchat: ana}", "identities: {webchat: ana, ntfy: ana-7Qf3k}", 1) +
		"ntfy: {url: \"" + server + "\", token: {env: WATCHBELL_SECRET}}\n"
}

// TestAPhoneIsPagedAndAccepts is a person's night: a push, one press, quiet.
func TestAPhoneIsPagedAndAccepts(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		phone := newPushes(t)
		p := serving(t, dsn, strings.ReplaceAll(withPhone(phone.URL), "2s", "60s"))
		status, answer := p.post("il1prom-0123456789", `{"eventType":"ALERT","summary":"db-3 down","alertKey":"db-3"}`)
		require.Equal(t, http.StatusAccepted, status, answer)
		eventually(t, 10*time.Second, "the phone has the page", func() bool { return len(phone.all()) == 1 })
		got := phone.all()[0]
		require.Equal(t, "ana-7Qf3k", got.topic)
		require.Equal(t, "Bearer "+secret, got.auth)
		require.Contains(t, got.message, "db-3 down (payments) is pending: accept by")
		u, err := url.Parse(got.accept)
		require.NoError(t, err)
		require.Equal(t, p.listen, u.Host)
		require.Equal(t, http.StatusOK, visit(t, http.MethodGet, got.accept))
		var a apiAlert
		p.api(http.MethodGet, "/api/alerts/1", &a)
		require.Equal(t, "PENDING", a.Status, "a look changes nothing")
		require.Equal(t, http.StatusOK, visit(t, http.MethodPost, got.accept))
		p.api(http.MethodGet, "/api/alerts/1", &a)
		require.Equal(t, "ACCEPTED", a.Status)
	})
}

func visit(t *testing.T, method, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	r, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	return r.StatusCode
}

func TestATestPagePrintsEachHop(t *testing.T) {
	phone := newPushes(t)
	env := database(t)
	env["WATCHBELL_SECRET"] = secret
	file := write(t, withPhone(phone.URL))
	code, _, errs := command(t, env, "apply", file)
	require.Zero(t, code, errs)
	code, out, errs := command(t, env, "test", "@ana", "--config", file)
	require.Zero(t, code, errs)
	require.Regexp(t, `(?m)^webchat: taken after \d+ ms\.$`, out)
	require.Regexp(t, `(?m)^ntfy: taken after \d+ ms\.$`, out)
	require.Len(t, phone.all(), 1)
	require.Contains(t, phone.all()[0].message, "Test from the operator, nobody else is paged: press Accept")

	phone.Close()
	code, out, _ = command(t, env, "test", "@ana", "--config", file)
	require.Equal(t, exitFindings, code)
	require.Contains(t, out, "ntfy: not taken: reach the ntfy server")
	require.NotContains(t, out, "7Qf3k", "a topic is a secret")
	code, _, errs = command(t, env, "test", "@nobody", "--config", file)
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "nobody")
	code, _, errs = command(t, env, "test", "prometheus")
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "not available yet")
}

func TestCheckJudgesThePlatformsBlocks(t *testing.T) {
	path := write(t, "users:\n  - {username: ana, role: ADMIN, identities: {ntfy: \"not a topic\"}}\nntfy: {url: nowhere, tokn: {env: X}}\n")
	code, out, _ := command(t, nil, "check", path)
	require.Equal(t, exitFindings, code)
	require.Contains(t, out, path+":3:7: ntfy: ")
	require.Contains(t, out, "tokn")
	require.Contains(t, out, path+":2:5: identities.ntfy: The ntfy topic “not a topic” is none")
	for line := range strings.Lines(out) {
		require.Regexp(t, `^\S+:\d+:\d+: \S+: .+`, line)
	}
	code, out, errs := command(t, nil, "check", write(t, withPhone("https://ntfy.example.com")))
	require.Zero(t, code, out)
	require.NotContains(t, errs, "warning")
	code, _, errs = command(t, nil, "check", write(t, strings.Replace(withPhone("https://ntfy.example.com"), "{env: WATCHBELL_SECRET}", "tk_abc", 1)))
	require.Zero(t, code)
	require.Contains(t, errs, "ntfy.token: The token stands in the file")
	require.NotContains(t, errs, "tk_abc")
}

func TestServeNeedsTheTokensThatItsFileNames(t *testing.T) {
	env := database(t)
	file := write(t, strings.Replace(withPhone("https://ntfy.example.com"), "WATCHBELL_SECRET", "NO_SUCH_TOKEN", 1))
	code, _, errs := command(t, env, "apply", file)
	require.Zero(t, code, "apply needs no platform's token: %s", errs)
	code, _, errs = command(t, env, "serve", "--config", file, "--listen", "127.0.0.1:0")
	require.Equal(t, exitFindings, code)
	require.Contains(t, errs, "ntfy.token: ")
	require.Contains(t, errs, "NO_SUCH_TOKEN")
}
