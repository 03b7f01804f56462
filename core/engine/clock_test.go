package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheClockFollowsTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, there := &clock{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		require.NoError(t, c.set(there, 200*time.Millisecond))
		require.Equal(t, there.Add(100*time.Millisecond), c.now())
		time.Sleep(time.Minute)
		require.Equal(t, there.Add(time.Minute+100*time.Millisecond), c.now())
	})
}

func TestAClockThatWasSetBackIsCaughtUpWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, there := &clock{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		require.NoError(t, c.set(there, 0))
		c.now()
		require.NoError(t, c.set(there.Add(-time.Hour), 0))
		last := c.now()
		require.Equal(t, there, last)
		for range 119 {
			time.Sleep(time.Minute)
			now := c.now()
			require.Equal(t, 30*time.Second, now.Sub(last), "half speed")
			last = now
		}
		time.Sleep(2 * time.Minute)
		require.Equal(t, there.Add(61*time.Minute), c.now(), "and then the database's time")
	})
}

func TestManyQuestionsDoNotStopAClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, there := &clock{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		require.NoError(t, c.set(there, 0))
		c.now()
		require.NoError(t, c.set(there.Add(-time.Hour), 0))
		for range 10_000 {
			time.Sleep(time.Microsecond)
			c.now()
		}
		require.Equal(t, there.Add(5*time.Millisecond), c.now())
	})
}

func TestASlowAnswerSetsNoClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, there := &clock{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		require.NoError(t, c.set(there, 0))
		require.Error(t, c.set(there.Add(time.Hour), 4*time.Second))
		require.Equal(t, there, c.now())
	})
}
