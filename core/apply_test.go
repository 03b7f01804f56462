package core

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// born is an alert of a one-level policy with that person.
func born(t *testing.T, p Person) (Alert, Env) {
	t.Helper()
	env := Env{Now: dawn, Source: Source{ID: 1, Name: "s"}, Policy: Policy{ID: 1, Name: "p"},
		Levels: []Level{{Timeout: 5 * time.Minute, People: []Because{{User: p.User, Rule: 1}}}},
		People: map[UserID]Person{p.User: p, 2: {User: 2, Name: "Ben", Role: Responder, Platforms: []string{"webchat"}}}}
	d, err := Apply(Alert{}, EventArrived{ID: 1, Event: Event{Type: EventAlert, Summary: "x", Key: "k"}}, env)
	require.NoError(t, err)
	d.Alert.ID = 12
	return d.Alert, env
}

var ana = Person{User: 1, Name: "Ana", Role: Responder, Platforms: []string{"webchat", "ntfy"}}

func must(t *testing.T, a Alert, in Input, env Env) Decision {
	t.Helper()
	d, err := Apply(a, in, env)
	require.NoError(t, err)
	return d
}

func TestCallsAreBoundedAndTheBoundIsTold(t *testing.T) {
	restless := ana
	restless.Notify = []Notify{{Every: time.Second, Times: 450}}
	a, env := born(t, restless)
	env.Policy.Repeating, env.Policy.Frequency = true, 9
	pages, told := 2, 0 // the first call went to two platforms
	for !a.NextAt.IsZero() {
		env.Now = a.NextAt
		d := must(t, a, Due{Epoch: a.Epoch}, env)
		a = d.Alert
		for _, e := range d.Effects {
			if p, ok := e.(Page); ok {
				pages += len(p.By)
			}
		}
		for _, e := range d.Log {
			if e.Type == LogCallLimit {
				told++
			}
		}
	}
	require.Equal(t, MaxCalls, pages)
	require.Equal(t, MaxCalls, a.Made)
	require.Equal(t, 1, told)
	require.False(t, a.Ended.IsZero(), "the escalation went on to its end")
}

func TestOnlyAskedPeopleAreWanted(t *testing.T) {
	a, env := born(t, ana)
	require.True(t, a.Wanted(1, 1))
	require.False(t, a.Wanted(1, 2), "a call that was not made")
	require.False(t, a.Wanted(2, 1), "who was never asked")
	env.Now = a.NextAt
	require.True(t, must(t, a, Due{Epoch: a.Epoch}, env).Alert.Wanted(1, 1), "a timer that moved takes no call back")
	for name, in := range map[string]Input{
		"accept": Accept{By: 1}, "accept by another": Accept{By: 2}, "resolve": Resolve{By: 2}, "snooze": Snooze{By: 2, Until: env.Now.Add(time.Hour)},
		"assign away": Assign{By: 1, User: 2}, "merge": Merge{By: 1, Into: 3}, "remove": RemoveResponder{By: 2, User: 1},
		"source accepts": EventArrived{Event: Event{Type: EventAccept}},
	} {
		require.False(t, must(t, a, in, env).Alert.Wanted(1, 1), name)
	}
	accepted := must(t, a, Accept{By: 1}, env).Alert
	joined := must(t, accepted, AddResponder{By: 1, User: 2}, env).Alert
	require.True(t, joined.Wanted(2, 1), "asked to join an accepted alert")
	require.False(t, must(t, joined, Accept{By: 2}, env).Alert.Wanted(2, 1), "who joined")
}

func TestEveryEntryPointRefusesNonsenseWithoutPanic(t *testing.T) {
	a, env := born(t, ana)
	for _, c := range []struct {
		in   Input
		kind Kind
	}{
		{Accept{By: 1, For: -time.Hour}, Invalid},
		{Accept{By: 1, For: 1 << 62}, Invalid},
		{Assign{By: 1}, Invalid},
		{Assign{By: 1, User: 1, Policy: 1}, Invalid},
		{Assign{By: 1, User: 99}, NotFound},
		{AddResponder{By: 1, User: 99}, NotFound},
		{RemoveResponder{By: 1, User: 99}, NotFound},
		{Snooze{By: 1, Until: env.Now.Add(400 * 24 * time.Hour)}, Invalid},
		{Snooze{By: 1}, Invalid},
		{Merge{By: 1, Into: 12}, Invalid},
		{Merge{By: 1}, Invalid},
		{Absorb{By: 1, Child: 12}, Invalid},
		{Comment{By: 1}, Invalid},
		{Unaccept{By: 1}, Conflict},
		{nil, Internal},
	} {
		d, err := Apply(a, c.in, env)
		require.Error(t, err, "%#v", c.in)
		require.Equal(t, c.kind, KindOf(err), "%#v: %v", c.in, err)
		require.Equal(t, a, d.Alert, "%#v", c.in)
	}
	_, err := Apply(Alert{}, Accept{By: 1}, Env{})
	require.Equal(t, NotFound, KindOf(err))
	d := must(t, Alert{}, EventArrived{Event: Event{Type: EventAlert}}, Env{})
	require.Equal(t, OutcomeCreated, d.Outcome, "a world without anything still has an alert")
	require.Equal(t, LogNobodyOnCall, d.Log[len(d.Log)-1].Type)
}

