package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// TestVerbs types every verb in Ana's own conversation, each about an alert of its own,
// {n}, and reads the answer. {m} is the alert after it.
func TestVerbs(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, c := range verbCases {
			w.typeVerbs(c)
		}
	})
}

func (w *world) typeVerbs(c verbCase) {
	w.Helper()
	n := w.event("prometheus", core.Event{Type: core.EventAlert, Key: c.name, Summary: "db-3 disk 96 %"}).Alert
	w.sleep(2 * time.Second)
	fill := strings.NewReplacer("{n}", fmt.Sprint(n), "{m}", fmt.Sprint(n+1)).Replace
	var got string
	for _, typed := range c.typed {
		got = w.say("ana", fill(typed))
	}
	for _, want := range c.want {
		require.Contains(w, got, fill(want), c.name)
	}
	w.say("ana", fill("resolve {n} {m}"))
}

type verbCase struct {
	name  string
	typed []string // all but the last prepare
	want  []string // parts of the last answer
}

var verbCases = []verbCase{
	{"list", []string{"/alert"}, []string{"One alert is open", "#{n} · 🔴 pending · db-3 disk 96 % · paging Ana", "[Accept] [Show]"}},
	{"list by its name", []string{"alert list"}, []string{"One alert is open"}},
	{"mine", []string{"mine"}, []string{"One alert is open and yours"}},
	{"show", []string{"show {n}"}, []string{"db-3 disk 96 %", "paged Ana by chat, call 1"}},
	{"show by number", []string{"/alert #{n}"}, []string{"db-3 disk 96 %"}},
	{"accept", []string{"/alert accept {n}"}, []string{"You have #{n}: db-3 disk 96 %.", "Asked again", "[Back in…] [Hand back]"}},
	{"ack alone", []string{"ack"}, []string{"You have #{n}"}},
	{"accept with eta", []string{"ack {n} 15m"}, []string{"You have #{n}", "(15 min)"}},
	{"the prefix form", []string{"/watchbell alert accept {n}"}, []string{"You have #{n}"}},
	{"the prefix form without command", []string{"/watchbell ack {n}"}, []string{"You have #{n}"}},
	{"unaccept", []string{"ack", "unaccept {n}"}, []string{"You handed #{n} back"}},
	{"resolve", []string{"close {n} disk was cleaned"}, []string{"#{n} is resolved after", "[Again]"}},
	{"resolve my only page with a comment", []string{"resolve disk was cleaned"}, []string{"#{n} is resolved"}},
	{"resolve twice", []string{"resolve {n}", "resolve {n}"}, []string{"#{n} is resolved"}},
	{"again", []string{"resolve {n}", "again {n}"}, []string{"#{m} is a new alert like #{n}", "[Accept]"}},
	{"again while open", []string{"again {n}"}, []string{"Not done: again #{n}", "still open"}},
	{"escalate", []string{"escalate {n}"}, []string{"#{n} pages Ben (level 2)"}},
	{"escalate to a level", []string{"escalate {n} 2"}, []string{"#{n} pages Ben (level 2)"}},
	{"escalate to no level", []string{"escalate {n} up"}, []string{"“up” is no level"}},
	{"assign to a person", []string{"assign {n} @ben"}, []string{"#{n} is with Ben now"}},
	{"assign to a mention", []string{"assign {n} <@ben>"}, []string{"#{n} is with Ben now"}},
	{"assign to a schedule", []string{"assign {n} primary"}, []string{"#{n} is with Ana (primary) now"}},
	{"assign to a policy", []string{"assign {n} policy:payments"}, []string{"#{n} is with payments now"}},
	{"assign to nobody", []string{"assign {n} @bne"}, []string{"Not done: assign #{n}", "Nobody is called “bne”. Did you mean ben?"}},
	{"add", []string{"add {n} cleo"}, []string{"Cleo is asked for #{n}, too"}},
	{"snooze", []string{"snooze {n} 2h"}, []string{"#{n} is snoozed until Sat 1 Jan", "CET (2 h)", "[Wake now]"}},
	{"snooze with an unquoted time", []string{"snooze {n} tomorrow 09:00"}, []string{"until Sun 2 Jan 09:00 CET"}},
	{"snooze until what cannot be", []string{"snooze {n} 01/02"}, []string{"could be a day or a month first"}},
	{"wake", []string{"snooze {n} 2h", "wake {n}"}, []string{"#{n} is awake"}},
	{"comment", []string{"comment {n} growing volume"}, []string{"Noted on #{n}"}},
	{"why", []string{"why {n}"}, []string{"Why #{n} paged you", "You are on call on primary (layer week)", "level 1 of payments; paged by chat", "It came from prometheus"}},
	{"raise what is HIGH", []string{"raise {n}"}, []string{"#{n}"}},
	{"no such alert", []string{"ack 99"}, []string{"Not done: accept #99"}},
	{"several numbers", []string{"ack {n} 99"}, []string{"You have #{n}", "#99 not done"}},
	{"no number", []string{"show disk"}, []string{"“disk” is no alert number"}},
	{"a misspelt verb", []string{"/alert acept {n}"}, []string{"Did you mean accept?"}},
	{"a misspelt command", []string{"/alrt list"}, []string{"Did you mean alert?"}},
	{"a verb that is only a button's", []string{"/alert acceptall 0"}, []string{"“acceptall” is nothing that /alert can do"}},
	{"a button's verb alone", []string{"join {n}"}, []string{"“join” is no command that I know"}},
	{"on call", []string{"/oncall"}, []string{"payments: Ana until", "→ Ben"}},
	{"on call for a policy", []string{"oncall payments"}, []string{"Level 1: Ana until", "Level 2: Ben, always"}},
	{"on call for a schedule at a time", []string{"/oncall primary at fri 18:00"}, []string{"On call at Fri 7 Jan 18:00 CET", "for primary", "Ana until"}},
	{"on call for nothing", []string{"/oncall paymnts"}, []string{"No policy or schedule “paymnts”. Did you mean payments?"}},
	{"my shifts", []string{"/oncall me"}, []string{"You are on call until", "primary:"}},
	{"not available yet", []string{"/watchbell settings"}, []string{"/watchbell settings is not available yet"}},
	{"help", []string{"/watchbell"}, []string{"/alert accept N [eta]: take it", "/oncall [policy or schedule] [at TIME]: who is on call", "(also ack, acknowledge, take)"}},
	{"help for a command", []string{"help oncall"}, []string{"Help for oncall"}},
	{"sign in", []string{"/watchbell signin"}, []string{"https://watchbell.example.com/chat/signin#token="}},
	{"new needs a source", []string{"/alert new payments are slow"}, nil},
}

