package simtest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// Subject is an adapter under contract, with the eyes and hands of a person on its
// platform. What a platform does not have is left nil, and the promises about it are not
// asked for.
type Subject struct {
	Adapter bot.Adapter
	Channel core.Conversation // where both may speak
	Direct  core.Conversation // the person's own with the bot
	Account string            // the person's account

	// Shown is what a person sees of a post: all its text, and its buttons' labels. ok is
	// false if it is not there. Times and people may look as the platform likes.
	Shown func(t *testing.T, in core.Conversation, ref core.PostRef) (text string, buttons []string, ok bool)
	// Count is how many posts of the bot a conversation has.
	Count func(t *testing.T, in core.Conversation) int
	// Press presses the button with that label, Type writes. They return when the platform
	// has been answered.
	Press func(t *testing.T, in core.Conversation, ref core.PostRef, label string)
	Type  func(t *testing.T, in core.Conversation, text string)
	// Listen gives the handler to the adapter where Run is not what connects them.
	Listen func(t *testing.T, h bot.Handler)
}

// Contract tests what every adapter promises. make is called once for each promise.
func Contract(t *testing.T, make func(t *testing.T) Subject) {
	for _, p := range []struct {
		name string
		test func(t *testing.T, s Subject)
	}{
		{"a card shows what broke, its number and its state", showsCard},
		{"every state can be sent and edited", everyState},
		{"an edit changes the post in its place", editsInPlace},
		{"the same key is the same post", sameKey},
		{"a post that is not there is gone", goneIsGone},
		{"text from outside stays text", hostileText},
		{"the largest card that fits is shown", largest},
		{"a press reaches the handler as it was", pressArrives},
		{"typed text reaches the handler as it was", textArrives},
		{"run ends with its context", runEnds},
	} {
		t.Run(p.name, func(t *testing.T) { p.test(t, make(t)) })
	}
}

// sample is a pending card with everything a card can have.
func sample() bot.Card {
	at := time.Date(2026, 11, 27, 2, 9, 0, 0, time.UTC)
	return bot.Card{
		Alert: 1234, Tone: bot.TonePending,
		Headline: bot.Text{{Text: "🔴 Pending: ", Bold: true}, {Text: "db-3 disk 96 %"}},
		Lines:    []bot.Text{{{Text: "next level at "}, {Time: at}}, {{Text: "HIGH · SEV2 · ×3"}}},
		Fields:   []bot.Field{{Name: "Instance", Value: bot.Text{{Text: "db-3:9100"}}}},
		Links:    []bot.Link{{Text: "Runbook", Href: "https://runbooks.example.com/disk?a=1&b=2"}},
		Actions: []bot.Action{
			{Action: "accept:1234", Label: "Accept", Style: bot.Primary},
			{Action: "snooze:1234", Label: "Snooze…", Style: bot.Default},
			{Action: "resolve:1234", Label: "Resolve…", Style: bot.Danger, Confirm: "Resolve #1234?"},
			{Action: "comment:1234", Label: "Comment…", Style: bot.Default, Menu: true},
		},
		Footer: bot.Text{{Text: "#1234 · prometheus"}},
		Plain:  "db-3 disk 96 % is pending. #1234",
	}
}

func (s Subject) send(t *testing.T, c bot.Card, key string) core.PostRef {
	t.Helper()
	ref, err := s.Adapter.Send(t.Context(), s.Channel, bot.Message{Card: bot.Fit(c, s.Adapter.Can()), Key: key})
	require.NoError(t, err)
	require.NotEmpty(t, ref)
	return ref
}

func (s Subject) see(t *testing.T, ref core.PostRef) (string, []string) {
	t.Helper()
	text, buttons, ok := s.Shown(t, s.Channel, ref)
	require.True(t, ok, "post %s is not there", ref)
	return text, buttons
}

