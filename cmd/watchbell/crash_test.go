package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// quick is a team whose levels last seconds, for tests in real time.
const quick = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: cleo, firstName: Cleo, email: cleo@example.com, timezone: America/New_York, role: USER, identities: {webchat: cleo}}
escalationPolicies:
  - name: payments
    escalationRules: [{escalationTimeout: 2s, users: [ana]}, {escalationTimeout: 2s, users: [ben]}, {escalationTimeout: 2s, users: [cleo]}]
alertSources:
  - {name: prometheus, integrationType: PROMETHEUS, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments"]}
`

type logEntry struct {
	LogEntryType string            `json:"logEntryType"`
	Vars         map[string]string `json:"vars"`
}

type apiAlert struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
}

func TestKillNineLosesNoStepAndDoublesNone(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		p := serving(t, dsn, quick)
		status, answer := p.post("il1prom-0123456789", `{"eventType":"ALERT","summary":"db-3 down","alertKey":"db-3"}`)
		require.Equal(t, http.StatusAccepted, status, answer)
		for range 3 { // in the middle of each level
			<-time.After(1500 * time.Millisecond)
			p.kill()
			<-time.After(300 * time.Millisecond)
			p.start()
		}
		entries := func(kind string) (n int) {
			var log []logEntry
			p.api(http.MethodGet, "/api/alerts/1/log-entries?include=vars&max-results=100", &log)
			for _, e := range log {
				if e.LogEntryType == kind+"LogEntry" {
					n++
				}
			}
			return n
		}
		eventually(t, 30*time.Second, "the escalation ends", func() bool { return entries("AlertEscalationEnded") > 0 })
		require.Equal(t, 2, entries("AlertEscalatedToLevel"), "each further level starts once")
		require.Equal(t, 1, entries("AlertEscalationEnded"))
		ana := p.signin("ana")
		eventually(t, 10*time.Second, "the card shows the end", func() bool {
			cards := 0
			for _, post := range ana.posts("payments") {
				if post.Card != nil && post.Card.Alert == 1 {
					cards++
				}
			}
			return cards == 1
		})
		pages := 0
		for _, post := range p.signin("ben").posts("") {
			if post.Card != nil && post.Card.Alert == 1 {
				pages++
			}
		}
		require.GreaterOrEqual(t, pages, 1, "Ben was paged")
		require.LessOrEqual(t, pages, 2, "at most one duplicate for the kill")
		p.run("doctor")
	})
}

func TestKillNineLosesNoAcceptedEvent(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		p := serving(t, dsn, quick)
		var mu sync.Mutex
		accepted := map[string]bool{}
		var senders sync.WaitGroup
		stop := make(chan struct{})
		for s := range 8 {
			senders.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					key := fmt.Sprintf("s%d-%d", s, i)
					status, _ := p.post("il1prom-0123456789", `{"eventType":"ALERT","summary":"load","priority":"LOW","alertKey":"`+key+`"}`)
					if status == http.StatusAccepted {
						mu.Lock()
						accepted[key] = true
						mu.Unlock()
					}
				}
			})
		}
		for range 3 {
			<-time.After(700 * time.Millisecond)
			p.kill()
			p.start()
		}
		close(stop)
		senders.Wait()
		require.NotEmpty(t, accepted)
		found := map[string]int{}
		for offset := 0; ; offset += 100 {
			var page []struct{ AlertKey string }
			p.api(http.MethodGet, fmt.Sprintf("/api/alerts?max-results=100&start-index=%d", offset), &page)
			for _, a := range page {
				found[a.AlertKey]++
			}
			if len(page) < 100 {
				break
			}
		}
		for key := range accepted {
			require.Equal(t, 1, found[key], "event %s was accepted", key)
		}
		t.Logf("%d events accepted, %d alerts found", len(accepted), len(found))
	})
}

func TestSIGTERMEndsInTimeAndLosesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		p := serving(t, dsn, quick)
		var accepted, refused int
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				status, _ := p.post("il1prom-0123456789", fmt.Sprintf(`{"eventType":"ALERT","summary":"load","priority":"LOW","alertKey":"k%d"}`, i))
				switch status {
				case http.StatusAccepted:
					accepted++
				case 0: // the listener is closed
					return
				default:
					refused++
				}
			}
		}()
		<-time.After(500 * time.Millisecond)
		require.Less(t, p.stop(), 10*time.Second)
		<-done
		p.start()
		var got struct{ Count int }
		p.api(http.MethodGet, "/api/alerts/count", &got)
		require.Equal(t, accepted, got.Count)
		require.Zero(t, refused)
	})
}
