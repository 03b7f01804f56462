package bot

import (
	"fmt"
	"strings"
)

// Fit cuts a card to what a platform can show, so that adapters never cut on their own.
// What is left out is said. The buttons keep their order; those of the menu go first.
func Fit(c Card, can Can) Card {
	c.Actions = fitActions(c.Actions, can)
	c.Fields, c.Lines = fitFields(c.Fields, c.Lines, can)
	if !can.Links {
		c.Lines = append(c.Lines[:len(c.Lines):len(c.Lines)], linksAsText(c.Links)...)
		c.Links = nil
	}
	if can.Text > 0 {
		c = fitText(c, can.Text)
	}
	return c
}

// fitActions drops what has no room: the menu's entries become buttons where there is no
// menu, and the last ones are lost first.
func fitActions(actions []Action, can Can) []Action {
	var buttons, menu []Action
	for _, a := range actions {
		if a.Menu && can.Menu {
			menu = append(menu, a)
			continue
		}
		a.Menu = false
		buttons = append(buttons, a)
	}
	room := can.Buttons
	if room > 0 && len(menu) > 0 {
		room-- // the menu itself
	}
	if can.Buttons > 0 && len(buttons) > room {
		buttons = buttons[:max(room, 0)]
	}
	return append(buttons, menu...)
}

func fitFields(fields []Field, lines []Text, can Can) ([]Field, []Text) {
	if can.Fields > 0 && len(fields) <= can.Fields {
		return fields, lines
	}
	if can.Fields == 0 && len(fields) == 0 {
		return nil, lines
	}
	keep, over := fields[:min(can.Fields, len(fields))], fields[min(can.Fields, len(fields)):]
	var pieces []Text
	for _, f := range over {
		pieces = append(pieces, say("{} {}", plain(f.Name), f.Value))
	}
	return keep, append(lines[:len(lines):len(lines)], dotted(pieces...))
}

func linksAsText(links []Link) []Text {
	var out []Text
	for _, l := range links {
		out = append(out, plain(l.Text+": "+l.Href))
	}
	return out
}

// fitText shortens a card whose text is too long: first the lines from the last on, then
// the headline. The footer, with number and state, is kept.
func fitText(c Card, most int) Card {
	c.Plain = cut(c.Plain, most)
	room := most - size(c.Footer) - 1
	for _, f := range c.Fields {
		room -= len(f.Name) + size(f.Value) + 2
	}
	if size(c.Headline) > room {
		c.Headline = cutText(c.Headline, max(room, 0))
	}
	room -= size(c.Headline) + 1
	for i, l := range c.Lines {
		if size(l)+1 <= room {
			room -= size(l) + 1
			continue
		}
		left := len(c.Lines) - i
		note := plain(fmt.Sprintf("… %d more lines do not fit here.", left))
		c.Lines = c.Lines[:i:i]
		switch {
		case room > size(note)+40 && left == 1:
			c.Lines = append(c.Lines, cutText(l, room-1))
		case room > size(note):
			c.Lines = append(c.Lines, note)
		}
		break
	}
	return c
}

// size is how many bytes text takes at most, times and names as they are usually shown.
func size(t Text) int {
	const shown = 24
	n := 0
	for _, s := range t {
		switch {
		case s.Person != 0, !s.Time.IsZero():
			n += shown
		default:
			n += len(s.Text) + len(s.Href)
		}
	}
	return n
}

// cutText shortens text to at most n bytes, marked with an ellipsis.
func cutText(t Text, n int) Text {
	var out Text
	for _, s := range t {
		used := size(Text{s})
		if used <= n {
			out = append(out, s)
			n -= used
			continue
		}
		if s.Text != "" {
			s.Href = ""
			if s.Text = cut(s.Text, n); strings.TrimSpace(s.Text) != "" {
				out = append(out, s)
			}
		}
		break
	}
	return out
}
