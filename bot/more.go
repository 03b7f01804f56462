package bot

import (
	"context"
	"errors"
)

// moreAsks is a form for the verbs that have no button of their own.
func moreAsks(id ask) []ask {
	return []ask{id,
		{name: "do", label: "What", kind: Select, required: true},
		{name: "text", label: "With", kind: TextField, hint: "a number, a time, a name or a comment"},
	}
}

func moreOptions() []Option {
	return []Option{
		{"show", "Show with its log"}, {"why", "Why was I paged?"}, {"resolve", "Resolve with a comment"},
		{"escalate", "Escalate to a level"}, {"raise", "Raise to HIGH"}, {"merge", "Merge into another alert"},
		{"unaccept", "Hand back"}, {"accept", "Accept, back in …"}, {"wake", "Wake from its snooze"},
	}
}

// more does another verb, with the one value it takes.
func more(ctx context.Context, c *call) (Reply, error) {
	v, ok := verbNamed("alert", c.values["do"])
	if !ok || v.name == "more" || !v.numbered() {
		return Reply{}, inField("do", invalid("“%s” is nothing that I can do to an alert.", cut(oneLine(c.values["do"]), 40)))
	}
	next := *c
	next.verb, next.values = v, map[string]string{}
	if text := c.values["text"]; text != "" && len(v.asks) > 1 {
		next.values[v.asks[1].name] = text
	}
	if missing := next.missing(); len(missing) > 0 {
		return Reply{Errors: map[string]string{"text": missing[0].label + " is needed."}}, nil
	}
	r, err := v.run(ctx, &next)
	var field *errField
	if errors.As(err, &field) {
		return Reply{}, inField("text", field.err)
	}
	return r, err
}