func showsCard(t *testing.T, s Subject) {
	text, buttons := s.see(t, s.send(t, sample(), "one"))
	for _, want := range []string{"db-3 disk 96 %", "#1234"} {
		require.Contains(t, text, want)
	}
	require.Contains(t, strings.ToUpper(text), "PENDING")
	if s.Adapter.Can().Buttons == 0 || s.Adapter.Can().Buttons > 1 {
		require.True(t, begins(buttons, "Accept"), "no button Accept in %q", buttons)
	}
}

func begins(labels []string, want string) bool {
	for _, l := range labels {
		if strings.Contains(l, want) {
			return true
		}
	}
	return false
}

func everyState(t *testing.T, s Subject) {
	for _, tone := range []bot.Tone{bot.TonePending, bot.ToneAccepted, bot.ToneResolved, bot.ToneSnoozed, bot.TonePlain} {
		c := sample()
		c.Tone, c.Footer = tone, bot.Text{{Text: "#1234 · " + string(tone)}}
		ref := s.send(t, c, "state-"+string(tone))
		if s.Adapter.Can().Edit {
			bare := bot.Card{Alert: 1234, Tone: tone, Headline: bot.Text{{Text: "over"}}, Plain: "over"}
			require.NoError(t, s.Adapter.Edit(t.Context(), s.Channel, ref, bot.Message{Card: bare}))
			_, buttons := s.see(t, ref)
			require.Empty(t, buttons, "an edit takes buttons away, too")
		}
	}
}

func editsInPlace(t *testing.T, s Subject) {
	if !s.Adapter.Can().Edit {
		return // the platform has none, and says so in Can
	}
	ref := s.send(t, sample(), "edited")
	before := s.Count(t, s.Channel)
	c := sample()
	c.Tone, c.Headline, c.Actions = bot.ToneAccepted, bot.Text{{Text: "🟠 Ana has it: db-3 disk 96 %"}}, c.Actions[2:3]
	for range 2 { // twice: an edit to the same state is no error
		require.NoError(t, s.Adapter.Edit(t.Context(), s.Channel, ref, bot.Message{Card: bot.Fit(c, s.Adapter.Can())}))
	}
	text, buttons := s.see(t, ref)
	require.Contains(t, text, "Ana has it")
	require.NotContains(t, text, "Pending")
	require.False(t, begins(buttons, "Accept"), "buttons %q", buttons)
	require.Equal(t, before, s.Count(t, s.Channel), "an edit is no new post")
}

func sameKey(t *testing.T, s Subject) {
	before := s.Count(t, s.Channel)
	first := s.send(t, sample(), "twice")
	second := s.send(t, sample(), "twice")
	if s.Adapter.Can().Why["Key"] != "" {
		return // the platform cannot tell, and says so
	}
	require.Equal(t, first, second)
	require.Equal(t, before+1, s.Count(t, s.Channel))
	third := s.send(t, sample(), "another")
	require.NotEqual(t, first, third)
}

func goneIsGone(t *testing.T, s Subject) {
	if !s.Adapter.Can().Edit {
		return
	}
	ref := s.send(t, sample(), "gone")
	err := s.Adapter.Edit(t.Context(), s.Channel, ref+"9", bot.Message{Card: sample()})
	var failure *bot.SendError
	require.True(t, errors.As(err, &failure), "an error of an adapter is a *bot.SendError, got %v", err)
	require.NotEqual(t, bot.Retry, failure.Do, "what is not there will not come back")
}

// hostile is text as monitors send it.
var hostile = []string{
	"<!channel> <!here> <@U012AB3CD> @everyone @here @channel @all",
	"[good](https://evil.example.com) <https://evil.example.com|https://good.example.com>",
	"<script>alert(1)</script><img src=x onerror=alert(1)> &amp; &lt;",
	"*bold* _it_ ~no~ `code` ```block``` > quote # head | table |",
	"{{DATE(2026-11-25,SHORT)}} ${env} {} %s %!d",
}

