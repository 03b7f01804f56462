package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store/storetest"
)

// binary builds the program once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv("WATCHBELL_TEST_BIN"), "watchbell")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "watchbell-test-")
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("WATCHBELL_TEST_BIN", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

const secret = "0123456789abcdef0123456789abcdef"

// process is a real `watchbell serve`, which tests start, kill and start again.
type process struct {
	testing.TB
	dsn, listen, file string
	cmd               *exec.Cmd
	log               *bytes.Buffer
}

// serving starts the program with a configuration and waits until it is ready.
func serving(t testing.TB, dsn, yaml string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "team.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listen := l.Addr().String()
	require.NoError(t, l.Close())
	p := &process{TB: t, dsn: dsn, listen: listen, file: file, log: &bytes.Buffer{}}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program said:\n%s", p.log)
		}
	})
	return p
}

func (p *process) start() {
	p.Helper()
	path, err := binary()
	require.NoError(p, err)
	p.cmd = exec.Command(path, "serve", "--config", p.file, "--listen", p.listen, "--database", p.dsn, "--drain", "500ms")
	p.cmd.Env = append(os.Environ(), "WATCHBELL_SECRET="+secret, "WATCHBELL_ADMIN_KEY=admin-key-0123456789")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	require.NoError(p, p.cmd.Start())
	p.ready()
}

func (p *process) ready() {
	p.Helper()
	require.Eventually(p, func() bool {
		resp, err := http.Get(p.url("/readyz"))
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond, "not ready:\n%s", p.log)
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop is SIGTERM; it returns how long the program took to end.
func (p *process) stop() time.Duration {
	p.Helper()
	begin := time.Now()
	require.NoError(p, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p, p.cmd.Wait())
	return time.Since(begin)
}

func (p *process) url(path string) string { return "http://" + p.listen + path }

// run runs another command of the program on the same database.
func (p *process) run(args ...string) string {
	p.Helper()
	var out, errs bytes.Buffer
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"WATCHBELL_DATABASE": p.dsn, "WATCHBELL_SECRET": secret, "WATCHBELL_PUBLIC_URL": p.url("")}[name]
		return v, ok
	}
	code := run(p.Context(), args, env, streams{strings.NewReader(""), &out, &errs})
	require.Zero(p, code, "%s\n%s", out.String(), errs.String())
	return strings.TrimSpace(out.String())
}

// post sends an event; ok tells whether it was accepted.
func (p *process) post(key, body string) (status int, answer string) {
	resp, err := http.Post(p.url("/api/events/"+key), "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// api asks the REST API with the admin key.
func (p *process) api(method, path string, into any) {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, p.url(path), nil)
	require.NoError(p, err)
	req.Header.Set("Authorization", "Bearer admin-key-0123456789")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(p, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(p, err)
	require.Less(p, resp.StatusCode, 300, "%s %s: %s", method, path, b)
	if into != nil {
		require.NoError(p, json.Unmarshal(b, into), "%s", b)
	}
}

// person is somebody signed in to the web chat.
type person struct {
	*process
	client *http.Client
}

func (p *process) signin(user string) *person {
	p.Helper()
	link := p.run("signin", user)
	_, token, ok := strings.Cut(link, "#token=")
	require.True(p, ok, link)
	jar, err := cookiejar.New(nil)
	require.NoError(p, err)
	who := &person{p, &http.Client{Jar: jar}}
	who.chat(http.MethodPost, "/signin", map[string]string{"token": token}, nil)
	return who
}

func (p *person) chat(method, path string, body, into any) {
	p.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(p, err)
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(p.Context(), method, p.url("/chat/api"+path), r)
	require.NoError(p, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	require.NoError(p, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(p, err)
	require.Less(p, resp.StatusCode, 300, "%s %s: %s", method, path, b)
	if into != nil {
		require.NoError(p, json.Unmarshal(b, into), "%s", b)
	}
}

// post as the web chat's API shows it.
type chatPost struct {
	ID   int64
	Text string
	Card *struct {
		Alert    int64
		Status   string
		Headline string
		Actions  []struct{ Action, Label string }
	}
}

// posts reads a conversation by name; "" is the person's own.
func (p *person) posts(name string) []chatPost {
	p.Helper()
	var list struct {
		Conversations []struct {
			ID         int64
			Name, Kind string
		}
	}
	p.chat(http.MethodGet, "/conversations", nil, &list)
	for _, c := range list.Conversations {
		if c.Name == name || name == "" && c.Kind == "direct" {
			var got struct{ Posts []chatPost }
			p.chat(http.MethodGet, fmt.Sprintf("/conversations/%d/posts?limit=100", c.ID), nil, &got)
			return got.Posts
		}
	}
	p.Fatalf("there is no conversation %q in %+v", name, list)
	return nil
}

// onBoth runs a test with the DSN of a fresh database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "w.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.PostgresDurable(t)) })
}

// eventually waits in real time: these are the few stories that run outside a bubble.
func eventually(t require.TestingT, within time.Duration, what string, ok func() bool) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for !ok() {
		if !wait(ctx, 50*time.Millisecond) {
			require.FailNow(t, "not within "+within.String()+": "+what)
		}
	}
}
