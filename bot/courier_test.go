package bot_test

import (
	"errors"
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

func TestAnAlertIsShownAndItsPersonIsPaged(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		card := w.shown("payments")
		require.Len(t, card, 1)
		require.Contains(t, card[0], "🔴 Pending: db-3 disk 96 %")
		require.Contains(t, card[0], "Paging Ana (level 1 of 2)")
		require.Contains(t, card[0], "next Ben at")
		page := w.shown("@ana")
		require.Len(t, page, 1)
		require.Contains(t, page[0], "You are on call (primary")
		require.Empty(t, w.shown("@ben"))
		require.Len(t, w.other.Posts("@ana"), 1, "every linked chat is called")
	})
}

func TestAnAcceptedPageTellsTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		w.sleep(5 * time.Minute) // Ben is paged
		require.Len(t, w.shown("@ben"), 1)
		page := w.chat.Posts("@ben")[0]
		answer := w.chat.Press(w.ctx, "ben", w.direct("ben"), page.Ref, simtest.Button(page.Card, "Accept"))
		require.NotNil(t, answer.Now)
		require.Contains(t, w.chat.Text(*answer.Now), "Ben has it")
		w.sleep(2 * time.Second)
		require.Equal(t, core.Accepted, w.alert(id).Status)
		require.Contains(t, w.shown("payments")[0], "🟠 Ben has it")
		pages := w.shown("@ana")
		require.Contains(t, pages[len(pages)-1], "Ben accepted")
		require.Contains(t, pages[len(pages)-1], "Nothing to do")
		before := len(pages)
		w.sleep(3 * time.Minute) // longer than two calls are apart
		require.Len(t, w.shown("@ana"), before, "nobody is paged once somebody has it")
	})
}

func TestACardNamesNobodyWhoCannotBePaged(t *testing.T) {
	inWorld(t, func(w *world) {
		w.apply(strings.NewReplacer("users: [ben]}]", "users: [finn]}]", "schedules:\n",
			"  - {username: finn, firstName: Finn, email: finn@example.com, role: USER}\nschedules:\n").Replace(team))
		finn, _ := w.e.Snapshot().UserNamed("finn")
		require.NoError(t, w.db.Tx(w.ctx, func(tx *store.Tx) error { // an account, but no conversation with it
			row := store.IdentityRow{Origin: "code", Identity: core.Identity{Platform: "chat", Account: "finn", User: finn.ID}}
			if err := tx.PutIdentity(w.ctx, row, w.e.Now()); err != nil {
				return err
			}
			_, err := tx.BumpVersion(w.ctx)
			return err
		}))
		w.sleep(time.Minute) // until the configuration is read again
		account, _ := w.e.Snapshot().AccountOf(finn.ID, "chat")
		require.Equal(t, "finn", account)
		w.fire()
		require.Contains(t, w.shown("payments")[0], "next the last resort at")
	})
}

func TestARepeatTurnsTheOlderCallIntoALine(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		w.sleep(2*time.Minute + 30*time.Second)
		posts := w.chat.Posts("@ana")
		require.Len(t, posts, 2)
		require.Empty(t, posts[0].Card.Actions, "the older call keeps no buttons")
		require.Contains(t, w.chat.Text(posts[0].Card), "there is a newer one")
		require.Contains(t, w.chat.Text(posts[1].Card), "Still pending, 2nd call")
	})
}

func TestEscalationIsToldOnceToTheWholeConversation(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		w.sleep(5*time.Minute + 2*time.Second)
		var lines []string
		for _, p := range w.chat.Posts("payments") {
			if p.Aloud {
				lines = append(lines, w.chat.Text(p.Card))
			}
		}
		require.Equal(t, []string{"#1 escalated to Ben (level 2): Ana did not answer in 5 min."}, lines)
	})
}