func hostileText(t *testing.T, s Subject) {
	for i, text := range hostile {
		c := sample()
		c.Headline = bot.Text{{Text: "🔴 Pending: "}, {Text: text}}
		c.Lines = []bot.Text{{{Text: text, Bold: true}}}
		c.Fields = []bot.Field{{Name: "Label", Value: bot.Text{{Text: text}}}}
		c.Plain = text
		got, buttons := s.see(t, s.send(t, c, "hostile-"+string(rune('a'+i))))
		require.Contains(t, got, "#1234", "text %q hides the number", text)
		require.True(t, begins(buttons, "Accept"), "text %q hides the buttons", text)
	}
}

func largest(t *testing.T, s Subject) {
	c := sample()
	c.Headline = bot.Text{{Text: strings.Repeat("wide 🔴 ", 400)}}
	for range 60 {
		c.Lines = append(c.Lines, bot.Text{{Text: strings.Repeat("long ", 200)}})
	}
	for range 20 {
		c.Fields = append(c.Fields, bot.Field{Name: "Name", Value: bot.Text{{Text: strings.Repeat("v", 60)}}})
		c.Actions = append(c.Actions, bot.Action{Action: "show:1234", Label: strings.Repeat("x", 24), Style: bot.Default})
	}
	c.Plain = strings.Repeat("sentence ", 1000)
	text, _ := s.see(t, s.send(t, c, "largest"))
	require.Contains(t, text, "#1234")
}

// recorder is a handler that keeps what it was given.
type recorder struct{ got chan bot.Interaction }

func (r recorder) First(bot.Interaction) (bot.Form, bool)               { return bot.Form{}, false }
func (r recorder) Options(bot.Interaction, string, string) []bot.Option { return nil }
func (r recorder) Handle(_ context.Context, in bot.Interaction) bot.Reply {
	r.got <- in
	return bot.Reply{Card: &bot.Card{Headline: bot.Text{{Text: "done"}}, Plain: "done"}}
}

// listening runs the adapter with a recorder until the end of the test.
func (s Subject) listening(t *testing.T) recorder {
	r := recorder{got: make(chan bot.Interaction, 8)}
	if s.Listen != nil {
		s.Listen(t, r)
		return r
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Adapter.Run(ctx, r) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return r
}

func pressArrives(t *testing.T, s Subject) {
	if s.Press == nil {
		return
	}
	r := s.listening(t)
	ref := s.send(t, sample(), "pressed")
	s.Press(t, s.Channel, ref, "Accept")
	in := r.next(t)
	require.Equal(t, "accept:1234", in.Action)
	require.Equal(t, ref, in.Post)
	s.from(t, in, s.Channel)
	s.Press(t, s.Channel, ref, "Accept")
	require.NotEqual(t, in.ID, r.next(t).ID, "two presses are two interactions")
}

func textArrives(t *testing.T, s Subject) {
	if s.Type == nil {
		return
	}
	r := s.listening(t)
	s.Type(t, s.Direct, "alert snooze 12 tomorrow 09:00")
	in := r.next(t)
	require.Equal(t, "alert snooze 12 tomorrow 09:00", strings.TrimPrefix(in.Text, "/"))
	s.from(t, in, s.Direct)
}

func (s Subject) from(t *testing.T, in bot.Interaction, where core.Conversation) {
	t.Helper()
	require.NotEmpty(t, in.ID)
	require.Equal(t, s.Account, in.Actor.Account)
	require.NotEmpty(t, in.Actor.Platform)
	require.Equal(t, where.Ref, in.In.Ref)
	require.Equal(t, in.Actor.Platform, in.In.Platform)
}

func (r recorder) next(t *testing.T) bot.Interaction {
	t.Helper()
	select {
	case in := <-r.got:
		return in
	case <-time.After(10 * time.Second):
		t.Fatal("nothing reached the handler")
		return bot.Interaction{}
	}
}

func runEnds(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Adapter.Run(ctx, recorder{got: make(chan bot.Interaction, 8)}) }()
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err, "shutting down is not an error")
	case <-time.After(10 * time.Second):
		t.Fatal("run goes on after its context has ended")
	}
}
