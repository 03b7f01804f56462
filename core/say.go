package core

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// vars builds an entry's variables from names and values in turn; empty values are left
// out.
func vars(pairs ...string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

// num is a number as text; 0 is nothing.
func num[T ~int | ~int64](n T) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// stamp is an instant as text; the zero time is nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Span says a length of time as people do, in its two largest units: "40 s", "5 min",
// "1 h 30 min", "2 d 3 h".
func Span(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	d = d.Abs().Round(time.Second)
	for i, u := range units {
		if d < u.of {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.of, u.name)
		// Seconds beside minutes are noise, but for a rule of 90 s they are the rule.
		if i+1 < len(units) && (d%u.of)/units[i+1].of > 0 && (u.of != time.Minute || d < 3*time.Minute) {
			text += fmt.Sprintf(" %d %s", (d%u.of)/units[i+1].of, units[i+1].name)
		}
		return text
	}
	return "0 s"
}

func (c *change) ago(t time.Time) string {
	if t.IsZero() {
		return "earlier"
	}
	if c.now.Sub(t) < time.Second {
		return "just now"
	}
	return Span(c.now.Sub(t)) + " ago"
}

func (c *change) name(u UserID) string {
	if p, ok := c.env.People[u]; ok && p.Name != "" {
		return p.Name
	}
	switch u {
	case 0:
		return c.env.Source.Name
	case AdminKey:
		return AdminName
	}
	return "user " + num(u)
}

func (c *change) names(users []UserID) string {
	list := make([]string, len(users))
	for i, u := range users {
		list[i] = c.name(u)
	}
	return strings.Join(list, ", ")
}

func (c *change) id() string { return ref(c.a.ID) }

// ref is how people write an alert's number.
func ref(id AlertID) string { return "#" + strconv.FormatInt(int64(id), 10) }
