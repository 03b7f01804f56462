package bot

import (
	"context"
	"strings"
)

func watchbellVerbs() []verb {
	return []verb{
		{family: "watchbell", name: "help", usage: "[command]", does: "this list", anyone: true,
			asks: []ask{{name: "what", label: "Command", kind: TextField}}, run: help},
		{family: "watchbell", name: "link", usage: "[CODE]", does: "tie my chat accounts together", anyone: true,
			asks: []ask{{name: "code", label: "Code", kind: TextField}}, run: link},
		{family: "watchbell", name: "signin", does: "a sign-in link to the web chat", run: signin},
		{family: "watchbell", name: "test", usage: "@user", does: "a test page; nobody else is paged",
			asks: []ask{{name: "target", label: "Whom", kind: Select, required: true}}, run: testPage},
		{family: "watchbell", name: "tested", asks: []ask{{name: "since", label: "Since", required: true}}, run: tested},
	}
}

// Command is one line of help: what is typed and what it does. Adapters register and
// complete commands from it.
type Command struct {
	Family string // alert
	Name   string // accept; "" is the bare command
	Also   []string
	Usage  string // N [eta]
	Does   string
	Typed  string // /alert accept N [eta]
	Fields []FormField
}

// Commands are all that people can type, in the order of help.
func Commands() []Command {
	var out []Command
	for _, v := range verbs() {
		if v.does == "" {
			continue
		}
		cmd := Command{Family: v.family, Name: v.name, Also: v.also, Usage: v.usage, Does: v.does, Typed: v.spoken()}
		for _, a := range v.asks {
			cmd.Fields = append(cmd.Fields, FormField{Name: a.name, Label: a.label, Kind: a.kind, Required: a.required, Hint: a.hint})
		}
		out = append(out, cmd)
	}
	return out
}

// help prints the table, or the part of it that was asked for.
func help(_ context.Context, c *call) (Reply, error) {
	what := strings.ToLower(strings.TrimPrefix(c.values["what"], "/"))
	var lines []Text
	for _, cmd := range Commands() {
		if what != "" && what != cmd.Family && what != cmd.Name {
			continue
		}
		line := say("{}: {}", bold(cmd.Typed), plain(cmd.Does))
		if len(cmd.Also) > 0 {
			line = append(line, say(" (also {})", plain(strings.Join(cmd.Also, ", ")))...)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return Reply{}, unknownCommand(what)
	}
	if what == "" {
		lines = append(lines,
			plain("Every command also works as /watchbell alert list; here in our own conversation without the slash, and “ack” alone means your only open page."),
			plain("Times: 2h, 90m, 18:00, 6pm, “tomorrow 09:00”, “fri 18:00”, 2026-01-05T09:00, in your time zone."))
		return answer(plain("What you can ask me"), lines...), nil
	}
	return answer(plain("Help for "+what), lines...), nil
}
