package core

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSummaryIsOneReadableLine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "disk full on db-3", "disk full on db-3"},
		{"empty", "", Placeholder},
		{"spaces", " \t\n ", Placeholder},
		{"zero width", "\u200b\u200d\u2060\ufeff", Placeholder},
		{"blank letters", "\u3164\u2800", Placeholder},
		{"marks only", strings.Repeat("\u0301", 50), Placeholder},
		{"lines", "a\r\nb\tc\u2028d", "a b c d"},
		{"control", "a\x1b[2Jb\x07\x7f", "a [2Jb"},
		{"nul", "a\x00b", "a\ufffdb"},
		{"invalid", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"reordered", "user\u202Egpj.exe\u2066\u200f", "usergpj.exe"},
		{"tags", "x\U000E0041y", "xy"},
		{"zalgo", "z" + strings.Repeat("\u0301", 1000) + "o", "z" + strings.Repeat("\u0301", 8) + "o"},
		{"markup stays text", "<!channel> {{ .Env }} @everyone", "<!channel> {{ .Env }} @everyone"},
		{"cut at a word", strings.Repeat("word ", 60), strings.TrimSpace(strings.Repeat("word ", 48)) + "…"},
		{"no word to cut at", strings.Repeat("x", 300), strings.Repeat("x", 239) + "…"},
		{"not inside a flag", strings.Repeat("x", 238) + "🇩🇪🇫🇷", strings.Repeat("x", 238) + "…"},
		{"not inside a family", strings.Repeat("x", 236) + "👩\u200d👩\u200d👧", strings.Repeat("x", 236) + "…"},
	} {
		e := Event{Type: EventAlert, Summary: c.in}
		Clean(&e)
		require.Equal(t, c.want, e.Summary, c.name)
		require.LessOrEqual(t, utf8.RuneCountInString(e.Summary), MaxSummary, c.name)
	}
}

func TestOnlyAlertsNeedASummary(t *testing.T) {
	e := Event{Type: EventResolve}
	Clean(&e)
	require.Empty(t, e.Summary)
	require.Empty(t, e.Remarks)
}

func TestLinksArePlainHTTP(t *testing.T) {
	for href, ok := range map[string]bool{
		"https://grafana.local/d/1?x=%20": true, "http://10.0.0.1:9090/": true, " https://x.example ": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "//evil": false, "file:///etc/passwd": false, "https://": false,
		"https://good.example@evil.example/": false, "https://a b": false, "https://x\u202e.example": false, "": false,
		"https://x/" + strings.Repeat("a", MaxHref): false, "slack://x": false, "https://x\n": true,
	} {
		e := Event{Type: EventAlert, Summary: "s", Links: []Link{{Href: href}}}
		Clean(&e)
		require.Equal(t, ok, len(e.Links) == 1, "%q", href)
		require.Equal(t, ok, len(e.Remarks) == 0, "%q: %v", href, e.Remarks)
		if ok {
			require.NotEmpty(t, e.Links[0].Text, "a link without a text shows its host")
		}
	}
}

func TestFloodsAreCutAndRemarked(t *testing.T) {
	e := Event{Type: EventAlert, Summary: "s", Severity: 9, Priority: 7, Labels: map[string]string{"\n": "x"}, Custom: json.RawMessage(`{"a":`)}
	for i := range 1000 {
		e.Labels[fmt.Sprintf("l%04d", i)] = strings.Repeat("v", 2000)
		e.Links = append(e.Links, Link{Href: "https://x.example"})
		e.Images = append(e.Images, Image{Src: "https://x.example/i.png", Href: "javascript:x"})
		e.Comments = append(e.Comments, EventNote{Content: "c"}, EventNote{})
		e.Remarks = append(e.Remarks, fmt.Sprintf("remark %d\n", i))
	}
	e.Remarks = e.Remarks[:3]
	e.Details = strings.Repeat("d", 1<<20)
	Clean(&e)
	require.Len(t, e.Labels, MaxLabels)
	require.Contains(t, e.Labels, "l0000")
	require.Len(t, e.Links, MaxLinks)
	require.Len(t, e.Images, MaxLinks)
	require.Empty(t, e.Images[0].Href)
	require.Len(t, e.Comments, MaxComments)
	require.Equal(t, MaxDetails, utf8.RuneCountInString(e.Details))
	require.Zero(t, e.Severity)
	require.Zero(t, e.Priority)
	require.Nil(t, e.Custom)
	for _, what := range []string{"remark 0", "severity", "priority", "labels", "links", "images", "comments", "details", "customDetails"} {
		require.Contains(t, strings.Join(e.Remarks, "; "), what)
	}
	require.LessOrEqual(t, len(e.Remarks), maxRemarks)
}

