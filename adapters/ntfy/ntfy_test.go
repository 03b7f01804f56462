package ntfy_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/ntfy"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

const public = "https://watchbell.example.com/base"

func adapterOf(t *testing.T, s *server) *ntfy.Adapter {
	e := newEngine(t, func() time.Time { return start })
	return ntfy.New(e, s.settings(), ntfy.Options{PublicURL: public})
}

func TestTheAdapterKeepsTheContract(t *testing.T) {
	simtest.Contract(t, func(t *testing.T) simtest.Subject {
		s := newServer(t)
		ana := core.Conversation{ID: 7, Platform: ntfy.Platform, Ref: "@ana-7Qf3k", User: 1}
		return simtest.Subject{Adapter: adapterOf(t, s), Channel: ana, Direct: ana, Account: "ana-7Qf3k",
			Shown: func(_ *testing.T, _ core.Conversation, ref core.PostRef) (string, []string, bool) {
				for _, n := range s.sent() {
					if n.ID == string(ref) {
						var labels []string
						for _, b := range n.Actions {
							labels = append(labels, b.Label)
						}
						return n.Title + "\n" + n.Message, labels, true
					}
				}
				return "", nil, false
			},
			Count: func(*testing.T, core.Conversation) int { return len(s.sent()) },
		}
	})
}

func call(action string) bot.Message {
	return bot.Message{Urgent: true, Call: 1, Key: "k", Card: bot.Card{Alert: 1234, Tone: bot.TonePending, Headline: bot.Text{{Text: "🔴 Pending: db-3"}},
		Actions: []bot.Action{{Action: action, Label: "Accept", Style: bot.Primary}, {Action: "resolve:1234", Label: "Resolve…", Style: bot.Danger}},
		Plain:   "db-3 disk 96 % (payments) is pending: accept by 03:09 or Ben is paged. #1234 ✓"}}
}

var toAna = core.Conversation{ID: 7, Platform: ntfy.Platform, Ref: "@ana-7Qf3k", User: 1}

func TestANotificationSaysWhatALockScreenShows(t *testing.T) {
	s := newServer(t)
	a := adapterOf(t, s)
	ref, err := a.Send(t.Context(), toAna, call("accept:1234"))
	require.NoError(t, err)
	n := s.sent()[0]
	require.Equal(t, string(ref), n.ID)
	require.Len(t, n.Actions, 1)
	require.Regexp(t, `^https://watchbell\.example\.com/base/p/[-_A-Za-z0-9]+/accept$`, n.Actions[0].URL)
	n.Actions[0].URL = "U"
	require.Equal(t, notification{ID: n.ID, Topic: "ana-7Qf3k", Title: "#1234 PENDING", Priority: 5, Tags: []string{"rotating_light"},
		Message: "db-3 disk 96 % (payments) is pending: accept by 03:09 or Ben is paged. #1234 ✓", Click: public + "/",
		Actions: []button{{"http", "Accept", "U", "POST", true}}}, n)

	low, quiet := call("accept:1234"), call("accept:1234")
	low.Urgent = false
	quiet.Urgent, quiet.Quiet = false, true
	quiet.Card.Headline[0].Href = "https://watchbell.example.com/alerts/1234"
	quiet.Card.Actions = quiet.Card.Actions[1:]
	for _, m := range []bot.Message{low, quiet} {
		_, err := a.Send(t.Context(), toAna, m)
		require.NoError(t, err)
	}
	require.Equal(t, 3, s.sent()[1].Priority)
	require.Equal(t, 2, s.sent()[2].Priority)
	require.Equal(t, "https://watchbell.example.com/alerts/1234", s.sent()[2].Click)
	require.Empty(t, s.sent()[2].Actions, "what asks first is no button on a lock screen")
}

func TestWhatAServerRefusesIsJudged(t *testing.T) {
	s := newServer(t)
	a := adapterOf(t, s)
	for _, c := range []struct {
		name   string
		status int
		header string
		do     bot.SendDo
		after  time.Duration
	}{
		{"too many", 429, "7", bot.Retry, 7 * time.Second},
		{"too many, until", 429, "Wed, 25 Nov 2026 09:00:30 GMT", bot.Retry, 30 * time.Second},
		{"too many, for ever", 429, "999999999", bot.Retry, 10 * time.Minute},
		{"too many, odd", 429, "soon", bot.Retry, 0},
		{"too many, over", 429, "-5", bot.Retry, 0},
		{"broken", 500, "", bot.Retry, 0},
		{"restarting", 503, "2", bot.Retry, 2 * time.Second},
		{"unauthorized", 401, "", bot.Reject, 0},
		{"forbidden", 403, "", bot.Reject, 0},
		{"too large", 413, "", bot.Reject, 0},
		{"moved", 301, "", bot.Reject, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(s.sent())
			s.failing(func(w http.ResponseWriter, n int) bool {
				require.Equal(t, 1, n, "an adapter never retries")
				w.Header().Set("Retry-After", c.header)
				w.Header().Set("Location", s.http.URL+"/ana-7Qf3k")
				refuse(w, c.status, c.status*100+1, "no\nsecond line")
				return true
			})
			_, err := a.Send(t.Context(), toAna, call("accept:1234"))
			var failure *bot.SendError
			require.True(t, errors.As(err, &failure), "%v", err)
			require.Equal(t, c.do, failure.Do)
			require.Equal(t, c.after, failure.After)
			require.Contains(t, err.Error(), fmt.Sprint(c.status))
			require.NotContains(t, err.Error(), "\n")
			require.Len(t, s.sent(), before)
		})
	}
}

