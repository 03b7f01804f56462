package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nights is a team of four of whom Cleo is on call, always.
const nights = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Berlin, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: cleo, firstName: Cleo, email: cleo@example.com, timezone: Europe/Berlin, role: RESPONDER, identities: {webchat: cleo}}
  - {username: emil, firstName: Emil, email: emil@example.com, timezone: Europe/Berlin, role: RESPONDER, identities: {webchat: emil}}
schedules:
  - {name: primary, timezone: Europe/Berlin, scheduleLayers: [
      {name: all, startsOn: "2026-01-05T09:00", rotation: P1D, users: [ana, ben, emil]},
      {name: cleo, startsOn: "2026-01-05T09:00", rotation: P7D, users: [cleo]}]}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 5, schedules: [primary]}]}
alertSources:
  - {name: prometheus, integrationType: PROMETHEUS, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments"]}
`

// say types something in the person's own conversation and returns the answers as text.
func (p *person) say(text string) string {
	p.Helper()
	var got struct{ Replies []chatPost }
	p.chat(http.MethodPost, fmt.Sprintf("/conversations/%d/messages", p.own()), map[string]string{"text": text}, &got)
	var out []string
	for _, r := range got.Replies {
		out = append(out, r.Text)
	}
	return strings.Join(out, "\n")
}

// own is the id of the person's own conversation.
func (p *person) own() int64 {
	p.Helper()
	var list struct {
		Conversations []struct {
			ID   int64
			Kind string
		}
	}
	p.chat(http.MethodGet, "/conversations", nil, &list)
	for _, c := range list.Conversations {
		if c.Kind == "direct" {
			return c.ID
		}
	}
	p.Fatal("no conversation of one's own")
	return 0
}

// press presses a button of the first post in the own conversation whose text has these
// words, once it is there. A form is sent with the values.
func (p *person) press(words, label string, values map[string]string) string {
	p.Helper()
	var post chatPost
	action := ""
	eventually(p, 10*time.Second, "a button "+label+" on "+words, func() bool {
		for _, post = range p.posts("") {
			if post.Card == nil || !strings.Contains(post.Text, words) {
				continue
			}
			for _, a := range post.Card.Actions {
				if strings.HasPrefix(a.Label, label) {
					action = a.Action
					return true
				}
			}
		}
		return false
	})
	var got struct {
		Replies []chatPost
		Form    *struct{ ID string }
	}
	p.chat(http.MethodPost, fmt.Sprintf("/posts/%d/actions", post.ID), map[string]any{"action": action, "values": map[string]string{}}, &got)
	if got.Form != nil {
		p.chat(http.MethodPost, "/forms/"+got.Form.ID, map[string]any{"values": values}, &got)
	}
	var out []string
	for _, r := range got.Replies {
		out = append(out, r.Text)
	}
	return strings.Join(out, "\n")
}

// paged tells whether the person's own conversation has a page of an alert.
func (p *person) paged(alert string) bool {
	for _, post := range p.posts("") {
		if post.Card != nil && post.Card.Alert != 0 && strings.Contains(post.Text, alert) {
			return true
		}
	}
	return false
}

// TestFourPeopleArrangeCover asks anyone; one takes a part that begins in seconds, another
// the rest, the first gives it back; whoever has the instant is paged.
func TestFourPeopleArrangeCover(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		p := serving(t, dsn, nights)
		ana, ben, cleo, emil := p.signin("ana"), p.signin("ben"), p.signin("cleo"), p.signin("emil")
		all := map[string]*person{"ana": ana, "ben": ben, "cleo": cleo, "emil": emil}
		pages := func(alert, want string) {
			t.Helper()
			status, answer := p.post("il1prom-0123456789", fmt.Sprintf(`{"eventType":"ALERT","summary":%q,"alertKey":%q}`, alert, alert))
			require.Equal(t, http.StatusAccepted, status, answer)
			eventually(t, 10*time.Second, want+" is paged for "+alert, func() bool { return all[want].paged(alert) })
			for name, other := range all {
				require.True(t, name == want || !other.paged(alert), "%s is paged for %s", name, alert)
			}
		}
		at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05Z") }
		pages("alert-before", "cleo")

		require.Contains(t, cleo.say("/cover ask anyone primary now 6h a concert"), "c1")
		soon := time.Now().Add(4 * time.Second)
		got := ben.press("asks you", "Take part", map[string]string{"from": soon.UTC().Format("2006-01-02T15:04:05Z"), "to": at(3 * time.Hour)})
		require.Contains(t, got, "You cover Cleo: primary")
		pages("alert-early", "cleo")
		eventually(t, 10*time.Second, "Ben's part has begun", func() bool { return time.Now().After(soon.Add(time.Second)) })
		pages("alert-part", "ben")

		ana.press("asks you", "Decline", map[string]string{"reason": "away"})
		emil.press("asks you", "Accept", nil)
		require.Contains(t, ana.say("/cover accept c1"), "Emil was first")
		eventually(t, 10*time.Second, "all cards say who covers", func() bool {
			for _, who := range all {
				n := 0
				for _, post := range who.posts("") {
					if strings.Contains(post.Text, "✅") && strings.Contains(post.Text, "c1") {
						n++
					}
				}
				if n == 0 {
					return false
				}
			}
			return true
		})
		pages("alert-still", "ben")
		require.Contains(t, ana.say("/oncall primary at "+at(4*time.Hour)), "Emil until")

		ben.press("✅", "Undo", nil)
		pages("alert-back", "cleo")
		require.Contains(t, ana.say("/oncall primary at "+at(4*time.Hour)), "Emil until", "his part is his own")
		eventually(t, 10*time.Second, "Cleo is told", func() bool {
			for _, post := range cleo.posts("") {
				if strings.Contains(post.Text, "Ben gave back what was taken of c1") {
					return true
				}
			}
			return false
		})
		require.Contains(t, emil.say("/override cancel "+overrideOf(t, p, "emil")), "is cancelled: Cleo is on call")
		p.run("doctor")
	})
}

// overrideOf is the number of somebody's override that is not over.
func overrideOf(t *testing.T, p *process, user string) string {
	t.Helper()
	var list []struct {
		ID   int64
		User struct{ Username string }
	}
	p.api(http.MethodGet, "/api/schedules/primary/overrides", &list)
	for _, o := range list {
		if o.User.Username == user {
			return fmt.Sprintf("o%d", o.ID)
		}
	}
	t.Fatalf("no override of %s in %+v", user, list)
	return ""
}
