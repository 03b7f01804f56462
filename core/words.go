package core

import (
	"slices"
	"strings"
)

// The words below are the API's; text and JSON forms of these types are exactly them.
// Index 0 is the zero value: not said.
var (
	statusWords    = []string{"", "PENDING", "ACCEPTED", "RESOLVED"}
	priorityWords  = []string{"", "LOW", "HIGH"}
	roleWords      = []string{"", "STAKEHOLDER", "GUEST", "RESPONDER", "USER", "ADMIN"}
	eventTypeWords = []string{"", "ALERT", "ACCEPT", "RESOLVE", "COMMENT"}
	outcomeWords   = []string{"none", "created", "appended", "accepted", "resolved", "commented", "dropped", "unreadable"}
)

// word is the name of a small enumeration's value; a value outside it has none.
func word[T ~int8](words []string, v T) string {
	if v < 0 || int(v) >= len(words) {
		return ""
	}
	return words[v]
}

// parse finds a word, letters' case and outer space aside. The empty word is the zero
// value where the enumeration has one.
func parse[T ~int8](what string, words []string, text string) (T, error) {
	text = strings.TrimSpace(text)
	i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, text) })
	if i < 0 {
		return 0, &Error{Kind: Invalid, Text: "“" + Line(text, 40) + "” is no " + what + ".",
			Do: "Use one of " + strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" }), ", ") + "."}
	}
	return T(i), nil
}

func (s Status) String() string { return word(statusWords, s) }

// MarshalText gives the API's word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the API's word in any letters' case; empty is the zero value.
func (s *Status) UnmarshalText(b []byte) (err error) { *s, err = ParseStatus(string(b)); return err }

// ParseStatus reads a status' word in any letters' case; empty is the zero value.
func ParseStatus(text string) (Status, error) { return parse[Status]("status", statusWords, text) }

func (p Priority) String() string { return word(priorityWords, p) }

// MarshalText gives the API's word.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the API's word in any letters' case; empty is the zero value.
func (p *Priority) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePriority(string(b))
	return err
}

// ParsePriority reads a priority's word in any letters' case; empty is the zero value.
func ParsePriority(text string) (Priority, error) {
	return parse[Priority]("priority", priorityWords, text)
}

func (r Role) String() string { return word(roleWords, r) }

// MarshalText gives the API's word.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the API's word in any letters' case; empty is the zero value.
func (r *Role) UnmarshalText(b []byte) (err error) { *r, err = ParseRole(string(b)); return err }

// ParseRole reads a role's word in any letters' case; empty is the zero value.
func ParseRole(text string) (Role, error) { return parse[Role]("role", roleWords, text) }

func (t EventType) String() string { return word(eventTypeWords, t) }

// MarshalText gives the API's word.
func (t EventType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the API's word in any letters' case; empty is the zero value.
func (t *EventType) UnmarshalText(b []byte) (err error) {
	*t, err = ParseEventType(string(b))
	return err
}

// ParseEventType reads an event type's word in any letters' case; empty is the zero
// value.
func ParseEventType(text string) (EventType, error) {
	return parse[EventType]("event type", eventTypeWords, text)
}

func (o Outcome) String() string { return word(outcomeWords, o) }

// MarshalText gives the word that replies to events use.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads that word.
func (o *Outcome) UnmarshalText(b []byte) (err error) { *o, err = ParseOutcome(string(b)); return err }

// ParseOutcome reads an outcome's word in any letters' case.
func ParseOutcome(text string) (Outcome, error) {
	return parse[Outcome]("outcome", outcomeWords, text)
}
