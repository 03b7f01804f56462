package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/bot/simtest"
	"github.com/watchbell/watchbell/core"
)

// night is a team with a night shift of Cleo's each day, 20:00 to 08:00 in Berlin. The
// bubble's clock starts on Saturday 1 January 2000 at 01:00 there.
const night = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Berlin, role: ADMIN, identities: {chat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {chat: ben}}
  - {username: cleo, firstName: Cleo, email: cleo@example.com, timezone: Europe/Berlin, role: RESPONDER, identities: {chat: cleo}}
  - {username: dora, firstName: Dora, email: dora@example.com, timezone: Europe/Berlin, role: STAKEHOLDER, identities: {chat: dora}}
schedules:
  - {name: primary, timezone: Europe/Berlin, scheduleLayers: [
      {name: day, startsOn: "1999-12-01T08:00", rotation: P1D, users: [ana]},
      {name: night, startsOn: "1999-12-01T20:00", rotation: P1D, users: [cleo], restrictionType: TIMES_OF_WEEK, restrictions: [
        {from: {dayOfWeek: SATURDAY, time: "20:00"}, to: {dayOfWeek: SUNDAY, time: "08:00"}}, {from: {dayOfWeek: SUNDAY, time: "20:00"}, to: {dayOfWeek: MONDAY, time: "08:00"}}]}]}
  - {name: db, timezone: Europe/Berlin, scheduleLayers: [{name: week, startsOn: "1999-12-06T09:00", rotation: P7D, users: [ben]}]}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 5, schedules: [primary]}, {escalationTimeout: 10, schedules: [db]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments}
