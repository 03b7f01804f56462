package bot_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// heard are words that mean something somewhere, and some that do not.
var heard = strings.Fields(`alert oncall cover override heartbeat mute maintenance watchbell
	list new mine show accept ack unaccept resolve raise again escalate assign add snooze wake comment merge why
	resolvenow join back acceptall more who me next help link signin take room settings
	alert.back alert.more alert.new watchbell.link oncall.who oncall. .more . nothing
	1 2 99 #1 0 -1 99999999999999999999 2h at into @ben <@ben> <@ policy:payments schedule:primary HIGH fri 18:00
	" “ ä`)

func anything() *rapid.Generator[bot.Interaction] {
	word := rapid.OneOf(rapid.SampledFrom(heard), rapid.String())
	words := func(between string) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), between)
		})
	}
	field := rapid.SampledFrom([]string{"id", "time", "target", "comment", "eta", "level", "into", "do", "text", "summary", "source", "policy", "since", "code"})
	return rapid.Custom(func(t *rapid.T) bot.Interaction {
		in := bot.Interaction{
			Actor: core.Actor{Platform: "chat", Account: rapid.SampledFrom([]string{"ana", "ben", "dora", "U99", ""}).Draw(t, "account")},
			In:    core.Conversation{Platform: "chat", Ref: rapid.SampledFrom([]string{"payments", "@ana", "@ben", "elsewhere", ""}).Draw(t, "in")},
		}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			in.Text = rapid.SampledFrom([]string{"", "/", "/alert ", "/watchbell "}).Draw(t, "command") + words(" ").Draw(t, "text")
		case 1:
			in.Action = words(":").Draw(t, "action")
		case 2:
			in.Form = words(":").Draw(t, "form")
		}
		if rapid.Bool().Draw(t, "filled") {
			in.Values = rapid.MapOfN(field, words(" "), 0, 3).Draw(t, "values")
		}
		return in
	})
}

// TestNothingThatPeopleDoPanics also holds where a panic would be caught: it is logged,
// and the person learns nothing.
func TestNothingThatPeopleDoPanics(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		interactions := anything()
		rapid.Check(t, func(t *rapid.T) {
			in := interactions.Draw(t, "interaction")
			w.b.First(in)
			w.b.Options(in, rapid.SampledFrom([]string{"target", "source", "time", "do", ""}).Draw(t, "field"), in.Text)
			w.b.Handle(w.ctx, in)
			synctest.Wait()
			require.Empty(t, w.panics.take())
		})
	})
}

func TestAnUnnumberedButtonOpensAFormThatAsksForTheNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, in := range []bot.Interaction{{Text: "/watchbell help"}, {Action: "back"}, {Action: "more:x"}, {Action: "alert.back"}, {Action: "alert.more:0"}} {
			in.Actor, in.In = core.Actor{Platform: "chat", Account: "ana"}, core.Conversation{Platform: "chat", Ref: "payments"}
			form, ok := w.b.First(in)
			require.Equal(t, in.Action != "", ok, in.Action)
			if ok {
				require.Equal(t, "id", form.Fields[0].Name, in.Action)
			}
		}
	})
}
