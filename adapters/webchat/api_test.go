package webchat_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store/storetest"
)

func TestSigninLinkWorksOnce(t *testing.T) {
	w := newWorld(t)
	link := w.link("ana")
	require.True(t, strings.HasPrefix(link, w.http.URL+"/chat/signin#token="), link)
	_, token, _ := strings.Cut(link, "#token=")

	b := w.browser()
	status, body := b.post("signin", object{"token": token})
	require.Equal(t, 200, status)
	require.Equal(t, object{"user": object{"id": float64(w.user("ana").ID), "username": "ana", "firstName": "Ana",
		"lastName": "Silva", "timezone": "Europe/Lisbon", "role": "ADMIN"}}, body)
	_, me := b.get("me")
	require.Equal(t, body, me)

	status, body = w.browser().post("signin", object{"token": token})
	require.Equal(t, 403, status)
	require.Equal(t, float64(403), body["status"])
	require.NotEmpty(t, body["message"])
	require.NotEmpty(t, body["code"])
	status, _ = w.browser().post("signin", object{"token": "guessed"})
	require.Equal(t, 403, status)
}

func TestSigninLinkIsOverAfterTenMinutes(t *testing.T) {
	w := newWorld(t)
	link, err := webchat.SigninLink(t.Context(), w.e.DB, w.http.URL, w.user("ana").ID, w.e.Now().Add(-webchat.TokenLife-time.Second))
	require.NoError(t, err)
	_, token, _ := strings.Cut(link, "#token=")
	status, _ := w.browser().post("signin", object{"token": token})
	require.Equal(t, 403, status)
}

func TestSigningInGivesAnAccountToWhoHasNone(t *testing.T) {
	w := newWorld(t)
	b := w.as("dora")
	u, ok := w.e.Snapshot().UserOf(webchat.Platform, "dora")
	require.True(t, ok)
	require.Equal(t, "dora", u.Username)
	_, body := b.get("conversations")
	require.Equal(t, "direct", body["conversations"].([]any)[0].(object)["kind"])
}

func TestSignedOutMeansSignedOut(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	status, _ := b.post("signout", object{})
	require.Equal(t, 204, status)
	status, _ = b.get("me")
	require.Equal(t, 401, status)
}

// TestOnlyTheRightCookieCounts holds sessions against altered, foreign and doubled cookies.
func TestOnlyTheRightCookieCounts(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	u := mustURL(t, w.http.URL)
	cookie := b.client.Jar.Cookies(u)[0]
	for name, header := range map[string]string{
		"none":    "",
		"altered": cookie.Name + "=" + cookie.Value[1:] + "x",
		"empty":   cookie.Name + "=",
		"two":     cookie.String() + "; " + cookie.Name + "=other",
		"twice":   cookie.String() + "; " + cookie.String(),
	} {
		x := w.browser()
		if header != "" {
			x.header.Set("Cookie", header)
		}
		status, body := x.get("me")
		require.Equal(t, 401, status, name)
		require.Equal(t, "NOT_SIGNED_IN", body["code"], name)
	}
}

func TestSessionsEndAfterThirtyIdleAndNinetyDays(t *testing.T) {
	w := newWorld(t)
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		created, seen time.Duration
		status        int
	}{
		"fresh":          {0, 0, 200},
		"used each week": {89 * day, 7 * day, 200},
		"idle":           {31 * day, 31 * day, 401},
		"too old":        {91 * day, time.Minute, 401},
	} {
		b := w.as("ben")
		now := w.e.Now()
		age(t, w.e.DB, b, now.Add(-c.created), now.Add(-c.seen))
		status, _ := b.get("me")
		require.Equal(t, c.status, status, name)
	}
}

func TestCookieIsSafe(t *testing.T) {
	w := worldOn(t, storetest.Memory(t), webchat.Options{PublicURL: "https://example.com/bell"})
	_, token, _ := strings.Cut(w.link("ana"), "#token=")
	require.True(t, strings.HasPrefix(w.link("ana"), "https://example.com/bell/chat/signin#token="))
	resp, err := http.Post(w.http.URL+"/chat/api/signin", "application/json", strings.NewReader(`{"token":"`+token+`"}`))
	require.NoError(t, err)
	defer resp.Body.Close()
	c := resp.Cookies()[0]
	require.True(t, c.HttpOnly)
	require.True(t, c.Secure)
	require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	require.Equal(t, "/bell/", c.Path)
}

func TestOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	path := fmt.Sprintf("conversations/%d/messages", w.conversation("payments").ID)
	for name, header := range map[string][2]string{
		"cross-site":   {"Sec-Fetch-Site", "cross-site"},
		"same site":    {"Sec-Fetch-Site", "same-site"},
		"other origin": {"Origin", "https://evil.example"},
		"null origin":  {"Origin", "null"},
	} {
		b.header = http.Header{header[0]: {header[1]}}
		status, body := b.post(path, object{"text": "hello"})
		require.Equal(t, 403, status, name)
		require.Equal(t, "CROSS_ORIGIN", body["code"], name)
	}
	b.header = http.Header{"Sec-Fetch-Site": {"cross-site"}}
	status, _ := b.get("stream")
	require.Equal(t, 403, status)
	b.header = http.Header{"Origin": {w.http.URL}}
	status, _ = b.post(path, object{"text": "hello"})
	require.Equal(t, 200, status)
}

