package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

// fragile is an adapter whose Run ends as it is told, each time once.
type fragile struct {
	began []time.Time
	ends  []func() error
}

func (f *fragile) Can() Can { return Can{} }
func (f *fragile) Send(context.Context, core.Conversation, Message) (core.PostRef, error) {
	return "", nil
}
func (f *fragile) Edit(context.Context, core.Conversation, core.PostRef, Message) error { return nil }
func (f *fragile) Run(ctx context.Context, _ Handler) error {
	f.began = append(f.began, time.Now())
	if len(f.began) <= len(f.ends) {
		return f.ends[len(f.began)-1]()
	}
	<-ctx.Done()
	return nil
}

func TestAnAdapterThatEndsIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := &fragile{ends: []func() error{
			func() error { return errors.New("the token was revoked") },
			func() error { panic("a bug in the platform's library") },
			func() error { return nil },
		}}
		sound := &fragile{}
		b := &Bot{adapters: map[string]Adapter{"broken": broken, "sound": sound}, log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, b.Run(ctx))
		require.Len(t, broken.began, 4)
		require.Equal(t, 7*time.Second, broken.began[3].Sub(broken.began[0]), "1, 2 and 4 s between them: no hot loop")
		require.Len(t, sound.began, 1, "the other one goes on")
	})
}

// slow is a handler that takes a minute.
type slow struct{ flight inFlight }

func (s *slow) keep() func()                                 { return s.flight.start() }
func (s *slow) First(Interaction) (Form, bool)               { return Form{}, false }
func (s *slow) Options(Interaction, string, string) []Option { return nil }
func (s *slow) Handle(context.Context, Interaction) Reply {
	time.Sleep(time.Minute)
	return Reply{Card: &Card{Plain: "done"}}
}

func TestAnswerWithinPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ok := Answer(t.Context(), &slow{}, Interaction{}, time.Hour, func(context.Context, Reply) { t.Error("late, too") })
		require.True(t, ok)
		require.Equal(t, "done", r.Card.Plain)
	})
}

func TestALateAnswerComesOnceAndIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, came := &slow{}, 0
		began := time.Now()
		_, ok := Answer(t.Context(), h, Interaction{}, 3*time.Second, func(context.Context, Reply) { came++ })
		require.False(t, ok)
		require.Equal(t, 3*time.Second, time.Since(began), "acknowledged in time")
		h.flight.wait()
		require.Equal(t, 1, came)
		h.flight.wait() // nothing in flight: returns at once
	})
}

func TestRetriesGrowToAMinute(t *testing.T) {
	for tries, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		got := retryAfter(tries)
		require.GreaterOrEqual(t, got, want*time.Second)
		require.Less(t, got, want*time.Second*12/10+time.Nanosecond)
	}
	require.Less(t, retryAfter(1000), 73*time.Second)
}
