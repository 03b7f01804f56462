package bot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTwoTimesAreFoundInWhatIsTyped(t *testing.T) {
	now := time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct {
		typed, from, to string
		used            int
	}{
		{"", "", "", 0},
		{"from", "", "", 1},
		{"18:00", "18:00", "", 1},
		{`"fri 18:00"`, "fri 18:00", "", 1},
		{`"fri 18:00" soon`, "fri 18:00", "soon", 2},
		{"fri 18:00 to", "fri 18:00", "to", 3},
		{"soon 2h", "soon", "2h", 2},
		{"fri 18:00 sat 09:00 thank you", "fri 18:00", "sat 09:00", 4},
		{"18:00 2 hours 2 days off", "18:00", "2 hours 2 days", 5},
		{"6 pm 8 pm please", "6 pm", "8 pm", 4},
		{"2h 2h", "2h", "2h", 2},
	} {
		from, to, used := splitTimes(wordsOf(c.typed), now, time.UTC)
		require.Equal(t, c.from, from, c.typed)
		require.Equal(t, c.to, to, c.typed)
		require.Equal(t, c.used, used, c.typed)
	}
}

func FuzzTimesInWhatIsTyped(f *testing.F) {
	f.Add("from fri 18:00 to “sat 09:00” and more")
	f.Add("now 2h")
	now := time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		words := wordsOf(typed)
		from, to, used := splitTimes(words, now, time.UTC)
		require.LessOrEqual(t, used, len(words))
		start, err := readTime(from, now, time.UTC)
		if err != nil {
			return
		}
		if end, err := readUntil(to, start, now, time.UTC); err == nil {
			require.True(t, end.After(start))
		}
	})
}