`

func inNight(t *testing.T, test func(w *world)) {
	inWorld(t, func(w *world) {
		w.apply(night)
		test(w)
	})
}

// cover is the one card of a request that somebody has.
func (w *world) cover(name string, id int64) simtest.Post {
	w.Helper()
	var found []simtest.Post
	for _, p := range w.chat.Posts(w.direct(name).Ref) {
		if p.Card.Cover == id {
			found = append(found, p)
		}
	}
	require.Len(w, found, 1, "%s has one card of c%d", name, id)
	return found[0]
}

func (w *world) press(name string, id int64, label string) simtest.Answer {
	w.Helper()
	p := w.cover(name, id)
	for _, a := range p.Card.Actions {
		if strings.HasPrefix(a.Label, label) {
			return w.chat.Press(w.ctx, name, w.direct(name), p.Ref, a.Action)
		}
	}
	w.Fatalf("%s has no button %s on %s", name, label, w.chat.Text(p.Card))
	return simtest.Answer{}
}

// lines are what somebody was told in their own conversation, beside cards.
func (w *world) lines(name string) string {
	w.Helper()
	var out []string
	for _, p := range w.chat.Posts(w.direct(name).Ref) {
		if p.Card.Cover == 0 && p.Card.Alert == 0 {
			out = append(out, w.chat.Text(p.Card))
		}
	}
	return strings.Join(out, "\n")
}

func TestACoverRequestFromAskToUndo(t *testing.T) {
	inNight(t, func(w *world) {
		answer := w.say("cleo", "/cover ask @ana @ben primary sat 20:00 sun 08:00 a concert")
		require.Contains(w, answer, "You asked Ana and Ben: primary Sat 20:00 – Sun 08:00 CET (12 h) · c1")
		require.Contains(w, answer, "⚠️ Ben is on call for db then: Sat 20:00 – Sun 08:00 CET (12 h)")
		require.Contains(w, answer, "[Undo]")
		w.sleep(2 * time.Second)
		card := w.chat.Text(w.cover("ben", 1).Card)
		require.Contains(w, card, "Cleo asks you: primary Sat 20:00 – Sun 08:00 CET (12 h) · c1")
		require.Contains(w, card, "“a concert”")
		require.Contains(w, card, "You are on call for db then")
		require.Contains(w, w.chat.Text(w.cover("cleo", 1).Card), "no answer yet: Ana and Ben")

		form := w.press("ana", 1, "Decline")
		require.NotNil(w, form.Form, "a button with dots asks first")
		require.Equal(w, "reason", form.Form.Fields[0].Name)
		require.Contains(w, w.text(w.chat.Submit(w.ctx, "ana", w.direct("ana"), form.Form.ID, map[string]string{"reason": "away"})), "You declined c1; Cleo is told.")
		require.NotNil(w, w.press("ben", 1, "Accept").Now, "the card answers")
		w.sleep(2 * time.Second)
		require.Contains(w, w.lines("cleo"), "Ana cannot take c1: “away”.")
		require.Contains(w, w.lines("cleo"), "Ben covers you: primary 19:00 – 07:00 (12 h). c1 is taken.")
		for _, name := range []string{"ana", "ben", "cleo"} {
			require.Contains(w, w.chat.Text(w.cover(name, 1).Card), "✅ Ben covers Cleo: primary Sat 20:00", name)
		}
		require.Contains(w, w.say("ana", "cover accept c1"), "Ben was first")
		require.Contains(w, w.say("ana", "/oncall primary at sat 21:00"), "Ben until")

		w.press("ben", 1, "Undo")
		w.sleep(2 * time.Second)
		require.Contains(w, w.say("ana", "/oncall primary at sat 21:00"), "Cleo until")
		require.Contains(w, w.lines("cleo"), "Ben gave back what was taken of c1")
	})
}

func TestSeveralTakeParts(t *testing.T) {
	inNight(t, func(w *world) {
		require.Contains(w, w.say("cleo", "/cover ask anyone primary sat 20:00 mon 08:00"), "You asked Ana: 2 pieces (1 d)")
		w.sleep(2 * time.Second)
		part := w.press("ana", 1, "Take part")
		require.NotNil(w, part.Form)
		wrong := w.chat.Submit(w.ctx, "ana", w.direct("ana"), part.Form.ID, map[string]string{"from": "22:00", "to": "never"})
		require.Contains(w, wrong.Errors["to"], "“never” is no time that I know")
		right := w.chat.Submit(w.ctx, "ana", w.direct("ana"), part.Form.ID, map[string]string{"from": "22:00", "to": "2h"})
		require.Contains(w, w.text(right), "You cover Cleo: primary Sat 22:00 – Sun 00:00 CET (2 h) · c1")
		w.sleep(2 * time.Second)
		card := w.chat.Text(w.cover("cleo", 1).Card)
		require.Contains(w, card, "primary Sat 22:00 – Sun 00:00 CET (2 h): Ana ✓")
		require.Contains(w, card, "primary Sun 00:00 – Sun 08:00 CET (8 h): open")
		require.Contains(w, w.say("ana", "/cover accept 1 sun 20:00 to 2h"), "You cover Cleo: primary Sun 20:00 – Sun 22:00 CET (2 h)")
		require.Contains(w, w.say("cleo", "/cover"), "· c1 · pending")
		require.Contains(w, w.say("cleo", "/cover cancel c1"), "c1 is cancelled. What was taken stays taken.")
		require.Contains(w, w.say("ana", "/oncall primary at sat 22:30"), "Ana until")
		require.Contains(w, w.say("ana", "/cover accept 1"), "Cleo has cancelled c1")
	})
}

func TestTheAskFormOffersMyShifts(t *testing.T) {
	inNight(t, func(w *world) {
		form := w.chat.Type(w.ctx, "cleo", w.direct("cleo"), "/cover ask").Form
		require.NotNil(w, form)
		fields := map[string]bot.FormField{}
		for _, f := range form.Fields {
			fields[f.Name] = f
		}
		require.Equal(w, "anyone", fields["user"].Options[0].Value)
		require.Equal(w, "primary Sat 20:00 – Sun 08:00 CET (12 h)", fields["schedule"].Options[0].Label)
		require.False(w, fields["from"].Required)
		values := map[string]string{"user": "anyone", "schedule": fields["schedule"].Options[0].Value, "message": "please"}
		require.Contains(w, w.text(w.chat.Submit(w.ctx, "cleo", w.direct("cleo"), form.ID, values)), "You asked Ana: primary Sat 20:00 – Sun 08:00 CET (12 h)")
		missing := w.chat.Submit(w.ctx, "cleo", w.direct("cleo"), form.ID, map[string]string{"user": "ana", "schedule": "primary"})
		require.Contains(w, missing.Errors, "from")
	})
}

func TestOverridesInChat(t *testing.T) {
	inNight(t, func(w *world) {
		require.Contains(w, w.say("ben", "/override"), "There is no override.")
		answer := w.say("ben", "/override primary @ana sat 20:00 2h")
		require.Contains(w, answer, "Ana is on call for primary: Sat 20:00 – Sat 22:00 CET (2 h) · o1")
		require.Contains(w, answer, "[Undo]")
		w.sleep(2 * time.Second)
		require.Contains(w, w.lines("ana"), "Ben put you on call for primary: 19:00 – 21:00 (2 h). o1")
		require.Contains(w, w.lines("cleo"), "Ben put Ana on call for primary in your place")
		require.Contains(w, w.say("cleo", "/override list"), "o1 primary: Ana Sat 20:00")
		require.Contains(w, w.say("cleo", "/override cancel o1"), "Not done: /override cancel o1")
		require.Contains(w, w.say("ben", "override cancel 1"), "o1 is cancelled: Cleo is on call for primary from")
		require.Contains(w, w.say("ben", "override cancel 1"), "was cancelled before")
		require.Contains(w, w.say("cleo", "/oncall take primary 2h"), "You are on call for primary: Sat 01:00 – Sat 03:00 CET (2 h) · o2")
		require.Contains(w, w.say("cleo", "/oncall"), "payments: Cleo until")
		require.Contains(w, w.say("cleo", "/override primary @ana 18:00 20:00"), "put somebody else on call")
		require.Contains(w, w.say("dora", "/oncall take primary 2h"), "You may not take on-call")
		require.Contains(w, w.say("ben", "/override prmary @ana 18:00 20:00"), "No schedule “prmary”. Did you mean primary?")
		require.Contains(w, w.say("ben", "/override primary @dora 18:00 20:00"), "Dora may not be on call on primary")
		require.Contains(w, w.say("ben", "/override primary @ana 2000-01-03T18:00 2000-01-02T18:00"), "does not lie after the start")
	})
}

func TestFromAndToAsPeopleTypeThem(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"18:00 20:00", "Sat 18:00 – Sat 20:00 CET (2 h)"},
		{"18:00 08:00", "Sat 18:00 – Sun 08:00 CET (14 h)"},
		{"now 2h", "Sat 01:00 – Sat 03:00 CET (2 h)"},
		{"from now until 09:00", "Sat 01:00 – Sat 09:00 CET (8 h)"},
		{"fri 18:00 1h30m", "Fri 7 Jan 18:00 – Fri 7 Jan 19:30 CET (1 h 30 min)"},
		{"fri 18:00 to mon 08:00", "Fri 7 Jan 18:00 – Mon 10 Jan 08:00 CET (2 d 14 h)"},
		{"tomorrow 09:00 tomorrow 6 pm", "Sun 09:00 – Sun 18:00 CET (9 h)"},
		{"\"tomorrow 09:00\" 2 hours", "Sun 09:00 – Sun 11:00 CET (2 h)"},
		{"2h 3h", "Sat 03:00 – Sat 06:00 CET (3 h)"},
		{"2000-01-05T09:00 2000-01-05T17:00Z", "Wed 09:00 – Wed 18:00 CET (9 h)"},
		{"1999-12-31T09:00 00:30", ""}, // over by now
		{"1999-12-31T09:00 18h", "Sat 01:00 – Sat 03:00 CET (2 h)"},
	} {
		t.Run(c.typed, func(t *testing.T) {
			inNight(t, func(w *world) {
				got := w.say("ben", "/override primary @ana "+c.typed)
				if c.want == "" {
					require.Contains(w, got, "is over already")
					return
				}
				require.Contains(w, got, "Ana is on call for primary: "+c.want)
			})
		})
	}
}

func TestThePageGoesToWhoCoversAtThatInstant(t *testing.T) {
	inNight(t, func(w *world) {
		w.say("cleo", "/cover ask @ana primary sat 20:00 sun 08:00")
		require.Contains(w, w.say("ana", "cover accept 1 22:00 2h"), "You cover Cleo")
		for at, want := range map[time.Duration]string{19*time.Hour + 30*time.Minute: "cleo", 21*time.Hour + 30*time.Minute: "ana", 23*time.Hour + 30*time.Minute: "cleo"} {
			u, _ := w.e.Snapshot().UserNamed(want)
			shift, ok := w.e.Snapshot().OnCall(w.primary(), time.Now().Add(at))
			require.True(w, ok)
			require.Equal(w, u.ID, shift.User, "after %s", at)
		}
	})
}

func (w *world) primary() core.ScheduleID {
	s, _ := w.e.Snapshot().ScheduleNamed("primary")
	return s.ID
}

func TestCoverWithoutFormsIsTyped(t *testing.T) {
	can := simtest.Everything()
	can.Forms = false
	inWorldWith(t, can, func(w *world) {
		w.apply(night)
		require.Contains(w, w.say("cleo", "/cover ask @ana"), "/cover ask @user|anyone SCHEDULE FROM TO [message]")
		w.say("cleo", "/cover ask @ana primary sat 20:00 sun 08:00")
		w.sleep(2 * time.Second)
		w.press("ana", 1, "Decline")
		w.sleep(2 * time.Second)
		require.Regexp(w, regexp.MustCompile("Ana cannot take c1.* still on call"), w.lines("cleo"))
	})
}
