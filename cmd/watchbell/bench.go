package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type benchCmd struct {
	URL      string        `var:"WATCHBELL_URL" name:"url" default:"http://127.0.0.1:8080" help:"the service [$WATCHBELL_URL]"`
	Keys     []string      `name:"key" required:"" placeholder:"KEY" help:"integration keys to send to, in turn"`
	Clients  int           `default:"64" help:"connections that send at the same time"`
	Duration time.Duration `default:"10s" help:"how long, at most"`
	Count    int64         `help:"how many events, at most; 0: as many as the duration allows"`
	Rate     float64       `help:"events a second, sent on time whether or not answers come (open model); 0: as fast as answers come (closed model)"`
	Open     int           `help:"distinct alert keys; events beyond them repeat. 0: every event is a new alert"`
	JSON     bool          `name:"json" help:"print the result as JSON"`
}

// benchResult is what a run measured. Latencies count from when a request was due, so a
// server that stalls cannot hide it.
type benchResult struct {
	Sent      int64            `json:"sent"`
	Accepted  int64            `json:"accepted"`
	Seconds   float64          `json:"seconds"`
	PerSecond float64          `json:"acceptedPerSecond"`
	P50       float64          `json:"p50Millis"`
	P99       float64          `json:"p99Millis"`
	Max       float64          `json:"maxMillis"`
	Refused   map[string]int64 `json:"refused,omitempty"` // by status, or what went wrong
}

func (c *benchCmd) Run(a *app) error {
	if c.Clients < 1 || c.Duration <= 0 || c.Rate < 0 || c.Open < 0 || c.Count < 0 {
		fmt.Fprintln(a.err, "watchbell: --clients and --duration are more than 0; --rate, --open and --count are not less")
		return exit(exitUsage)
	}
	r := c.load(a.ctx)
	if err := c.print(a, r); err != nil {
		return err
	}
	if r.Accepted == 0 {
		return exit(exitFindings)
	}
	return nil
}

func (c *benchCmd) print(a *app, r benchResult) error {
	if c.JSON {
		return json.NewEncoder(a.out).Encode(r)
	}
	fmt.Fprintf(a.out, "%d accepted of %d in %.1f s: %.0f/s · p50 %.1f ms · p99 %.1f ms · max %.1f ms\n",
		r.Accepted, r.Sent, r.Seconds, r.PerSecond, r.P50, r.P99, r.Max)
	for what, n := range r.Refused {
		fmt.Fprintf(a.out, "%d × %s\n", n, what)
	}
	return nil
}

// bencher is one run.
type bencher struct {
	*benchCmd
	client *http.Client
	run    string // makes this run's alert keys its own
	next   atomic.Int64
	begin  time.Time

	mu      sync.Mutex // guards what follows
	took    []time.Duration
	refused map[string]int64
}

func (c *benchCmd) load(ctx context.Context) benchResult {
	b := &bencher{benchCmd: c, begin: time.Now(), refused: map[string]int64{}, run: strconv.FormatInt(time.Now().UnixNano(), 36),
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: c.Clients, MaxConnsPerHost: c.Clients}}}
	ctx, cancel := context.WithDeadline(ctx, b.begin.Add(c.Duration))
	defer cancel()
	var clients sync.WaitGroup
	for range c.Clients {
		clients.Go(func() { b.work(ctx) })
	}
	clients.Wait()
	return b.result(time.Since(b.begin))
}

func (b *bencher) work(ctx context.Context) {
	for ctx.Err() == nil {
		n := b.next.Add(1) - 1
		if b.Count > 0 && n >= b.Count {
			return
		}
		due := time.Now()
		if b.Rate > 0 {
			due = b.begin.Add(time.Duration(float64(n) / b.Rate * float64(time.Second)))
			if !wait(ctx, time.Until(due)) {
				return
			}
		}
		what := b.send(ctx, n)
		b.mu.Lock()
		if what == "" {
			b.took = append(b.took, time.Since(due))
		} else if ctx.Err() == nil {
			b.refused[what]++
		}
		b.mu.Unlock()
	}
}

// send posts one event; it returns what went wrong, "" if it was accepted.
func (b *bencher) send(ctx context.Context, n int64) string {
	key := n
	if b.Open > 0 {
		key = n % int64(b.Open)
	}
	body := fmt.Sprintf(`{"eventType":"ALERT","summary":"bench: load %d","alertKey":"bench/%s/%d","labels":{"run":"%s"}}`, key, b.run, key, b.run)
	url := b.URL + "/api/events/" + b.Keys[key%int64(len(b.Keys))]
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, url, bytes.NewBufferString(body))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.client.Do(req)
	if err != nil {
		return err.Error()
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return resp.Status
	}
	return ""
}

func (b *bencher) result(took time.Duration) benchResult {
	slices.Sort(b.took)
	r := benchResult{Accepted: int64(len(b.took)), Sent: int64(len(b.took)), Seconds: took.Seconds(), Refused: b.refused}
	for _, n := range b.refused {
		r.Sent += n
	}
	r.PerSecond = float64(r.Accepted) / r.Seconds
	at := func(q float64) float64 {
		if len(b.took) == 0 {
			return 0
		}
		return float64(b.took[min(int(q*float64(len(b.took))), len(b.took)-1)].Microseconds()) / 1000
	}
	r.P50, r.P99, r.Max = at(0.5), at(0.99), at(1)
	return r
}
