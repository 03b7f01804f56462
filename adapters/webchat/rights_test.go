package webchat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
)

func TestALinkOnAnotherSiteLeadsHere(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	status := func(method, path string, mode, dest string) int {
		b.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {mode}, "Sec-Fetch-Dest": {dest}}
		got, _ := b.do(method, path, nil)
		return got
	}
	require.Equal(t, 200, status("GET", "/chat/signin", "navigate", "document"))
	require.Equal(t, 303, status("GET", "/chat", "navigate", "document"))
	require.Equal(t, 403, status("GET", "/chat/signin", "navigate", "iframe"))
	require.Equal(t, 403, status("GET", "/chat/signin", "no-cors", "image"))
	require.Equal(t, 403, status("GET", "/chat/static/app.js", "no-cors", "script"))
	require.Equal(t, 403, status("GET", "/chat/api/me", "navigate", "document"), "what the API says is for the page")
	require.Equal(t, 403, status("POST", "/chat/api/signout", "navigate", "document"))
}

func TestNobodyActsAsWhoHasTheirNameAsAnAccount(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	ask := func() string {
		status, body := b.post(fmt.Sprintf("conversations/%d/messages", w.conversation("payments").ID), object{"text": "/alert"})
		require.Equal(t, 200, status, body)
		return w.last().Actor.Account
	}
	require.Equal(t, "ana", ask())
	w.apply(strings.NewReplacer("identities: {webchat: ana}", "identities: {}", "identities: {webchat: ben}", "identities: {webchat: ana}").Replace(team))
	owner, _ := w.e.Snapshot().UserOf("webchat", "ana")
	require.Equal(t, "ben", owner.Username)
	_, known := w.e.Snapshot().UserOf("webchat", ask())
	require.False(t, known, "Ana has no account, and Ben's is not hers")
}

// secret has a private team whose source posts to a channel of its own, and a guest.
const secret = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, role: USER, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, role: USER, identities: {webchat: ben}}
  - {username: gus, firstName: Gus, email: gus@example.com, role: GUEST, identities: {webchat: gus}}
teams: [{name: secret, visibility: PRIVATE, members: [{user: ana, role: USER}]}]
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 5, users: [ana]}]}
  - {name: hidden, teams: [secret], escalationRules: [{escalationTimeout: 5, users: [ana]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments", "webchat:both"]}
  - {name: vault, integrationKey: il1vaul-0123456789, escalationPolicy: payments, teams: [secret], conversations: ["webchat:vaults", "webchat:both"]}
  - {name: safe, integrationKey: il1safe-0123456789, escalationPolicy: hidden, conversations: ["webchat:safes"]}
`

func TestAChannelIsHiddenFromWhoMaySeeNoneOfItsSources(t *testing.T) {
	w := newWorld(t)
	w.apply(secret)
	w.conversation("lounge") // of no source
	for name, want := range map[string][]string{
		"ana": {"payments", "both", "vaults", "safes", "lounge"},
		"ben": {"payments", "both", "lounge"},
		"gus": {"lounge"},
	} {
		b := w.as(name)
		stream := b.listen(t.Context(), 0)
		_, body := b.get("conversations")
		var seen []string
		for _, c := range body["conversations"].([]any) {
			if c.(object)["kind"] == "channel" {
				seen = append(seen, c.(object)["name"].(string))
			}
		}
		require.ElementsMatch(t, want, seen, name)
		for _, ref := range []string{"payments", "both", "vaults", "safes", "lounge"} {
			may := strings.Contains(strings.Join(want, " "), ref)
			post := w.send(ref, bot.Message{Card: *said(ref)})
			status, _ := b.get(fmt.Sprintf("conversations/%d/posts", w.conversation(ref).ID))
			require.Equal(t, may, status == 200, "%s reads %s: %d", name, ref, status)
			status, _ = b.post(fmt.Sprintf("conversations/%d/messages", w.conversation(ref).ID), object{"text": "/alert"})
			require.Equal(t, may, status == 200, "%s types in %s: %d", name, ref, status)
			status, _ = b.post(fmt.Sprintf("posts/%s/actions", post), object{"action": "accept:1"})
			require.Equal(t, may, status == 200, "%s presses in %s: %d", name, ref, status)
			if may {
				e, ok := stream.next()
				require.True(t, ok)
				require.Equal(t, ref, e.post.Text, "the stream of %s", name)
			}
		}
		stream.end()
	}
}
