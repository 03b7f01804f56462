package bot

import "context"

// laterVerbs are commands that people will look for and that are not there yet. They say
// so, instead of being unknown.
func laterVerbs() []verb {
	later := func(family, name, instead string, also ...string) verb {
		return verb{family: family, name: name, also: also, asks: []ask{{name: "rest", kind: TextField}},
			run: func(_ context.Context, c *call) (Reply, error) {
				return Reply{Card: (&refusal{
					what: say("Nothing was done: /{} is not available yet.", plain(c.verb.family+spaced(c.verb.name))),
					why:  plain("This version of Watchbell cannot do it from chat."),
					do:   plain(instead),
				}).card()}, nil
			}}
	}
	return []verb{
		later("alert", "room", "“/alert add N @user” asks one more person in the conversations that show it."),
		later("watchbell", "settings", "The operator finds a conversation's sources with “watchbell export”."),
		later("watchbell", "doctor", "The operator has “watchbell doctor” on the command line."),
		later("watchbell", "tonight", "“/oncall” shows who is on call now, “/oncall next” what comes."),
		later("watchbell", "simulate", "“/oncall POLICY at TIME” shows whom its levels mean then."),
	}
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
