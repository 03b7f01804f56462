package simtest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
)

// TestScriptedPlatformKeepsTheContract proves the contract on a platform that can do
// everything, and on one that can do little.
func TestScriptedPlatformKeepsTheContract(t *testing.T) {
	little := bot.Can{Edit: true, Text: 2000, Buttons: 5, Fields: 2}
	for name, can := range map[string]bot.Can{"everything": simtest.Everything(), "little": little} {
		t.Run(name, func(t *testing.T) {
			simtest.Contract(t, func(*testing.T) simtest.Subject { return subject(can) })
		})
	}
}

func subject(can bot.Can) simtest.Subject {
	p := simtest.New("chat", can)
	find := func(in core.Conversation, ref core.PostRef) (simtest.Post, bool) {
		for _, post := range p.Posts(in.Ref) {
			if post.Ref == ref {
				return post, true
			}
		}
		return simtest.Post{}, false
	}
	return simtest.Subject{
		Adapter: p, Channel: core.Conversation{ID: 1, Ref: "payments"}, Direct: core.Conversation{ID: 2, Ref: "@ana", User: 1}, Account: "ana",
		Shown: func(_ *testing.T, in core.Conversation, ref core.PostRef) (string, []string, bool) {
			post, ok := find(in, ref)
			var labels []string
			for _, a := range post.Card.Actions {
				labels = append(labels, a.Label)
			}
			return p.Text(post.Card), labels, ok
		},
		Count: func(_ *testing.T, in core.Conversation) int { return len(p.Posts(in.Ref)) },
		Press: func(t *testing.T, in core.Conversation, ref core.PostRef, label string) {
			post, ok := find(in, ref)
			require.True(t, ok)
			p.Press(context.Background(), "ana", in, ref, simtest.Button(post.Card, label))
		},
		Type: func(_ *testing.T, in core.Conversation, text string) { p.Type(context.Background(), "ana", in, text) },
	}
}