func TestLongKeysStayApart(t *testing.T) {
	key := func(k string) string {
		e := Event{Type: EventAlert, Summary: "s", Key: k}
		Clean(&e)
		return e.Key
	}
	long := strings.Repeat("語", 1200)
	require.Less(t, utf8.RuneCountInString(key(long)), MaxKey)
	require.NotEqual(t, key(long+"a"), key(long+"b"))
	require.Equal(t, FoldKey(key(long+"A")), FoldKey(key(long+"a")), "folding still works")
	require.Equal(t, "a\ufffdb", key("a\x00b"))
	require.Equal(t, "Kept as it IS", key("  Kept as it IS "))
}

func FuzzClean(f *testing.F) {
	f.Add("disk full", "details\nmore", "key", "label", "https://x.example", "text")
	f.Add("a\x00\xff\u202e", strings.Repeat("z\u0301", 200), strings.Repeat("k", 2000), "\x1b", "javascript:x", "👩\u200d👩")
	f.Add(strings.Repeat("🇩🇪", 200), "\r\n\u2028\t", "é", "", "https://a@b", strings.Repeat("w ", 300))
	f.Fuzz(func(t *testing.T, summary, details, key, label, href, text string) {
		e := Event{Type: EventAlert, Summary: summary, Details: details, Key: key, Labels: map[string]string{label: text, text: label},
			Links: []Link{{Href: href, Text: text}}, Images: []Image{{Src: href, Alt: text}}, Comments: []EventNote{{Creator: label, Content: details}},
			Remarks: []string{text}, RoutingKey: label}
		Clean(&e)
		b, err := json.Marshal(e)
		require.NoError(t, err)
		require.True(t, utf8.Valid(b))
		for _, s := range []string{e.Summary, e.Details, e.Key, e.RoutingKey} {
			require.True(t, utf8.ValidString(s))
			require.NotContains(t, s, "\x00")
		}
		require.True(t, readable(e.Summary))
		require.NotContains(t, e.Summary, "\n")
		require.NotContains(t, e.Summary, "\u202e")
		again := e
		Clean(&again)
		require.Equal(t, e, again, "cleaning again changed something")
	})
}

// hostile are runes that break naive text handling.
var hostile = []rune("ab Z9.\n\r\t\x00\x1b\x7f\u0085\u00e9\u0301\u0489\u061c\u115f\u200b\u200d\u200f\u2028\u202e\u2066\u2800\u3164\ufe0f\ufeff\ufffd\ufffe語👩🏽🇩🇪\U000E0041\U0010FFFF<@!|&`")

func TestCleanIsStableOnHostileText(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOfN(rapid.SampledFrom(hostile), 0, 600, -1).Draw(t, "text")
		if rapid.Bool().Draw(t, "broken") {
			s = s[:len(s)/2] + "\xff\xc0" + s[len(s)/2:]
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		e := Event{Type: EventAlert, Summary: text.Draw(t, "summary"), Details: text.Draw(t, "details"), Key: text.Draw(t, "key"),
			Labels: map[string]string{text.Draw(t, "label"): text.Draw(t, "value"), "x": "y"},
			Links:  []Link{{Href: "https://x.example", Text: text.Draw(t, "link")}}, Remarks: []string{text.Draw(t, "remark")}}
		Clean(&e)
		require.True(t, readable(e.Summary))
		require.LessOrEqual(t, utf8.RuneCountInString(e.Summary), MaxSummary)
		require.NotContains(t, e.Summary, "\u202e")
		for _, s := range []string{e.Summary, e.Details, e.Key} {
			require.True(t, utf8.ValidString(s) && !strings.Contains(s, "\x00"), "%q", s)
		}
		again := e
		Clean(&again)
		require.Equal(t, e, again, "cleaning again changed something")
	})
}