func TestBodiesThatAreNotForUs(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	path := fmt.Sprintf("/chat/api/conversations/%d/messages", w.conversation("payments").ID)
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"a form's text":  {"text/plain", `{"text":"x"}`, 415},
		"no type":        {"", `{"text":"x"}`, 415},
		"not JSON":       {"application/json", `text=x`, 400},
		"a list":         {"application/json", `["x"]`, 400},
		"null":           {"application/json", `null`, 400},
		"a wrong type":   {"application/json", `{"text":7}`, 400},
		"two objects":    {"application/json", `{"text":"x"}{"text":"y"}`, 400},
		"nothing said":   {"application/json", `{"text":" \n "}`, 400},
		"too long":       {"application/json", `{"text":"` + strings.Repeat("x", 8001) + `"}`, 400},
		"much too large": {"application/json", `{"text":"` + strings.Repeat("x", 64<<10) + `"}`, 413},
		"with a charset": {"application/json; charset=utf-8", `{"text":"x"}`, 200},
	} {
		b.header = http.Header{"Content-Type": {c.kind}}
		status, body := b.do("POST", path, []byte(c.body))
		require.Equal(t, c.status, status, "%s: %v", name, body)
	}
}

func TestNobodySeesAnotherPersonsConversation(t *testing.T) {
	w := newWorld(t)
	post := w.send("@ana", bot.Message{Card: *said("for Ana only")})
	b := w.as("ben")
	status, body := b.get("conversations")
	require.Equal(t, 200, status)
	for _, c := range body["conversations"].([]any) {
		require.NotEqual(t, float64(w.conversation("@ana").ID), c.(object)["id"])
	}
	at := fmt.Sprintf("conversations/%d/", w.conversation("@ana").ID)
	for _, path := range []string{at + "posts", "conversations/999999/posts", "conversations/0/posts", "conversations/x/posts"} {
		status, body := b.get(path)
		require.Equal(t, 404, status, path)
		require.Equal(t, "There is no such conversation.", body["message"], path)
	}
	for path, in := range map[string]object{
		at + "messages":                      {"text": "hi"},
		"posts/" + string(post) + "/actions": {"action": "accept:1"},
		fmt.Sprintf("forms/%d.0.accept:1", w.conversation("@ana").ID): {"values": object{}},
		"posts/999999/actions": {"action": "accept:1"},
	} {
		status, _ := b.post(path, in)
		require.Equal(t, 404, status, path)
	}
	require.Empty(t, w.last().ID, "the bot was not asked")
}

func TestUnreadCountsWhatCameAfterTheLastLook(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	unread := func() float64 {
		_, body := b.get("conversations")
		for _, c := range body["conversations"].([]any) {
			if c.(object)["name"] == "payments" {
				require.Equal(t, "channel", c.(object)["kind"])
				return c.(object)["unread"].(float64)
			}
		}
		t.Fatal("no conversation payments")
		return 0
	}
	w.send("payments", bot.Message{Card: *said("one")})
	w.send("payments", bot.Message{Card: *said("two")})
	require.Equal(t, 2.0, unread())
	require.Equal(t, []string{"one", "two"}, b.posts("payments"))
	require.Equal(t, 0.0, unread())
	w.send("payments", bot.Message{Card: *said("three")})
	require.Equal(t, 1.0, unread())
}

func TestPostsArePaged(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	for i := range 5 {
		w.send("payments", bot.Message{Card: *said(fmt.Sprint(i))})
	}
	at := fmt.Sprintf("conversations/%d/posts", w.conversation("payments").ID)
	_, body := b.get(at + "?limit=2")
	page := body["posts"].([]any)
	require.Equal(t, "3", page[0].(object)["text"])
	_, body = b.get(fmt.Sprintf("%s?limit=2&before=%.0f", at, page[0].(object)["id"]))
	require.Equal(t, "2", body["posts"].([]any)[1].(object)["text"])
	for _, q := range []string{"limit=0", "limit=-1", "limit=x", "limit=1e9", "before=0", "before=-4", "before=%27"} {
		status, _ := b.get(at + "?" + q)
		require.Equal(t, 400, status, q)
	}
	status, _ := b.get(at + "?limit=1000000000")
	require.Equal(t, 200, status)
}

