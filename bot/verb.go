package bot

import (
	"context"
	"slices"
	"strings"
)

// verb is something people ask for. Typed text, buttons and forms all become a call of
// one, so that they cannot differ.
type verb struct {
	family string   // the command: alert, oncall, …
	name   string   // the word after it
	also   []string // other words for the same
	usage  string   // what follows, for help
	does   string   // for help; "" keeps the verb out of it
	asks   []ask    // what it must know, in the order in which it is typed
	many   bool     // takes several alert numbers
	anyone bool     // also for accounts that nobody has linked
	apart  bool     // each question but the last takes one word
	press  bool     // a button's only: typed it is unknown
	run    func(ctx context.Context, c *call) (Reply, error)

	unsaid bool                             // what follows the command and is no verb is this one's
	read   func(c *call, words []word) bool // takes typed words apart; false: not these. nil: the last ask takes all
	settle func(c *call)                    // fills in what other answers imply
}

// ask is one thing a verb must know: a word or more of typed text, or a field of a form.
// The names are those of chat-contract: id, time, target, comment, eta, level, …
type ask struct {
	name, label string
	kind        FieldKind
	required    bool
	formOnly    bool   // not taken from typed text
	letter      string // of the numbers it means: c3, o7; "" is an alert's
	lenient     bool   // a form may leave it out, since another field can imply it
	onPress     bool   // a button asks for it, though it may stay empty
	hint        string
}

const idField = "id"

// families are the commands, in the order of help.
var families = []string{"alert", "oncall", "cover", "override", "heartbeat", "mute", "maintenance", "watchbell"}

// verbs is the one table. Help is made from it, and everything people type or press is
// looked up in it. A family's first verb answers the bare command.
func verbs() []verb {
	return slices.Concat(alertVerbs(), onCallVerbs(), coverVerbs(), overrideVerbs(), heartbeatVerbs(), watchbellVerbs(), quietVerbs(), laterVerbs())
}

func alertVerbs() []verb {
	id := ask{name: idField, label: "Alert number", kind: TextField, required: true}
	return []verb{
		{family: "alert", name: "list", does: "open alerts", run: listOpen},
		{family: "alert", name: "new", also: []string{"create"}, usage: "[summary]", does: "create an alert", asks: newAsks(), run: newAlert},
		{family: "alert", name: "mine", does: "open alerts that I respond to", run: listMine},
		{family: "alert", name: "show", usage: "N", does: "one alert with its log", asks: []ask{id}, run: showAlert},
		{family: "alert", name: "accept", also: []string{"ack", "acknowledge", "take"}, usage: "N [eta]", does: "take it; eta moves “still on it?”", many: true,
			asks: []ask{id, {name: "eta", label: "Back in", kind: TextField, hint: "15m, 1h, 18:00"}}, run: accept},
		{family: "alert", name: "unaccept", also: []string{"unack", "handback"}, usage: "N", does: "hand it back: the next level is paged", many: true, asks: []ask{id}, run: unaccept},
		{family: "alert", name: "resolve", also: []string{"close"}, usage: "N [comment]", does: "end it", many: true,
			asks: []ask{id, {name: "comment", label: "Comment", kind: TextArea}}, run: resolve},
		{family: "alert", name: "raise", usage: "N", does: "make a LOW alert HIGH and escalate it", many: true, asks: []ask{id}, run: raise},
		{family: "alert", name: "again", also: []string{"reopen"}, usage: "N", does: "a new alert like a resolved one", asks: []ask{id}, run: again},
		{family: "alert", name: "escalate", usage: "N [level]", does: "page the next level, or that one",
			asks: []ask{id, {name: "level", label: "Level", kind: TextField, hint: "empty: the next one"}}, run: escalate},
		{family: "alert", name: "assign", usage: "N @user|schedule|policy", does: "give it to somebody", many: true,
			asks: []ask{id, {name: "target", label: "To", kind: Select, required: true}}, run: assign},
		{family: "alert", name: "add", usage: "N @user", does: "ask one more person",
			asks: []ask{id, {name: "target", label: "Whom", kind: Select, required: true}}, run: addResponder},
		{family: "alert", name: "snooze", usage: "N 2h", does: "page nobody until then", many: true,
			asks: []ask{id, {name: "time", label: "Until", kind: TextField, required: true, hint: "2h, 18:00, tomorrow 09:00"}}, run: snooze},
		{family: "alert", name: "wake", also: []string{"unsnooze"}, usage: "N", does: "end a snooze", many: true, asks: []ask{id}, run: wake},
		{family: "alert", name: "comment", also: []string{"note"}, usage: "N text", does: "write a note into its log",
			asks: []ask{id, {name: "comment", label: "Comment", kind: TextArea, required: true}}, run: comment},
		{family: "alert", name: "merge", usage: "N into M", does: "make it part of another",
			asks: []ask{id, {name: "into", label: "Into alert", kind: TextField, required: true}}, run: merge},
		{family: "alert", name: "why", usage: "N", does: "why was I paged?", asks: []ask{id}, run: why},
		{family: "alert", name: "resolvenow", press: true, asks: []ask{id}, run: resolve},
		{family: "alert", name: "join", press: true, asks: []ask{id}, run: joinAlert},
		{family: "alert", name: "back", press: true, asks: []ask{id, {name: "eta", label: "Back in", kind: TextField, required: true, hint: "15m, 1h, 18:00"}}, run: accept},
		{family: "alert", name: "acceptall", press: true, asks: []ask{{name: "since", label: "Since", required: true}}, run: acceptAll},
		{family: "alert", name: "more", press: true, asks: moreAsks(id), run: more},
	}
}

// verbNamed finds a verb of a family by any of its names.
func verbNamed(family, name string) (*verb, bool) {
	name = strings.ToLower(name)
	for _, v := range verbs() {
		if v.family == family && (v.name == name || slices.Contains(v.also, name)) {
			return &v, true
		}
	}
	return nil, false
}

// typed finds a verb that people may type.
func typed(family, name string) (*verb, bool) {
	v, ok := verbNamed(family, name)
	return v, ok && !v.press
}

// bare is what a family's command does alone.
func bare(family string) (*verb, bool) {
	for _, v := range verbs() {
		if v.family == family {
			return &v, true
		}
	}
	return nil, false
}

// unsaid is the verb that is meant if what follows a command is no verb's name.
func unsaid(family string) (*verb, bool) {
	for _, v := range verbs() {
		if v.family == family && v.unsaid {
			return &v, true
		}
	}
	return nil, false
}

// pressed finds the verb of a button: verb:id, other families as family.verb:id.
func pressed(name string) (*verb, bool) {
	if family, name, ok := strings.Cut(name, "."); ok {
		return verbNamed(family, name)
	}
	return verbNamed("alert", name)
}

// button is how a verb is named in actions and form ids.
func (v *verb) button() string {
	if v.family == "alert" {
		return v.name
	}
	return v.family + "." + v.name
}

// spoken is how a verb is typed.
func (v *verb) spoken() string {
	out := "/" + v.family
	if first, _ := bare(v.family); !v.unsaid && v.name != "" && (v.family == "alert" || v.family == "watchbell" || first.name != v.name) {
		out += " " + v.name
	}
	return strings.TrimSpace(out + " " + v.usage)
}

func (v *verb) ask(name string) (ask, bool) {
	for _, a := range v.asks {
		if a.name == name {
			return a, true
		}
	}
	return ask{}, false
}

// numbered tells whether the verb is about an alert.
func (v *verb) numbered() bool {
	a, ok := v.ask(idField)
	return ok && a.letter == ""
}
