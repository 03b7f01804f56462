package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// The bubble begins on Saturday 1 January 2000, 00:00 UTC, which is 01:00 for Ana.

func TestMuteIsSaidBackShownAndEnded(t *testing.T) {
	inWorld(t, func(w *world) {
		require.Contains(w, w.say("ana", "/mute"), "You are not muted")
		got := w.say("ana", "/mute 2h")
		require.Contains(w, got, "You are muted until Sat 1 Jan 03:00 CET (2 h).")
		require.Contains(w, got, "⚠ You are on call on primary until")
		require.Contains(w, got, "[Undo]")
		require.Contains(w, w.say("ana", "mute"), "muted until Sat 1 Jan 03:00")
		require.Contains(w, w.say("ben", "/oncall"), "Ana (muted until 02:00)")
		require.Contains(w, w.say("ben", "/oncall primary"), "Ana (muted until 02:00)")
		require.NotContains(w, w.say("ben", "/oncall primary at sat 05:00"), "muted", "not for a time when it is over")
		require.Contains(w, w.say("ana", "/mute 25:00"), "Not done")

		w.fire()
		require.Empty(w, w.shown("@ana"), "no page")
		require.Contains(w, w.shown("payments")[0], "Paging Ana (muted until 02:00) (level 1 of 2)")
		w.sleep(5 * time.Minute)
		require.Len(w, w.shown("@ben"), 1, "escalation goes on")

		require.Contains(w, w.say("ana", "/mute off"), "not muted any more")
		require.Contains(w, w.say("ana", "/mute"), "You are not muted")
	})
}

func TestMuteCanBeUndoneWithItsButton(t *testing.T) {
	inWorld(t, func(w *world) {
		answer := w.chat.Type(w.ctx, "dora", w.direct("dora"), "/mute until 18:00")
		require.Contains(w, w.text(answer), "You are muted until")
		w.chat.Press(w.ctx, "dora", w.direct("dora"), "", simtest.Button(*answer.Card, "Undo"))
		require.Contains(w, w.say("dora", "/mute"), "You are not muted", "a stakeholder's own setting is theirs")
	})
}

func TestMaintenanceFromChat(t *testing.T) {
	inWorld(t, func(w *world) {
		require.Contains(w, w.say("ben", "/maintenance"), "No source is in maintenance")
		answer := w.chat.Type(w.ctx, "ben", w.direct("ben"), "/maintenance Prometheus 2h")
		require.Contains(w, w.text(answer), "prometheus is in maintenance until Sat 1 Jan 03:00 CET (2 h).")
		require.Contains(w, w.say("ana", "/maintenance list"), "prometheus · until 02:00 · Maintenance of prometheus by Ben")
		fire := func() engine.Result {
			return w.event("prometheus", core.Event{Type: core.EventAlert, Summary: "db-3 disk 96 %"})
		}
		require.Equal(w, core.OutcomeDropped, fire().Outcome)
		w.chat.Press(w.ctx, "ben", w.direct("ben"), "", simtest.Button(*answer.Card, "Undo"))
		require.Equal(w, core.OutcomeCreated, fire().Outcome)
		require.Contains(w, w.say("ben", "/maintenance prometheus off"), "in no maintenance now")

		w.say("ana", "/maintenance add prometheus tomorrow 09:00")
		require.Equal(w, core.OutcomeDropped, fire().Outcome)
		require.Contains(w, w.say("ben", "/maintenance prometheus off"), "Maintenance of prometheus is over")
		require.Equal(w, core.OutcomeCreated, fire().Outcome)
	})
}

func TestMaintenanceThatCannotBeIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		require.Contains(w, w.say("ben", "/maintenance promtheus 2h"), "Did you mean prometheus?")
		require.Contains(w, w.say("cleo", "/maintenance prometheus 2h"), "that needs the role USER, and yours is RESPONDER")
		require.Contains(w, w.say("dora", "/maintenance prometheus off"), "needs the role USER")
		require.Contains(w, w.say("ben", "/maintenance prometheus yesterday"), "Not done")
		form := w.chat.Type(w.ctx, "ben", w.direct("ben"), "/maintenance prometheus")
		require.NotNil(w, form.Form, "what is missing is asked for")
		require.Equal(w, "prometheus", form.Form.Fields[0].Value)
		wrong := w.chat.Submit(w.ctx, "ben", w.direct("ben"), form.Form.ID, map[string]string{"source": "prometheus", "time": "01/02"})
		require.Contains(w, wrong.Errors, "time")
		right := w.chat.Submit(w.ctx, "ben", w.direct("ben"), form.Form.ID, map[string]string{"source": "prometheus", "time": "90m"})
		require.Contains(w, w.text(right), "in maintenance until Sat 1 Jan 02:30")
	})
}

func TestATestPageReportsEachHopAndPagesNobodyElse(t *testing.T) {
	inWorld(t, func(w *world) {
		w.other.Script(func(simtest.Op) simtest.Fate {
			return simtest.Fate{Err: &bot.SendError{Do: bot.Reject, Err: errors.New("401 unauthorized")}}
		})
		got := w.say("ben", "/watchbell test @ana")
		require.Contains(w, got, "A test page for Ana. Nobody else is paged.")
		require.Contains(w, got, "chat: taken after 0 ms.")
		require.Contains(w, got, "other: not taken: 401 unauthorized.")
		posts := w.chat.Posts("@ana")
		require.Len(w, posts, 1)
		require.Contains(w, w.chat.Text(posts[0].Card), "🧪 Test from Ben, nobody else is paged: press Accept")
		w.sleep(3 * time.Second)
		pressed := w.chat.Press(w.ctx, "ana", w.direct("ana"), posts[0].Ref, simtest.Button(posts[0].Card, "Accept"))
		require.Contains(w, w.text(pressed), "It works: you pressed 3 s after it was sent.")
		w.sleep(time.Hour)
		require.Empty(w, w.shown("payments"))
		require.Empty(w, w.shown("@ben"))
		require.Contains(w, w.say("dora", "/watchbell test @ana"), "needs the role RESPONDER")
	})
}

func TestARefusalSaysThatNothingWasDone(t *testing.T) {
	inWorld(t, func(w *world) {
		require.True(w, w.chat.Type(w.ctx, "ana", w.direct("ana"), "ack 999").Refused)
		require.True(w, w.chat.Type(w.ctx, "nobody", channel, "/alert accept 1").Refused)
		require.False(w, w.chat.Type(w.ctx, "ana", w.direct("ana"), "/alert").Refused)
	})
}

func TestACallIsUrgentUnlessItsAlertIsLow(t *testing.T) {
	inWorld(t, func(w *world) {
		var got []bot.Message
		w.chat.Script(func(op simtest.Op) simtest.Fate {
			if op.To.User != 0 && op.Kind == "send" {
				got = append(got, op.Message)
			}
			return simtest.Fate{}
		})
		w.event("prometheus", core.Event{Type: core.EventAlert, Key: "low", Summary: "x", Priority: core.Low})
		w.sleep(2 * time.Second)
		w.event("prometheus", core.Event{Type: core.EventAlert, Key: "high", Summary: "x"})
		w.sleep(2*time.Minute + time.Second)
		require.Len(w, got, 3)
		require.False(w, got[0].Urgent)
		require.True(w, got[1].Urgent)
		require.Equal(w, []int{1, 1, 2}, []int{got[0].Call, got[1].Call, got[2].Call})
	})
}