func TestPostHasTheDocumentedShape(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2026, 11, 25, 3, 9, 0, 0, time.UTC)
	ref := w.send("payments", bot.Message{Card: bot.Card{
		Alert: 12, Tone: bot.TonePending, Plain: "db-3 disk is pending. #12",
		Headline: plain("🔴 Pending: db-3 disk"),
		Lines:    []bot.Text{{{Text: "Paging "}, {Person: w.user("ana").ID}, {Text: " · next at "}, {Time: at, Layout: bot.DateTime}}},
		Fields:   []bot.Field{{Name: "Mount", Value: plain("/var")}},
		Links:    []bot.Link{{Text: "Runbook", Href: "https://wiki.example.com/db"}, {Text: "bad", Href: "javascript:alert(1)"}},
		Footer:   plain("#12 · prometheus"),
		Actions: []bot.Action{{Action: "accept:12", Label: "Accept", Style: bot.Primary},
			{Action: "resolve:12", Label: "Resolve…", Style: bot.Danger, Confirm: "Sure?"}, {Action: "why:12", Label: "Why?", Menu: true}},
	}})
	id := mustInt(t, string(ref))
	b := w.as("ben") // in Berlin, an hour after UTC
	_, body := b.get(fmt.Sprintf("conversations/%d/posts", w.conversation("payments").ID))
	p := body["posts"].([]any)[0].(object)
	created, err := time.Parse(time.RFC3339, p["createdAt"].(string))
	require.NoError(t, err)
	require.WithinDuration(t, w.e.Now(), created, time.Minute)
	delete(p, "createdAt")
	line := p["card"].(object)["lines"].([]any)[0].(string)
	require.True(t, strings.HasPrefix(line, "Paging Ana · next at ") && strings.HasSuffix(line, "04:09"), line)
	require.Equal(t, object{
		"id": id, "conversation": float64(w.conversation("payments").ID), "rev": 1.0, "ephemeral": false, "editedAt": nil,
		"author": object{"kind": "bot", "name": "Watchbell"},
		"text":   "db-3 disk is pending. #12\n🔴 Pending: db-3 disk\n" + line + "\n#12 · prometheus\nMount: /var",
		"card": object{
			"alert": 12.0, "status": "PENDING", "headline": "🔴 Pending: db-3 disk",
			"lines":  []any{line, "#12 · prometheus"},
			"fields": []any{object{"name": "Mount", "value": "/var"}},
			"links":  []any{object{"text": "Runbook", "href": "https://wiki.example.com/db"}},
			"actions": []any{
				object{"action": "accept:12", "label": "Accept", "style": "primary", "menu": false},
				object{"action": "resolve:12", "label": "Resolve…", "style": "danger", "confirm": "Sure?", "menu": false},
				object{"action": "why:12", "label": "Why?", "style": "default", "menu": true},
			},
		},
	}, p)
	w.edit("payments", ref, bot.Message{Card: *said("handled")})
	_, body = b.get(fmt.Sprintf("conversations/%d/posts", w.conversation("payments").ID))
	p = body["posts"].([]any)[0].(object)
	require.Equal(t, 2.0, p["rev"])
	require.Equal(t, "handled", p["text"])
	require.NotNil(t, p["editedAt"])
}

func TestSameKeyIsTheSamePost(t *testing.T) {
	w := newWorld(t)
	m := bot.Message{Key: "12:1:webchat:1", Card: *said("page")}
	require.Equal(t, w.send("@ana", m), w.send("@ana", m))
	require.NotEqual(t, w.send("@ana", m), w.send("@ben", m))
}

func TestEditOfWhatIsGoneSaysSo(t *testing.T) {
	w := newWorld(t)
	for ref, want := range map[core.PostRef]bot.SendDo{"999": bot.Gone, "C012:17.1": bot.Reject} {
		err := w.chat.Edit(t.Context(), w.conversation("payments"), ref, bot.Message{Card: *said("x")})
		var send *bot.SendError
		require.ErrorAs(t, err, &send)
		require.Equal(t, want, send.Do, ref)
	}
}

func TestPageHasAStrictPolicy(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	for _, path := range []string{"/chat", "/chat/signin", "/chat/api/me", "/chat/static/app.js"} {
		resp, err := b.client.Get(w.http.URL + path)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, 200, resp.StatusCode, path)
		policy := resp.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "DENY", resp.Header.Get("X-Frame-Options"), path)
		require.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"), path)
	}
	stranger := w.browser()
	status, _ := stranger.do("GET", "/chat", nil)
	require.Equal(t, 303, status)
	status, _ = stranger.do("GET", "/chat/static/chat.html", nil)
	require.Equal(t, 404, status)
	status, _ = stranger.do("GET", "/chat/api/nothing", nil)
	require.Equal(t, 404, status)
}

func TestBasePathIsInEveryAddress(t *testing.T) {
	w := worldOn(t, storetest.Memory(t), webchat.Options{PublicURL: "http://127.0.0.1:1/bell/"})
	resp, err := w.browser().client.Get(w.http.URL + "/chat")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, "/bell/chat/signin", resp.Header.Get("Location"))
	resp, err = http.Get(w.http.URL + "/chat/signin")
	require.NoError(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(page), `data-base="/bell"`)
	require.NotRegexp(t, `(src|href)="/(chat|[^b])`, string(page))
}
