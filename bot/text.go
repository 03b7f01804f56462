package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
)

// say fills the {} of a sentence, in order. What is filled in is never looked at for
// another {}, so that text from outside stays text.
func say(sentence string, parts ...Text) Text {
	var out Text
	for _, part := range parts {
		before, after, found := strings.Cut(sentence, "{}")
		if !found {
			break
		}
		out = append(append(out, plain(before)...), part...)
		sentence = after
	}
	return append(out, plain(sentence)...)
}

func plain(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Text: s}}
}

func bold(s string) Text          { return Text{{Text: s, Bold: true}} }
func who(u core.UserID) Text      { return Text{{Person: u}} }
func clock(t time.Time) Text      { return Text{{Time: t, Layout: ClockTime}} }
func moment(t time.Time) Text     { return Text{{Time: t, Layout: DateTime}} }
func number(id core.AlertID) Text { return plain(fmt.Sprintf("#%d", id)) }
func count(n int) Text            { return plain(fmt.Sprint(n)) }
func length(d time.Duration) Text { return plain(lengthWords(d)) }
func summary(a core.Alert) Text   { return plain(a.Summary) }
func linked(text, href string) Text {
	if href == "" {
		return plain(text)
	}
	return Text{{Text: text, Href: href}}
}

// people joins names: "Ana", "Ana and Ben", "Ana, Ben and Cleo".
func people(users []core.UserID) Text { return peopleAs(users, who) }

func peopleAs(users []core.UserID, name func(core.UserID) Text) Text {
	var out Text
	for i, u := range users {
		switch {
		case i > 0 && i == len(users)-1:
			out = append(out, plain(" and ")...)
		case i > 0:
			out = append(out, plain(", ")...)
		}
		out = append(out, name(u)...)
	}
	return out
}

// dotted joins the pieces that are there by " · ".
func dotted(pieces ...Text) Text {
	var out Text
	for _, p := range pieces {
		if len(p) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, Span{Text: " · "})
		}
		out = append(out, p...)
	}
	return out
}

// lengthWords is a stretch of time as people say it, in at most two units.
func lengthWords(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	}
	d = d.Round(time.Minute)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d min", minutes)
}

// shortLength is a duration as people type it: 15m, 1h30m.
func shortLength(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// cut shortens s to at most n bytes at a rune, marked with an ellipsis.
func cut(s string, n int) string {
	if n <= 0 || len(s) <= n {
		return s
	}
	const mark = "…"
	if n < len(mark) {
		return ""
	}
	n -= len(mark)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " ") + mark
}

// oneLine folds what would break a line into spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// zone is a clock that text is rendered for. Named adds its abbreviation to every time,
// for readers who may live elsewhere.
type zone struct {
	loc   *time.Location
	named bool
}

// zoneOf is the zone of a person; UTC, said so, for nobody and for names that this
// machine does not know.
func zoneOf(u core.User) zone {
	if u.Timezone != "" {
		if loc, err := time.LoadLocation(u.Timezone); err == nil {
			return zone{loc: loc}
		}
	}
	return zone{loc: time.UTC, named: true}
}

func (z zone) show(t, now time.Time, layout TimeLayout) string {
	text := ShowTime(t, now, z.loc, layout)
	if z.named {
		text += t.In(z.loc).Format(" MST")
	}
	return text
}

// ShowTime renders an instant for a reader in a zone, with as much of the date as it takes
// to mean one day only: 03:04 today, Mon 09:00 since yesterday and for six days, Mon 2 Nov
// 09:00 beyond.
func ShowTime(t, now time.Time, loc *time.Location, layout TimeLayout) string {
	t, now = t.In(loc), now.In(loc)
	ahead := t.Sub(now)
	switch {
	case t.Year() != now.Year() && ahead.Abs() > 24*time.Hour:
		return t.Format("Mon 2 Jan 2006 15:04")
	case ahead > 6*24*time.Hour, ahead < -24*time.Hour:
		return t.Format("Mon 2 Jan 15:04")
	case layout == DateTime, t.YearDay() != now.YearDay():
		return t.Format("Mon 15:04")
	}
	return t.Format("15:04")
}

// render makes text without markup.
func render(t Text, z zone, now time.Time, name func(core.UserID) string) string {
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Person != 0:
			b.WriteString(name(s.Person))
		case !s.Time.IsZero():
			b.WriteString(z.show(s.Time, now, s.Layout))
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Plain renders text without markup, times in the zone of the user (0: UTC, said so).
func (b *Bot) Plain(t Text, reader core.UserID) string {
	snap := b.engine.Snapshot()
	return render(t, zoneOf(snap.Users[reader]), b.engine.Now(), nameIn(snap.Users))
}

// nameIn names people; one who is not there any more keeps a number.
func nameIn(users map[core.UserID]core.User) func(core.UserID) string {
	return func(id core.UserID) string {
		if u, ok := users[id]; ok {
			return u.Name()
		}
		return fmt.Sprintf("user %d", id)
	}
}
