package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store/storetest"
)

// The figures of docs/performance.md, each measured on real processes: the program, the
// load generator and the database apart. Ratios are against pgbench on the same server in
// the same run. Run them alone: go test -run '^$' -bench Speed -benchtime 1x ./cmd/watchbell

const sources = 64

// shadowTeam has many sources whose alerts page nobody and are shown nowhere: what is
// left is what it costs to accept an alert.
func shadowTeam() string {
	var b strings.Builder
	b.WriteString("users:\n  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}\n")
	b.WriteString("escalationPolicies:\n  - {name: p, escalationRules: [{escalationTimeout: 60, users: [ana]}]}\nalertSources:\n")
	for i := range sources {
		fmt.Fprintf(&b, "  - {name: s%d, integrationKey: %s, escalationPolicy: p, paging: shadow}\n", i, key(i))
	}
	return b.String()
}

func key(i int) string { return fmt.Sprintf("il1bench-%08d", i) }

// load runs the generator as a process of its own.
func (p *process) load(args ...string) benchResult {
	p.Helper()
	path, err := binary()
	require.NoError(p, err)
	args = append([]string{"bench", "--json", "--url", p.url("")}, args...)
	for i := range sources {
		args = append(args, "--key", key(i))
	}
	out, err := exec.Command(path, args...).Output()
	require.NoError(p, err)
	var r benchResult
	require.NoError(p, json.Unmarshal(out, &r), "%s", out)
	require.Empty(p, r.Refused)
	return r
}

