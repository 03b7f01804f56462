package core

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func (w *world) source(words []string) {
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "shadow":
			w.env.Source.Shadow = true
		case "off":
			w.env.Source.Inactive = true
		case "auto":
			i++
			w.env.Source.AutoResolve = w.span(words[i])
		case "sev":
			i++
			w.env.Source.Severity = w.int(words[i])
		case "window":
			i++
			w.env.Source.Creation, w.env.Source.Window = PerWindow, w.span(words[i])
		case "creation":
			i++
			w.env.Source.Creation = Creation(words[i])
		default:
			w.env.Source.PriorityRule = PriorityRule(words[i])
		}
	}
}

func (w *world) policy(words []string) {
	for i := 0; i+1 < len(words); i += 2 {
		switch words[i] {
		case "repeat":
			w.env.Policy.Repeating, w.env.Policy.Frequency = true, w.int(words[i+1])
		case "delay":
			w.env.Policy.Delay = w.span(words[i+1])
		case "accept":
			w.env.Policy.AcceptTimeout = w.span(words[i+1])
		default:
			w.fail("unknown word %q", words[i])
		}
	}
}

func (w *world) level(n int, words []string) Level {
	l := Level{Timeout: w.span(words[0])}
	if len(words) > 1 && words[1] == "nobody" {
		l.Empty = words[2:]
		return l
	}
	for _, name := range words[1:] {
		l.People = append(l.People, Because{User: w.user(name), Rule: n, Schedule: "rota", Claim: "layer week"})
	}
	return l
}

// person NAME [stakeholder] [on PLATFORM,…] [muted 1h] [once] [notify AFTER|EVERYxTIMES:PLATFORM,… …]
func (w *world) person(words []string) {
	u := w.user(words[0])
	p := w.env.People[u]
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "stakeholder":
			p.Role = Stakeholder
		case "unlinked":
			p.Platforms = nil
		case "on":
			i++
			p.Platforms = strings.Split(words[i], ",")
		case "muted":
			i++
			p.MutedTo = dawn.Add(w.span(words[i]))
		case "once":
			p.Notify = []Notify{{}}
		case "notify":
			p.Notify = nil
			for _, step := range words[i+1:] {
				p.Notify = append(p.Notify, w.step(step))
			}
			i = len(words)
		default:
			w.fail("unknown word %q", words[i])
		}
	}
	w.env.People[u] = p
}

func (w *world) step(text string) (s Notify) {
	when, by, some := strings.Cut(text, ":")
	if some {
		s.By = strings.Split(by, ",")
	}
	if every, times, repeated := strings.Cut(when, "x"); repeated {
		s.Every, s.Times = w.span(every), w.int(times)
		return s
	}
	s.After = w.span(when)
	return s
}

// user is a person's id; who is named first time is on the web chat and patient: called
// once, so that a scenario about levels is not full of repeats.
func (w *world) user(name string) UserID {
	if name == "" || name == "-" {
		return 0
	}
	if u, ok := w.users[name]; ok {
		return u
	}
	u := UserID(len(w.users) + 1)
	w.users[name] = u
	w.env.People[u] = Person{User: u, Name: strings.ToUpper(name[:1]) + name[1:], Role: Responder,
		Platforms: []string{"webchat"}, Notify: []Notify{{}}}
	return u
}

func (w *world) name(u UserID) string {
	if u == 0 {
		return "-"
	}
	return w.env.People[u].Name
}

func (w *world) int(text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		w.fail("%q is no number", text)
	}
	return n
}

func (w *world) span(text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		w.fail("%q is no duration", text)
	}
	return d
}

func (w *world) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// fields splits a line at spaces; "quoted text" is one word.
func fields(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}