func TestAdminKeyActsWithoutBecomingAResponder(t *testing.T) {
	a, env := born(t, ana)
	d := must(t, a, Accept{}, env)
	require.Equal(t, Accepted, d.Alert.Status)
	require.Len(t, d.Alert.Responders, 1)
	d = must(t, d.Alert, Unaccept{}, env)
	require.Equal(t, Pending, d.Alert.Status)
	require.Equal(t, d.Alert, must(t, d.Alert, Raise{}, env).Alert, "raising HIGH does nothing")
	require.Equal(t, Resolved, must(t, d.Alert, Resolve{}, env).Alert.Status)
}

func TestTimesAreMicrosecondsInUTC(t *testing.T) {
	a, env := born(t, ana)
	env.Now = time.Date(2026, 11, 23, 4, 1, 2, 3456789, time.FixedZone("CET", 3600))
	a = must(t, a, Accept{By: 1, For: time.Hour}, env).Alert
	require.Equal(t, time.Date(2026, 11, 23, 4, 1, 2, 3456000, time.UTC), a.NextAt)
	require.Equal(t, time.UTC, a.NextAt.Location())
}

func TestManualAlertTakesItsOwnPolicy(t *testing.T) {
	_, env := born(t, ana)
	d := must(t, Alert{}, EventArrived{Event: Event{Type: EventAlert, By: 2, Policy: 7, Key: " k "}}, env)
	require.Equal(t, PolicyID(7), d.Alert.Policy)
	require.Equal(t, "k", d.Alert.Key)
}

func TestStaleTimerDoesNothing(t *testing.T) {
	a, env := born(t, ana)
	stale := a.Epoch
	env.Now = a.NextAt
	a = must(t, a, Due{Epoch: a.Epoch}, env).Alert
	env.Now = a.NextAt // something is due, but not by the word of an old timer
	for _, epoch := range []int64{stale, a.Epoch + 1, 0} {
		d := must(t, a, Due{Epoch: epoch}, env)
		require.False(t, d.Changed)
		require.Equal(t, a, d.Alert)
	}
	require.True(t, must(t, a, Due{Epoch: a.Epoch}, env).Changed)
}

func TestOneMoreEventIsCountedAndDated(t *testing.T) {
	a, env := born(t, ana)
	env.Now = env.Now.Add(time.Minute)
	d := must(t, a, EventArrived{ID: 2, Event: Event{Type: EventAlert, Summary: "other", Details: "other"}}, env)
	require.Equal(t, 2, d.Alert.Events)
	require.Equal(t, env.Now, d.Alert.EventAt)
	require.Equal(t, "x", d.Alert.Summary, "the first event's text stays")
	require.Empty(t, d.Log, "the view unions events; the log has no copy")
	require.Equal(t, a.Epoch, d.Alert.Epoch)
}

func TestALongCommentIsRefusedWhoeverWritesIt(t *testing.T) {
	a := Alert{ID: 1, Status: Pending, CreatedAt: dawn}
	env := Env{Now: dawn, People: map[UserID]Person{1: ana}}
	fits := strings.Repeat("ä", MaxComment)
	for _, in := range []func(text string) Input{
		func(text string) Input { return Comment{By: 1, Text: text} },
		func(text string) Input { return Comment{Creator: "monitor", Text: text} },
		func(text string) Input { return Resolve{By: 1, Comment: text} },
	} {
		_, err := Apply(a, in(fits), env)
		require.NoError(t, err)
		_, err = Apply(a, in(fits+"!"), env)
		require.Equal(t, Invalid, KindOf(err))
		require.ErrorContains(t, err, "4097")
	}
}