func TestAMachineThatResolvesLetsTheAccepterSleep(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		require.Contains(t, w.say("ana", "ack"), "You have #1")
		w.event("prometheus", core.Event{Type: core.EventResolve, Key: "db-3/disk"})
		w.sleep(2 * time.Second)
		require.Equal(t, core.Resolved, w.alert(id).Status)
		require.Contains(t, w.shown("payments")[0], "✅ Resolved: db-3 disk 96 %")
		posts := w.chat.Posts("@ana")
		last := posts[len(posts)-1]
		require.Contains(t, w.chat.Text(last.Card), "You can sleep")
		require.True(t, last.Quiet)
		before := len(posts)
		w.sleep(2 * time.Minute)
		require.Len(t, w.chat.Posts("@ana"), before, "it is said once")
	})
}

func TestACallThatIsNotTakenGoesOnToTheNextPerson(t *testing.T) {
	inWorld(t, func(w *world) {
		down := func(op simtest.Op) simtest.Fate {
			if op.To.Ref == "@ana" {
				return simtest.Fate{Err: &bot.SendError{Do: bot.Retry, Err: errors.New("503")}}
			}
			return simtest.Fate{}
		}
		w.chat.Script(down)
		w.other.Script(down)
		w.fire()
		w.sleep(40 * time.Second)
		require.Len(t, w.shown("@ben"), 1, "Ben is paged long before Ana's five minutes are over")
		w.chat.Script(nil)
		w.sleep(time.Minute)
		require.NotEmpty(t, w.shown("@ana"), "and it is still tried")
	})
}

func TestACallIsDroppedOnceTheAlertIsSomebodyElses(t *testing.T) {
	inWorld(t, func(w *world) {
		down := func(op simtest.Op) simtest.Fate {
			if op.To.Ref == "@ana" {
				return simtest.Fate{Err: &bot.SendError{Do: bot.Retry, Err: errors.New("503")}}
			}
			return simtest.Fate{}
		}
		w.chat.Script(down)
		w.other.Script(down)
		w.fire()
		require.Contains(t, w.say("cleo", "assign 1 @ben"), "#1 is with Ben now")
		w.chat.Script(nil)
		w.other.Script(nil)
		w.sleep(90 * time.Second)
		require.Len(t, w.shown("@ben"), 1)
		require.Empty(t, w.shown("@ana"), "it is not hers any more")
		require.Empty(t, w.other.Posts("@ana"))
	})
}

func TestOnePlatformThatFailsIsNotACallThatFailed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.other.Script(func(op simtest.Op) simtest.Fate {
			return simtest.Fate{Err: &bot.SendError{Do: bot.Retry, Err: errors.New("503")}}
		})
		w.fire()
		w.sleep(90 * time.Second)
		require.Empty(t, w.shown("@ben"))
		require.Len(t, w.shown("@ana"), 1)
	})
}

func TestARefusedCallIsGivenUpAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		refuse := func(op simtest.Op) simtest.Fate {
			if op.To.Ref == "@ana" {
				return simtest.Fate{Err: &bot.SendError{Do: bot.Reject, Err: errors.New("the account is closed")}}
			}
			return simtest.Fate{}
		}
		w.chat.Script(refuse)
		w.other.Script(refuse)
		w.fire()
		w.sleep(5 * time.Second)
		require.Len(t, w.shown("@ben"), 1)
	})
}

func TestALostAnswerMakesNoSecondPost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.Script(func(op simtest.Op) simtest.Fate {
			if op.N < 3 {
				return simtest.Fate{Done: true, Err: &bot.SendError{Do: bot.Retry, Err: errors.New("connection reset")}}
			}
			return simtest.Fate{}
		})
		w.fire()
		w.sleep(time.Minute)
		require.Len(t, w.shown("payments"), 1)
		require.Len(t, w.shown("@ana"), 1)
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	inWorld(t, func(w *world) {
		var tried []time.Time
		w.chat.Script(func(op simtest.Op) simtest.Fate {
			if op.To.Ref != "payments" {
				return simtest.Fate{}
			}
			tried = append(tried, time.Now())
			if len(tried) == 1 {
				return simtest.Fate{Err: &bot.SendError{Do: bot.Retry, After: 20 * time.Second, Err: errors.New("429")}}
			}
			return simtest.Fate{}
		})
		w.fire()
		w.event("prometheus", core.Event{Type: core.EventAlert, Key: "db-4/disk", Summary: "db-4 disk 97 %"})
		w.sleep(time.Minute)
		require.Len(t, w.shown("payments"), 2)
		require.GreaterOrEqual(t, tried[1].Sub(tried[0]), 20*time.Second, "nothing goes to that conversation before")
	})
}