func TestNewInAConversationWithOneSourceCreatesAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		answer := w.chat.Type(w.ctx, "ana", channel, `/alert new payments are "very" slow`)
		require.False(t, answer.First)
		require.Contains(t, w.text(answer), `#1 is open: payments are "very" slow. Paging Ana.`)
		w.sleep(2 * time.Second)
		require.Len(t, w.shown("payments"), 1)
	})
}

func TestNewElsewhereOpensTheForm(t *testing.T) {
	inWorld(t, func(w *world) {
		answer := w.chat.Type(w.ctx, "ana", w.direct("ana"), "/alert new")
		require.NotNil(t, answer.Form)
		var names []string
		for _, f := range answer.Form.Fields {
			names = append(names, f.Name)
		}
		require.Equal(t, []string{"summary", "details", "source", "policy", "priority"}, names)
		wrong := w.chat.Submit(w.ctx, "ana", w.direct("ana"), answer.Form.ID, map[string]string{"summary": "slow", "source": "promteus"})
		require.Contains(t, wrong.Errors["source"], "Did you mean prometheus?")
		right := w.chat.Submit(w.ctx, "ana", w.direct("ana"), answer.Form.ID, map[string]string{"summary": "slow", "source": "prometheus", "priority": "LOW"})
		require.Contains(t, w.text(right), "#1 is open: slow.")
	})
}

func TestASnoozeButtonOpensAFormFirst(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		card := w.chat.Posts("payments")[0]
		opened := w.chat.Press(w.ctx, "ana", channel, card.Ref, simtest.Button(card.Card, "Snooze"))
		require.True(t, opened.First)
		require.Equal(t, "time", opened.Form.Fields[0].Name)
		wrong := w.chat.Submit(w.ctx, "ana", channel, opened.Form.ID, map[string]string{"time": "whenever"})
		require.Contains(t, wrong.Errors["time"], "no time that I know")
		right := w.chat.Submit(w.ctx, "ana", channel, opened.Form.ID, map[string]string{"time": "2h"})
		require.Contains(t, w.text(right), "#1 is snoozed until")
		w.sleep(2 * time.Second)
		require.Contains(t, w.shown("payments")[0], "💤 Snoozed until")
	})
}

func TestLosingAnAcceptOffersToJoin(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		w.say("ben", "ack 1")
		w.sleep(40 * time.Second)
		lost := w.chat.Type(w.ctx, "ana", channel, "/alert accept 1")
		require.Contains(t, w.text(lost), "Ben accepted 40 s ago.")
		join := simtest.Button(*lost.Card, "Join Ben")
		require.NotEmpty(t, join)
		joined := w.chat.Press(w.ctx, "ana", channel, "", join)
		require.Contains(t, w.text(joined), "You have #1 together with Ben")
		a := w.alert(id)
		require.Len(t, a.Responders, 2)
	})
}

func TestTheSameInteractionActsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		in := bot.Interaction{ID: "X1", Actor: core.Actor{Platform: "chat", Account: "ana"}, In: core.Conversation{Platform: "chat", Ref: "payments"},
			Text: "/alert new slow"}
		w.chat.Deliver(w.ctx, in)
		w.chat.Deliver(w.ctx, in)
		in.ID, in.Text = "X2", "/alert comment 1 looking"
		w.chat.Deliver(w.ctx, in)
		w.chat.Deliver(w.ctx, in)
		var alerts []core.Alert
		var log []store.LogRow
		require.NoError(t, w.db.View(w.ctx, func(tx *store.Tx) (err error) {
			if alerts, err = tx.ListAlerts(w.ctx, store.AlertFilter{Limit: 10}); err != nil {
				return err
			}
			log, err = tx.Log(w.ctx, 1, 0, 100)
			return err
		}))
		require.Len(t, alerts, 1)
		notes := 0
		for _, row := range log {
			if row.Type == core.LogCommentAdded {
				notes++
			}
		}
		require.Equal(t, 1, notes)
	})
}

func TestARefusedAgainIsNotDoneAlready(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		in := bot.Interaction{ID: "X1", Actor: core.Actor{Platform: "chat", Account: "ana"}, In: core.Conversation{Platform: "chat", Ref: "payments"},
			Text: "/alert again 1"}
		require.Contains(t, w.text(w.chat.Deliver(w.ctx, in)), "still open")
		w.say("ana", "resolve 1")
		for range 2 {
			require.Contains(t, w.text(w.chat.Deliver(w.ctx, in)), "#2 is a new alert like #1")
		}
		require.Equal(t, core.AlertID(2), w.newest().ID, "the same interaction again makes no third")
	})
}

func TestAnAlertIsMadeOnlyUnderAPolicyThatOneMayHandle(t *testing.T) {
	inWorld(t, func(w *world) {
		w.apply(strings.Replace(team, "escalationPolicies:", "teams: [{name: secret, visibility: PRIVATE, members: [{user: ana, role: ADMIN}]}]\nescalationPolicies:\n"+
			"  - {name: hidden, teams: [secret], escalationRules: [{escalationTimeout: 5, users: [ana]}]}", 1) +
			"  - {name: vault, integrationKey: il1vaul-0123456789, escalationPolicy: hidden, conversations: [\"chat:vaults\"]}\n")
		got := w.text(w.chat.Type(w.ctx, "ben", core.Conversation{Ref: "vaults"}, "/alert new it is open"))
		require.Contains(t, got, "Not done")
		got = w.text(w.chat.Type(w.ctx, "ana", core.Conversation{Ref: "vaults"}, "/alert new it is open"))
		require.Contains(t, got, "#1 is open")
	})
}

func TestStakeholdersMayLookAndNotTouch(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		require.Contains(t, w.say("dora", "/oncall"), "payments: Ana until")
		require.Contains(t, w.say("dora", "/alert list"), "One alert is open")
		got := w.say("dora", "ack 1")
		require.Contains(t, got, "Not done: accept #1")
		require.Contains(t, got, "RESPONDER")
		require.Equal(t, core.Pending, w.alert(id).Status)
	})
}

func TestAPressByAStrangerIsDoneAfterLinking(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		card := w.chat.Posts("payments")[0]
		refused := w.chat.Press(w.ctx, "U99", channel, card.Ref, "accept:1")
		require.Contains(t, w.text(refused), "not linked")
		require.Contains(t, w.text(refused), "kept for ten minutes")
		require.Equal(t, core.Pending, w.alert(id).Status)

		emil := core.Conversation{Ref: "@emil"}
		code := w.chat.Text(*w.other.Type(w.ctx, "emil", emil, "/watchbell link").Card)
		code = code[strings.Index(code, "/watchbell link"):strings.Index(code, " in the other chat")]
		linked := w.chat.Type(w.ctx, "U99", channel, code)
		require.Contains(t, w.text(linked), "This account is yours now, Emil.")
		require.Equal(t, core.Accepted, w.alert(id).Status, "the press was kept and is done")

		again := w.chat.Type(w.ctx, "U98", channel, code)
		require.Contains(t, w.text(again), "wrong, used or older")
	})
}

func TestCodesCannotBeGuessed(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 5 {
			require.Contains(t, w.text(w.chat.Type(w.ctx, "U99", channel, "/watchbell link AAAA-AAAA")), "This code is wrong")
		}
		require.Contains(t, w.text(w.chat.Type(w.ctx, "U99", channel, "/watchbell link AAAA-AAAA")), "too many wrong codes")
	})
}

func TestSecondPressOfEscalateSkipsNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		card := w.chat.Posts("payments")[0]
		action := simtest.Button(card.Card, "Escalate to Ben")
		require.Equal(t, "escalate:1:2", action)
		w.chat.Press(w.ctx, "ana", channel, card.Ref, action)
		w.chat.Press(w.ctx, "ben", channel, card.Ref, action)
		require.Equal(t, 2, w.alert(id).Level)
	})
}

func TestMergeIntoAnother(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		w.event("prometheus", core.Event{Type: core.EventAlert, Key: "db-4/disk", Summary: "db-4 disk 97 %"})
		w.sleep(2 * time.Second)
		require.Contains(t, w.say("ana", "merge 2 into 1"), "#2 is part of #1 now")
		w.sleep(2 * time.Second)
		require.Contains(t, w.shown("payments")[1], "is part of #1")
	})
}

func TestWithoutFormsAnAnswerSaysWhatToType(t *testing.T) {
	can := simtest.Everything()
	can.Forms = false
	inWorldWith(t, can, func(w *world) {
		w.fire()
		got := w.say("ana", "snooze 1")
		require.Contains(t, got, "Until is missing.")
		require.Contains(t, got, "/alert snooze N 2h")
	})
}

func TestALateAnswerComesOnce(t *testing.T) {
	can := simtest.Everything()
	can.Patience = time.Nanosecond
	inWorldWith(t, can, func(w *world) {
		w.fire()
		got := w.chat.Type(w.ctx, "ana", w.direct("ana"), "list")
		require.NotNil(t, got.Card)
		require.Contains(t, w.text(got), "One alert is open")
	})
}

func TestWhereAPlatformCannotAskTheBotAsksBeforeResolving(t *testing.T) {
	can := simtest.Everything()
	can.Confirm = false
	inWorldWith(t, can, func(w *world) {
		id := w.fire()
		card := w.chat.Posts("payments")[0]
		asked := w.chat.Press(w.ctx, "ana", channel, card.Ref, simtest.Button(card.Card, "Resolve"))
		require.Contains(t, w.text(asked), "Resolve #1? Paging stops for everyone")
		require.Equal(t, core.Pending, w.alert(id).Status)
		w.chat.Press(w.ctx, "ana", channel, "", simtest.Button(*asked.Card, "Resolve"))
		require.Equal(t, core.Resolved, w.alert(id).Status)
	})
}

func TestPrivateTeamsStayPrivate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.apply(strings.Replace(team, "alertSources:", "teams: [{name: secret, visibility: PRIVATE, members: [{user: ana, role: ADMIN}]}]\nalertSources:", 1) +
			"  - {name: vault, integrationKey: il1vaul-0123456789, escalationPolicy: payments, teams: [secret]}\n")
		w.event("vault", core.Event{Type: core.EventAlert, Key: "k", Summary: "the vault is open"})
		w.sleep(time.Second)
		require.Contains(t, w.say("ana", "list"), "the vault is open")
		require.Contains(t, w.say("ben", "list"), "Nothing is open.")
		for _, typed := range []string{"show 1", "ack 1", "why 1", "comment 1 hello", "resolve 1"} {
			got := w.say("ben", typed)
			require.Contains(t, got, "Not done", typed)
			require.NotContains(t, got, "vault", typed)
		}
	})
}

func TestAPrivatePolicyHidesTheAlertsOfAPublicSource(t *testing.T) {
	inWorld(t, func(w *world) {
		w.apply(strings.Replace(team, "escalationPolicies:", "teams: [{name: secret, visibility: PRIVATE, members: [{user: ana, role: ADMIN}]}]\nescalationPolicies:\n"+
			"  - {name: hidden, teams: [secret], escalationRules: [{escalationTimeout: 5, users: [cleo]}]}", 1) +
			"  - {name: vault, integrationKey: il1vaul-0123456789, escalationPolicy: hidden}\n")
		w.event("vault", core.Event{Type: core.EventAlert, Key: "k", Summary: "the vault is open"})
		w.event("grafana", core.Event{Type: core.EventAlert, Key: "k", Summary: "disk is full"})
		w.sleep(time.Second)
		require.Contains(t, w.say("ana", "list"), "2 alerts are open")
		got := w.say("ben", "list")
		require.Contains(t, got, "One alert is open")
		require.Contains(t, got, "disk is full")
		require.NotContains(t, got, "vault")
		require.Contains(t, w.say("cleo", "mine"), "the vault is open", "who is paged sees it")
		require.Contains(t, w.say("cleo", "list"), "2 alerts are open")
		require.Contains(t, w.say("ben", "/oncall vault"), "No policy or schedule “vault”")
		require.Contains(t, w.say("ana", "/oncall vault"), "for hidden (vault)")
	})
}
