package normalize

import (
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Spec describes a tool that differs from others only in where its body says what, and in
// which words. Paths are as in Value.At; of several the first that says something counts.
type Spec struct {
	Is      []string                  // members of which one is there in every body of the tool; else it is Generic's
	State   []string                  // where it says what happened
	Words   map[string]core.EventType // its words for that, in lower case; zero: nothing for us
	Else    core.EventType            // what other words, or none, mean; zero: nothing for us
	Key     []Part                    // what tells one problem from another, joined by "/"
	Summary []string                  // where the line for people is
	Line    func(Value) string        // makes one where there is none; may be nil
	Details []string
	Urgency []string          // where it says how bad it is
	Levels  map[string]string // its words for that which are not everybody's
	Labels  []string          // what else is worth keeping; named by the last member of the path
	Links   []Place
}

// Part is a piece of an alert key. A key whose Must part says nothing is no key at all.
type Part struct {
	Paths []string
	Must  bool
}

// Place is where an address is, and what to call it.
type Place struct{ Path, Text string }

// Normalize is the Func that the Spec describes.
func (s Spec) Normalize(r Raw) ([]core.Event, error) {
	v, _, err := read(r)
	if err != nil {
		return nil, err
	}
	if !s.recognises(v) {
		return Generic(r)
	}
	e := core.Event{Type: s.eventType(v), Key: s.key(v), Custom: v.payload()}
	if e.Type == 0 {
		return nil, nil
	}
	texts := []string{v.First(s.Summary...)}
	if s.Line != nil {
		texts = append(texts, s.Line(v))
	}
	summary(&e, texts...)
	details(&e, v.First(s.Details...))
	s.rate(&e, v)
	for _, path := range s.Labels {
		label(&e, path[strings.LastIndex(path, ".")+1:], v.At(path).Text())
	}
	for _, p := range s.Links {
		link(&e, v.At(p.Path).Text(), p.Text)
	}
	return []core.Event{finish(e)}, nil
}

func (s Spec) recognises(v Value) bool {
	for _, path := range s.Is {
		if v.At(path).There() {
			return true
		}
	}
	return false
}

func (s Spec) eventType(v Value) core.EventType {
	if t, ok := s.Words[word(v.First(s.State...))]; ok {
		return t
	}
	return s.Else
}

func (s Spec) key(v Value) string {
	var parts []string
	for _, p := range s.Key {
		text := strings.TrimSpace(v.First(p.Paths...))
		if p.Must && text == "" {
			return ""
		}
		parts = append(parts, text)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "/")
}

func (s Spec) rate(e *core.Event, v Value) {
	for _, path := range s.Urgency {
		text := v.At(path).Text()
		if known, ok := s.Levels[word(text)]; ok {
			text = known
		}
		if rate(e, text); e.Priority != 0 {
			return
		}
	}
}
