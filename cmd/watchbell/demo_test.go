package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// written collects what a running program writes.
type written struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(b)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// demo runs the demo in this process until the test ends, and returns its address.
func demo(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var out, errs written
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo", "--listen", "127.0.0.1:0"}, func(string) (string, bool) { return "", false },
			streams{strings.NewReader(""), &out, &errs})
	}()
	t.Cleanup(func() {
		stop()
		require.Zero(t, <-done, errs.String())
	})
	address := regexp.MustCompile(`http://\S+?/chat`)
	eventually(t, 20*time.Second, "the demo prints where it is", func() bool { return address.MatchString(out.String()) })
	return strings.TrimSuffix(address.FindString(out.String()), "/chat")
}

// choose signs in as one of the demo's people.
func choose(t *testing.T, base, user string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	p := &person{&process{TB: t, listen: strings.TrimPrefix(base, "http://")}, &http.Client{Jar: jar}}
	p.chat(http.MethodPost, "/signin", map[string]string{"user": user}, nil)
	return p
}

func TestTheDemoPagesAnaAndAnAcceptEndsIt(t *testing.T) {
	base := demo(t)
	ana := choose(t, base, "ana")
	var page chatPost
	eventually(t, 10*time.Second, "Ana is paged", func() bool {
		for _, post := range ana.posts("") {
			if post.Card != nil && post.Card.Status == "PENDING" && strings.Contains(post.Card.Headline, "checkout") {
				page = post
			}
		}
		return page.ID != 0
	})
	require.Equal(t, "Accept", page.Card.Actions[0].Label, "the safe next step comes first")
	eventually(t, 10*time.Second, "yesterday's two alerts are there", func() bool {
		resolved := 0
		for _, post := range ana.posts("payments") {
			if post.Card != nil && post.Card.Status == "RESOLVED" {
				resolved++
			}
		}
		return resolved == 2
	})
	var answer struct{ Replies []chatPost }
	ana.chat(http.MethodPost, fmt.Sprintf("/posts/%d/actions", page.ID), map[string]any{"action": page.Card.Actions[0].Action, "values": map[string]string{}}, &answer)
	eventually(t, 15*time.Second, "her page and the channel show it", func() bool {
		shown := 0
		for _, name := range []string{"", "payments"} {
			for _, post := range ana.posts(name) {
				if post.Card != nil && post.Card.Alert == page.Card.Alert && post.Card.Status == "ACCEPTED" {
					shown++
				}
			}
		}
		return shown == 2
	})
	for _, post := range choose(t, base, "ben").posts("") {
		require.Nil(t, post.Card, "Ben never hears of it: %s", post.Text)
	}
}

func TestTheDemoTakesACurlLine(t *testing.T) {
	base := demo(t)
	resp, err := http.Post(base+"/api/events/il1prom-demo-key-0123456789", "application/x-www-form-urlencoded", strings.NewReader("disk full on db-3"))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	var got struct {
		Events []struct {
			Summary, Outcome string
			AlertID          int64
		}
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
	require.Equal(t, "disk full on db-3", got.Events[0].Summary)
	require.Equal(t, "created", got.Events[0].Outcome)
	dora := choose(t, base, "dora")
	eventually(t, 15*time.Second, "the card is in the channel", func() bool {
		for _, post := range dora.posts("payments") {
			if post.Card != nil && post.Card.Alert == got.Events[0].AlertID {
				return true
			}
		}
		return false
	})
}