func TestAServerThatHangsOrIsGoneIsTriedAgain(t *testing.T) {
	s := newServer(t)
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(release) })
	e := newEngine(t, func() time.Time { return start })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, address := range map[string]string{"hangs": hanging.URL, "gone": gone.URL} {
		c := settings(t, "ntfy: {url: "+address+", token: {env: NTFY_TOKEN}}")
		a := ntfy.New(e, c, ntfy.Options{PublicURL: public, Client: &http.Client{Timeout: 50 * time.Millisecond}})
		_, err := a.Send(t.Context(), toAna, call("accept:1234"))
		var failure *bot.SendError
		require.True(t, errors.As(err, &failure), "%s: %v", name, err)
		require.Equal(t, bot.Retry, failure.Do, name)
		require.NotContains(t, err.Error(), "7Qf3k", "a topic is a secret")
		require.NotContains(t, err.Error(), accessToken)
	}
	require.Empty(t, s.sent())
}

func TestAWrongTokenOrTopicIsRefused(t *testing.T) {
	s := newServer(t)
	e := newEngine(t, func() time.Time { return start })
	open := ntfy.New(e, settings(t, "ntfy: {url: "+s.http.URL+"}"), ntfy.Options{PublicURL: public})
	_, err := open.Send(t.Context(), toAna, call("accept:1234"))
	require.ErrorContains(t, err, "403: forbidden; its token must be allowed to write to this topic")
	evil := toAna
	for _, ref := range []string{"@../admin", "@a b", "@", "@" + strings.Repeat("x", 65), "@a?b"} {
		evil.Ref = ref
		_, err := adapterOf(t, s).Send(t.Context(), evil, call("accept:1234"))
		var failure *bot.SendError
		require.True(t, errors.As(err, &failure) && failure.Do == bot.Reject, "%q: %v", ref, err)
	}
	require.Empty(t, s.sent())
}

func TestTheBlockIsValidated(t *testing.T) {
	for _, c := range []struct{ yaml, wrong string }{
		{"ntfy: {url: https://ntfy.example.com/base/, token: {env: NTFY_TOKEN}}", ""},
		{"ntfy: {url: http://10.0.0.1:8080}", ""},
		{"ntfy: {}", "url is missing"},
		{"ntfy: {token: {env: X}}", "url is missing"},
		{"ntfy: {url: ntfy.example.com}", "no address of a server"},
		{"ntfy: {url: ftp://ntfy.example.com}", "no address of a server"},
		{"ntfy: {url: https://a:b@ntfy.example.com}", "without a user"},
		{"ntfy: {url: https://ntfy.example.com, topic: x}", "unknown field"},
		{"ntfy: {url: https://ntfy.example.com, token: {vault: x}}", "vault"},
	} {
		set, problems := config.Parse([]config.File{{Name: "n.yaml", Data: []byte(c.yaml)}}, options)
		require.Empty(t, problems, c.yaml)
		got, err := ntfy.Decode(set.Platforms[ntfy.Platform])
		if c.wrong == "" {
			require.NoError(t, err, c.yaml)
			require.True(t, got.Enabled())
			continue
		}
		require.ErrorContains(t, err, c.wrong, c.yaml)
	}
	off, err := ntfy.Decode(nil)
	require.NoError(t, err)
	require.False(t, off.Enabled())
}

func TestTheTokenComesFromWhereTheFileSays(t *testing.T) {
	c := settings(t, "ntfy: {url: https://ntfy.example.com, token: {env: NTFY_TOKEN}}")
	require.ErrorContains(t, c.Resolve(func(string) (string, bool) { return "", false }, nil), "NTFY_TOKEN")
	s := newServer(t)
	c = settings(t, "ntfy: {url: "+s.http.URL+"}")
	require.NoError(t, c.Resolve(func(name string) (string, bool) { return accessToken, name == "WATCHBELL_NTFY_TOKEN" }, nil))
	_, err := ntfy.New(newEngine(t, nil), c, ntfy.Options{PublicURL: public}).Send(t.Context(), toAna, call("accept:1234"))
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), accessToken)
}