func TestAPanicInAnAdapterIsConfined(t *testing.T) {
	inWorld(t, func(w *world) {
		w.chat.Script(func(op simtest.Op) simtest.Fate {
			if op.N == 0 {
				panic("a bug in the platform's library")
			}
			return simtest.Fate{}
		})
		w.fire()
		w.sleep(10 * time.Second)
		require.Len(t, w.shown("payments"), 1)
		require.Len(t, w.shown("@ana"), 1)
	})
}

func TestADeletedCardIsPostedAnewOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		w.chat.Delete(w.chat.Posts("payments")[0].Ref)
		require.Contains(t, w.say("ana", "comment 1 looking"), "Noted on #1")
		w.say("ana", "ack 1")
		w.sleep(3 * time.Second)
		posts := w.chat.Posts("payments")
		require.NotEmpty(t, posts)
		require.Contains(t, w.chat.Text(posts[0].Card), "Ana has it")
		for _, p := range posts {
			w.chat.Delete(p.Ref)
		}
		w.say("ana", "snooze 1 2h")
		w.sleep(10 * time.Second)
		for _, p := range w.chat.Posts("payments") {
			require.NotEmpty(t, p.Thread, "a second deletion is meant")
		}
	})
}

func TestBurstsBecomeOneEdit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.fire()
		for range 20 {
			w.event("prometheus", core.Event{Type: core.EventAlert, Key: "db-3/disk", Summary: "db-3 disk 96 %"})
		}
		w.sleep(40 * time.Second)
		post := w.chat.Posts("payments")[0]
		require.Contains(t, w.chat.Text(post.Card), "×21")
		require.LessOrEqual(t, post.Edits, 3)
	})
}

func TestStillOnItIsAskedAndAnswered(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.fire()
		w.say("ana", "ack 1 2m")
		w.sleep(2*time.Minute + 2*time.Second)
		posts := w.chat.Posts("@ana")
		nudge := posts[len(posts)-1]
		require.True(t, strings.HasPrefix(w.chat.Text(nudge.Card), "Still on it?"), w.chat.Text(nudge.Card))
		w.chat.Press(w.ctx, "ana", w.direct("ana"), nudge.Ref, simtest.Button(nudge.Card, "Still on it"))
		w.sleep(6 * time.Minute) // longer than an answer is waited for
		require.Equal(t, core.Accepted, w.alert(id).Status)
		require.Empty(t, w.shown("@ben"))
	})
}

func TestAStormIsOneCardThatCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 40 {
			w.event("prometheus", core.Event{Type: core.EventAlert, Key: fmt.Sprint(i), Summary: fmt.Sprintf("disk %d is full", i)})
		}
		w.sleep(5 * time.Second)
		posts := w.chat.Posts("payments")
		require.Len(t, posts, 21, "20 cards and the storm")
		storm := posts[20]
		require.Contains(t, w.chat.Text(storm.Card), "40 alerts in 1 min: prometheus 40 · 40 pending")
		w.chat.Press(w.ctx, "ana", channel, storm.Ref, simtest.Button(storm.Card, "Accept all"))
		w.sleep(3 * time.Minute)
		posts = w.chat.Posts("payments")
		require.Contains(t, w.chat.Text(posts[20].Card), "✅ 40 alerts in 1 min: prometheus 40 · 0 pending")
		require.Contains(t, w.chat.Text(posts[0].Card), "Ana has it")
		w.event("prometheus", core.Event{Type: core.EventAlert, Key: "later", Summary: "disk 41 is full"})
		w.sleep(2 * time.Second)
		posts = w.chat.Posts("payments")
		require.Contains(t, w.chat.Text(posts[len(posts)-1].Card), "disk 41 is full", "it ends by itself")
	})
}