// ruler is pgbench: single-row inserts with a unique index, 64 clients.
func ruler(b *testing.B, dsn string) float64 {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(b, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS ruler (id BIGSERIAL PRIMARY KEY, k TEXT NOT NULL UNIQUE, v TEXT NOT NULL)`)
	require.NoError(b, err)
	script := filepath.Join(b.TempDir(), "insert.sql")
	require.NoError(b, os.WriteFile(script, []byte("INSERT INTO ruler (k, v) VALUES (md5(random()::text || clock_timestamp()), 'disk full on db-3');\n"), 0o644))
	out, err := exec.Command("pgbench", "-n", "-M", "prepared", "-f", script, "-c", "64", "-j", "2", "-T", "8", dsn).CombinedOutput()
	require.NoError(b, err, "%s", out)
	m := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	require.NotNil(b, m, "%s", out)
	tps, err := strconv.ParseFloat(string(m[1]), 64)
	require.NoError(b, err)
	return tps
}

// cpu is the processor time that the program and its database server used so far.
func (p *process) cpu(postmaster int) time.Duration {
	p.Helper()
	total := stat(p.cmd.Process.Pid, false)
	if postmaster == 0 {
		return total
	}
	total += stat(postmaster, true) // with the backends that ended
	procs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(p, err)
	for _, dir := range procs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if f := statFields(pid); len(f) > 1 && f[1] == strconv.Itoa(postmaster) {
			total += stat(pid, false)
		}
	}
	return total
}

// statFields are /proc/PID/stat after the name: state, parent, …
func statFields(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

func stat(pid int, children bool) time.Duration {
	f := statFields(pid)
	if len(f) < 15 {
		return 0
	}
	ticks := 0
	for i := 11; i < 13 || children && i < 15; i++ {
		n, _ := strconv.Atoi(f[i])
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func postmaster(b *testing.B, dsn string) int {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), dsn)
	require.NoError(b, err)
	defer conn.Close(b.Context())
	var pid int
	require.NoError(b, conn.QueryRow(b.Context(), "SELECT pg_backend_pid()").Scan(&pid))
	parent, err := strconv.Atoi(statFields(pid)[1])
	require.NoError(b, err)
	return parent
}

// rss is the program's resident memory in MiB.
func (p *process) rss() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(p, err)
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(b)
	require.NotNil(p, m)
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}

func BenchmarkSpeedAccept(b *testing.B) {
	b.Run("postgres", func(b *testing.B) {
		dsn := storetest.PostgresDurable(b)
		for b.Loop() {
			tps := ruler(b, dsn)
			p := serving(b, dsn, shadowTeam())
			p.load("--clients", "64", "--count", "5000")
			server := postmaster(b, dsn)
			before, own := p.cpu(server), p.cpu(0)
			r := p.load("--clients", "64", "--duration", "10s")
			spent := p.cpu(server) - before
			b.ReportMetric(float64((p.cpu(0)-own).Microseconds())/float64(r.Accepted), "µs-program/alert")
			b.ReportMetric(tps, "pgbench-tps")
			b.ReportMetric(r.PerSecond, "alerts/s")
			b.ReportMetric(r.PerSecond/tps, "ratio")
			b.ReportMetric(float64(spent.Microseconds())/float64(r.Accepted), "µs-cpu/alert")
			b.ReportMetric(r.P99, "ms-p99")
			p.kill()
		}
	})
	b.Run("sqlite", func(b *testing.B) {
		for b.Loop() {
			p := serving(b, "sqlite:"+filepath.Join(b.TempDir(), "w.db"), shadowTeam())
			p.load("--clients", "64", "--count", "5000")
			before := p.cpu(0)
			r := p.load("--clients", "64", "--duration", "10s")
			spent := p.cpu(0) - before
			b.ReportMetric(r.PerSecond, "alerts/s")
			b.ReportMetric(float64(spent.Microseconds())/float64(r.Accepted), "µs-cpu/alert")
			b.ReportMetric(r.P99, "ms-p99")
			p.kill()
		}
	})
}

// BenchmarkSpeedOpen compares what an alert costs with few and with many open ones.
func BenchmarkSpeedOpen(b *testing.B) {
	cost := map[int]float64{}
	for _, open := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(open), func(b *testing.B) {
			dsn := storetest.PostgresDurable(b)
			for b.Loop() {
				p := serving(b, dsn, shadowTeam())
				p.load("--clients", "64", "--count", strconv.Itoa(open), "--duration", "5m")
				server := postmaster(b, dsn)
				before := p.cpu(server)
				r := p.load("--clients", "64", "--count", "20000", "--duration", "60s")
				cost[open] = float64((p.cpu(server) - before).Microseconds()) / float64(r.Accepted)
				b.ReportMetric(cost[open], "µs-cpu/alert")
				b.ReportMetric(r.PerSecond, "alerts/s")
				b.ReportMetric(p.rss(), "MiB-rss")
				if open > 1000 {
					b.ReportMetric(cost[open]/cost[1_000], "ratio")
				}
				p.kill()
			}
		})
	}
}

// liveTeam has a person, a policy and a source for each of many, so that nobody's pages
// become a digest.
func liveTeam() string {
	var users, policies, list strings.Builder
	for i := range sources {
		fmt.Fprintf(&users, "  - {username: u%d, firstName: U%d, email: u%d@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: u%d}}\n", i, i, i, i)
		fmt.Fprintf(&policies, "  - {name: p%d, escalationRules: [{escalationTimeout: 60, users: [u%d]}]}\n", i, i)
		fmt.Fprintf(&list, "  - {name: s%d, integrationKey: %s, escalationPolicy: p%d}\n", i, key(i), i)
		fmt.Fprintf(&list, "  - {name: shadow%d, integrationKey: %s, escalationPolicy: p%d, paging: shadow}\n", i, "shadow-"+key(i), i)
	}
	return "users:\n" + users.String() + "escalationPolicies:\n" + policies.String() + "alertSources:\n" + list.String()
}

// BenchmarkSpeedPage measures from the moment an event is sent to the moment its page is
// in the person's stream, at 50 events a second with 20,000 alerts open.
func BenchmarkSpeedPage(b *testing.B) {
	b.Run("postgres", func(b *testing.B) { pageSpeed(b, storetest.PostgresDurable(b)) })
	b.Run("sqlite", func(b *testing.B) { pageSpeed(b, "sqlite:"+filepath.Join(b.TempDir(), "w.db")) })
}

func pageSpeed(b *testing.B, dsn string) {
	for b.Loop() {
		p := serving(b, dsn, liveTeam())
		preload(p, 20_000)
		ctx, cancel := context.WithCancel(b.Context())
		var arrived sync.Map // summary → when
		var readers sync.WaitGroup
		for i := range sources {
			who := p.signin(fmt.Sprintf("u%d", i))
			open := make(chan struct{})
			readers.Go(func() { who.read(ctx, open, &arrived) })
			<-open
		}
		const n = 1000 // 20 s at 50/s: fewer than 20 a person
		sent := make([]time.Time, n)
		begin := time.Now()
		var senders sync.WaitGroup
		for i := range n {
			wait(ctx, time.Until(begin.Add(time.Duration(i)*20*time.Millisecond)))
			sent[i] = time.Now()
			senders.Go(func() {
				status, answer := p.post(key(i%sources), fmt.Sprintf(`{"eventType":"ALERT","summary":"page %d.","alertKey":"page/%d"}`, i, i))
				require.Equal(b, http.StatusAccepted, status, answer)
			})
		}
		senders.Wait()
		eventually(b, 30*time.Second, "all pages arrive", func() bool {
			count := 0
			arrived.Range(func(any, any) bool { count++; return true })
			return count >= n
		})
		cancel()
		readers.Wait()
		took := make([]time.Duration, n)
		for i := range n {
			at, ok := arrived.Load(fmt.Sprintf("page %d.", i))
			require.True(b, ok)
			took[i] = at.(time.Time).Sub(sent[i])
		}
		slices.Sort(took)
		at := func(q float64) float64 { return float64(took[int(math.Floor(q*(n-1)))].Microseconds()) / 1000 }
		b.ReportMetric(at(0.5), "ms-p50")
		b.ReportMetric(at(0.99), "ms-p99")
		b.ReportMetric(at(1), "ms-max")
		p.kill()
	}
}

func preload(p *process, n int) {
	path, err := binary()
	require.NoError(p, err)
	args := []string{"bench", "--json", "--url", p.url(""), "--count", strconv.Itoa(n), "--duration", "5m"}
	for i := range sources {
		args = append(args, "--key", "shadow-"+key(i))
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(p, err, "%s", out)
}

var pageName = regexp.MustCompile(`page \d+\.`)

// read notes when each page arrives in a person's stream; open is closed once it reads.
func (p *person) read(ctx context.Context, open chan<- struct{}, arrived *sync.Map) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url("/chat/api/stream"), nil)
	require.NoError(p, err)
	resp, err := p.client.Do(req)
	require.NoError(p, err)
	defer resp.Body.Close()
	close(open)
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if name := pageName.FindString(lines.Text()); name != "" {
			arrived.LoadOrStore(name, time.Now())
		}
	}
}

// BenchmarkSpeedIdle is the memory of a demo that nobody looks at.
func BenchmarkSpeedIdle(b *testing.B) {
	for b.Loop() {
		p := serving(b, "sqlite:"+filepath.Join(b.TempDir(), "w.db"), quick)
		wait(b.Context(), 5*time.Second)
		b.ReportMetric(p.rss(), "MiB-rss")
		p.kill()
	}
}
