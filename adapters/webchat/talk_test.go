package webchat_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

func (b *browser) say(ref, text string) (int, object) {
	b.Helper()
	return b.post(fmt.Sprintf("conversations/%d/messages", b.conversation(ref).ID), object{"text": text})
}

func TestCommandsGoToTheBotAndTextToTheOthers(t *testing.T) {
	w := newWorld(t)
	w.replies(func(bot.Interaction) bot.Reply { return bot.Reply{Card: said("Ana is on call.")} })
	b := w.as("ben")
	for _, c := range []struct{ in, text, asked string }{
		{"payments", "/oncall", "/oncall"},
		{"payments", "@Watchbell: alert list", "alert list"},
		{"payments", "@watchbell", "/watchbell"},
		{"@ben", "ack", "ack"},
	} {
		status, body := b.say(c.in, c.text)
		require.Equal(t, 200, status, c.text)
		got := w.last()
		require.Equal(t, c.asked, got.Text)
		require.Equal(t, core.Actor{Platform: webchat.Platform, Account: "ben", Name: "Ben"}, got.Actor)
		require.Equal(t, w.conversation(c.in).ID, got.In.ID)
		reply := body["replies"].([]any)[0].(object)
		require.Equal(t, true, reply["ephemeral"])
		require.Equal(t, "Ana is on call.", reply["text"])
		require.Positive(t, reply["id"])
	}
	require.Empty(t, b.posts("payments"), "answers to one person are not listed")

	status, body := b.say("payments", "I look at it, see /var/log")
	require.Equal(t, 200, status)
	require.Equal(t, object{"replies": []any{}}, body)
	require.Equal(t, "ack", w.last().Text, "the bot was not asked")
	require.Equal(t, []string{"I look at it, see /var/log"}, w.as("ana").posts("payments"))
}

func TestPublicAnswersAreShownToAll(t *testing.T) {
	w := newWorld(t)
	w.replies(func(bot.Interaction) bot.Reply { return bot.Reply{Card: said("#7 opened"), Public: true} })
	_, body := w.as("ben").say("payments", "/alert new disk")
	require.Equal(t, false, body["replies"].([]any)[0].(object)["ephemeral"])
	require.Equal(t, []string{"#7 opened"}, w.as("ana").posts("payments"))
}

func TestPressedButtonReachesTheBot(t *testing.T) {
	w := newWorld(t)
	ref := w.send("payments", bot.Message{Card: *said("card")})
	b := w.as("ana")
	status, body := b.post("posts/"+string(ref)+"/actions", object{"action": "accept:12", "values": object{}})
	require.Equal(t, 200, status, body)
	got := w.last()
	require.Equal(t, "accept:12", got.Action)
	require.Equal(t, ref, got.Post)
	require.Equal(t, w.conversation("payments").ID, got.In.ID)
	require.NotEmpty(t, got.ID)

	_, _ = b.post("posts/"+string(ref)+"/actions", object{"action": "snooze:12", "values": object{"time": "2h", "n": 7, "x": nil}})
	require.Equal(t, map[string]string{"time": "2h", "n": "7"}, w.last().Values)
	for _, in := range []object{{"action": ""}, {}, {"action": "accept:12", "values": object{"a": object{}}}} {
		status, _ := b.post("posts/"+string(ref)+"/actions", in)
		require.Equal(t, 400, status, in)
	}
}

func TestButtonsOfAnswersWorkOnEveryReplica(t *testing.T) {
	w := newWorld(t)
	w.replies(func(bot.Interaction) bot.Reply { return bot.Reply{Card: said("Ben has it.")} })
	_, body := w.as("ana").say("payments", "/alert show 12")
	id := body["replies"].([]any)[0].(object)["id"]

	other := w.replica()
	status, _ := other.as("ana").post(fmt.Sprintf("posts/%.0f/actions", id), object{"action": "join:12"})
	require.Equal(t, 200, status)
	require.Equal(t, "join:12", other.last().Action)
	require.Equal(t, w.conversation("payments").ID, other.last().In.ID)
}

