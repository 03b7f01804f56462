package bot

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

func TestQuotesKeepWordsTogether(t *testing.T) {
	for typed, want := range map[string][]string{
		`snooze 12 "tomorrow 09:00"`: {"snooze", "12", "tomorrow 09:00"},
		`snooze 12 “fri 18:00”`:      {"snooze", "12", "fri 18:00"},
		`comment 12 it's Ana's disk`: {"comment", "12", "it's", "Ana's", "disk"},
		`new "not closed`:            {"new", "not closed"},
		"  a\t b\n c ":               {"a", "b", "c"},
		`""`:                         {""},
		"":                           nil,
	} {
		var got []string
		for _, w := range wordsOf(typed) {
			got = append(got, w.text)
		}
		require.Equal(t, want, got, typed)
	}
}

func TestLeadingNumbersAreAlerts(t *testing.T) {
	for _, c := range []struct {
		typed string
		max   int
		ids   []core.AlertID
		left  string
	}{
		{"12 13", 50, []core.AlertID{12, 13}, ""},
		{"#12 13 15m", 50, []core.AlertID{12, 13}, "15m"},
		{"12,13, 14 done", 50, []core.AlertID{12, 13, 14}, "done"},
		{"12 12", 50, []core.AlertID{12}, ""},
		{"12 2", 1, []core.AlertID{12}, "2"},
		{"0 x", 50, nil, "0 x"},
		{"-1", 50, nil, "-1"},
		{"99999999999999999999", 50, nil, "99999999999999999999"},
	} {
		ids, left := leadingNumbers(wordsOf(c.typed), c.max)
		require.Equal(t, c.ids, ids, c.typed)
		require.Equal(t, c.left, rest(c.typed, left), c.typed)
	}
}

func TestNearestName(t *testing.T) {
	names := []string{"payments-primary", "payments", "accept", "resolve", "oncall"}
	for got, want := range map[string]string{"paymnts": "payments", "acept": "accept", "resovle": "resolve", "payments-prim": "payments-primary", "zebra": "", "x": ""} {
		require.Equal(t, want, config.Nearest(got, names), got)
	}
}

func TestEveryVerbHasOneMeaning(t *testing.T) {
	seen := map[string]string{}
	for _, v := range verbs() {
		require.NotNil(t, v.run, v.name)
		for _, n := range append([]string{v.name}, v.also...) {
			key := v.family + " " + n
			require.Empty(t, seen[key], "%s is both %s and %s", key, seen[key], v.name)
			seen[key] = v.name
		}
		require.LessOrEqual(t, len(v.button())+len(":9223372036854775807:")+20, 80, "a button of %s must fit into 80 bytes", v.name)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	got := say("{} and {}", plain("{} {}"), plain("{}"))
	require.Equal(t, "{} {} and {}", render(got, zone{}, night, nil))
}

func TestFitNeverShowsMoreThanAPlatformCan(t *testing.T) {
	can := Can{Text: 300, Buttons: 3, Fields: 1, Links: true}
	for _, state := range states(t) {
		c := Fit(state.draw(), can)
		require.LessOrEqual(t, len(c.Actions), can.Buttons, state.name)
		require.LessOrEqual(t, len(c.Fields), can.Fields, state.name)
		total := size(c.Headline) + size(c.Footer)
		for _, l := range c.Lines {
			total += size(l)
		}
		for _, f := range c.Fields {
			total += len(f.Name) + size(f.Value)
		}
		require.LessOrEqual(t, total, can.Text, state.name)
		require.LessOrEqual(t, len(c.Plain), can.Text, state.name)
	}
}

func TestFitKeepsNumberAndFirstStep(t *testing.T) {
	s := pendingScene(t)
	s.Alert.Summary = strings.Repeat("a very long summary ", 500)
	c := Fit(s.channelCard(), Can{Text: 200, Buttons: 1})
	require.Equal(t, "Accept", c.Actions[0].Label)
	require.Contains(t, picture(c, s), "#1234")
	require.Contains(t, picture(c, s), "…")
}

func TestFitDoesNotChangeTheCardItWasGiven(t *testing.T) {
	c := pendingScene(t).channelCard()
	before := picture(c, pendingScene(t))
	Fit(c, Can{Text: 80, Buttons: 1})
	require.Equal(t, before, picture(c, pendingScene(t)))
}

func FuzzWords(f *testing.F) {
	f.Add(`/alert snooze 12 "tomorrow 09:00"`)
	f.Add("“”\"\xff #1,2,,3 «»")
	f.Fuzz(func(t *testing.T, text string) {
		words := wordsOf(text)
		for _, w := range words {
			if w.at < 0 || w.at >= len(text)+1 {
				t.Fatalf("%q: word %q begins at %d", text, w.text, w.at)
			}
		}
		rest(text, words)
		leadingNumbers(words, 50)
		if utf8.ValidString(text) && !utf8.ValidString(cut(text, 7)) {
			t.Fatalf("%q was cut within a letter", text)
		}
	})
}

func TestALabelBeginsWithItsFirstLetter(t *testing.T) {
	require.Equal(t, "Ärger im haus", titled("ärger_im_haus"))
	require.Equal(t, "Label", titled("_"))
}