func TestFormComesFirstAndStaysOpenUntilItIsRight(t *testing.T) {
	w := newWorld(t)
	form := bot.Form{ID: "snooze:12", Title: "Snooze #12", Fields: []bot.FormField{
		{Name: "time", Label: "Until", Kind: bot.TextField, Required: true, Value: "2h", Hint: "2h, 18:00"},
		{Name: "why", Label: "Why", Kind: bot.Select, Options: []bot.Option{{Value: "a", Label: "A"}}}}}
	w.asksFirst(func(in bot.Interaction) (bot.Form, bool) { return form, in.Action == "snooze:12" })
	w.replies(func(in bot.Interaction) bot.Reply {
		if in.Values["time"] == "" {
			return bot.Reply{Errors: map[string]string{"time": "How long?"}}
		}
		return bot.Reply{Card: said("Snoozed.")}
	})
	ref := w.send("payments", bot.Message{Card: *said("card")})
	b := w.as("ana")
	status, body := b.post("posts/"+string(ref)+"/actions", object{"action": "snooze:12", "values": object{}})
	require.Equal(t, 200, status)
	require.Empty(t, body["replies"])
	f := body["form"].(object)
	require.Equal(t, "Snooze #12", f["title"])
	require.Equal(t, []any{
		object{"name": "time", "label": "Until (2h, 18:00)", "kind": "text", "options": []any{}, "required": true, "value": "2h"},
		object{"name": "why", "label": "Why", "kind": "select", "options": []any{object{"value": "a", "label": "A"}}, "required": false, "value": ""},
	}, f["fields"])

	at := "forms/" + f["id"].(string)
	status, body = b.post(at, object{"values": object{"time": ""}})
	require.Equal(t, 422, status)
	require.Equal(t, object{"errors": object{"time": "How long?"}}, body)
	status, body = b.post(at, object{"values": object{"time": "1h"}})
	require.Equal(t, 200, status)
	require.Equal(t, "Snoozed.", body["replies"].([]any)[0].(object)["text"])
	got := w.last()
	require.Equal(t, "snooze:12", got.Form)
	require.Equal(t, ref, got.Post)
	require.Equal(t, w.conversation("payments").ID, got.In.ID)

	_, body = b.get(at + "/options?field=time&typed=1")
	require.Equal(t, []any{object{"value": "time=1", "label": "completed"}}, body["options"])
}

func TestRepeatedRequestKeepsItsId(t *testing.T) {
	w := newWorld(t)
	b := w.as("ana")
	ids := map[string]bool{}
	for _, key := range []string{"k1", "k1", "k2", "", ""} {
		b.header = http.Header{}
		if key != "" {
			b.header.Set("Idempotency-Key", key)
		}
		b.say("payments", "/oncall")
		ids[w.last().ID] = true
		b.say("payments", "hello "+key)
	}
	require.Len(t, ids, 4, "one for k1, one for k2, two without a key")
	require.Equal(t, []string{"hello k1", "hello k2", "hello", "hello"}, b.posts("payments"))
}

func TestDemoLetsLoopbackChoose(t *testing.T) {
	w := newWorld(t)
	status, _ := w.browser().post("signin", object{"user": "ana"})
	require.Equal(t, 404, status, "not in a demo")

	w.o.Demo = true
	w.serve()
	b := w.browser()
	status, body := b.post("signin", object{"user": "ben"})
	require.Equal(t, 200, status)
	require.Equal(t, "ben", body["user"].(object)["username"])
	status, _ = w.browser().post("signin", object{"user": "nobody"})
	require.Equal(t, 404, status)

	far := w.browser()
	far.header.Set("X-Forwarded-For", "203.0.113.9")
	status, _ = far.post("signin", object{"user": "ben"})
	require.Equal(t, 404, status, "forwarded from elsewhere")
	link, err := webchat.DemoLink(t.Context(), w.e.DB, w.http.URL, w.e.Now())
	require.NoError(t, err)
	token := mustURL(t, link).Fragment[len("demo="):]
	for _, want := range []int{200, 200} { // the second time by the session of the first
		status, _ = far.post("signin", object{"user": "ana", "token": token})
		require.Equal(t, want, status)
	}
	other := w.browser()
	other.header.Set("X-Forwarded-For", "203.0.113.10")
	status, _ = other.post("signin", object{"user": "ana", "token": token})
	require.Equal(t, 404, status, "the link opens once")
}
