package bot

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

// refusal is an error with its three parts, and a button where one helps.
type refusal struct {
	what    Text // what happened
	why     Text
	do      Text // what to do next
	actions []Action
}

func (r *refusal) Error() string { return "refused" }

func (r *refusal) card() *Card {
	c := Card{Headline: r.what, Lines: []Text{r.why, r.do}, Actions: r.actions}.trimmed()
	return &c
}

// refuse turns an error into an answer for the speaker alone: what happened, why, and
// what to do next.
func (c *call) refuse(err error) Reply {
	r := c.refusing(err)
	r.Refused = true
	return r
}

func (c *call) refusing(err error) Reply {
	var choose *chooseError
	var field *errField
	var told *refusal
	switch {
	case errors.As(err, &field) && c.in.Form != "":
		return Reply{Errors: map[string]string{field.field: sentenceOf(err)}}
	case errors.As(err, &choose):
		return c.choose(choose)
	case errors.As(err, &told):
		return Reply{Card: told.card()}
	}
	return Reply{Card: c.refusalOf(err).card()}
}

func (c *call) refusalOf(err error) *refusal {
	kind := core.KindOf(err)
	r := &refusal{what: c.notDone(), why: plain(sentenceOf(err))}
	var e *core.Error
	if errors.As(err, &e) && e.Do != "" {
		r.do = plain(e.Do)
		return r
	}
	switch kind {
	case core.Internal:
		c.log.Error("do what was asked", "platform", c.in.Actor.Platform, "actor", c.in.Actor.Account, "err", err)
		r.do = plain("Try again; if it stays so, tell the operator.")
	case core.Unavailable:
		r.do = plain("Try again in a moment.")
	case core.Denied:
		r.do = plain("Ask an administrator.")
	case core.NotFound:
		r.do = plain("See what there is with " + backquoted(c.overview()) + ".")
	case core.Conflict:
		r.do, r.actions = plain("Look at it as it is now."), c.showButton()
	case core.Invalid:
		r.do = plain("It goes like this: " + backquoted(c.usage()))
	}
	return r
}

// overview is the command that shows what a verb could have been asked about.
func (c *call) overview() string {
	if c.verb == nil || c.verb.family == "alert" {
		return "/alert list"
	}
	return "/" + c.verb.family
}

// notDone says what did not happen.
func (c *call) notDone() Text {
	switch {
	case c.verb == nil:
		return plain("Nothing was done.")
	case len(c.ids) == 1 && c.verb.numbered():
		return say("Not done: {} {}", plain(c.verb.name), number(c.ids[0]))
	case c.in.Text != "":
		return say("Not done: {}", plain(core.Line(c.in.Text, 60)))
	}
	return say("Not done: {}", plain(c.verb.name))
}

func (c *call) usage() string {
	if c.verb == nil {
		return "/watchbell help"
	}
	return c.verb.spoken()
}

func (c *call) showButton() []Action {
	if len(c.ids) != 1 {
		return nil
	}
	return []Action{{Action: actionFor("show", c.ids[0]), Label: "Show", Style: Default}}
}

// choose lets the person pick one of several alerts.
func (c *call) choose(e *chooseError) Reply {
	const most = 5
	r := &refusal{what: say("Which one? {} alerts could be meant.", count(len(e.alerts))),
		do: plain("Name its number: " + backquoted(e.verb.name+" "+fmt.Sprint(e.alerts[0].ID)))}
	card := r.card()
	for i, a := range e.alerts {
		card.Lines = append(card.Lines, say("{} {} · {}", number(a.ID), plain(stateWord(a)), summary(a)))
		if i < most {
			card.Actions = append(card.Actions, Action{Action: actionFor(e.verb.button(), a.ID),
				Label: fmt.Sprintf("%s #%d", capital(e.verb.name), a.ID), Style: Default})
		}
	}
	return Reply{Card: card}
}

// askFor opens a form for what is missing, or says what to type where there are none.
func (c *call) askFor(missing []ask) Reply {
	if c.in.Form != "" {
		errs := map[string]string{}
		for _, a := range missing {
			errs[a.name] = a.label + " is needed."
		}
		return Reply{Errors: errs}
	}
	if c.can(c.in.Actor.Platform).Forms {
		f := c.form()
		return Reply{Form: &f}
	}
	r := &refusal{what: say("Not done yet: {}", plain(c.verb.name)),
		why: say("{} is missing.", plain(missing[0].label)), do: plain("Type " + backquoted(c.verb.spoken()))}
	return Reply{Card: r.card()}
}

// sentenceOf is what a person may read of an error, as a sentence.
func sentenceOf(err error) string {
	var e *core.Error
	if !errors.As(err, &e) || e.Kind == core.Internal {
		return "Something went wrong on our side."
	}
	s := capital(strings.TrimSpace(e.Text))
	if s == "" {
		return "Something went wrong on our side."
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") {
		s += "."
	}
	return s
}

func ours() Reply {
	r := &refusal{what: plain("Something went wrong on our side."), why: plain("It was not your doing, and it is logged."),
		do: plain("Look whether it was done, then try again.")}
	return Reply{Card: r.card(), Refused: true}
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// backquoted sets something to type apart from the sentence around it.
func backquoted(s string) string { return "“" + s + "”" }

func noNumber(v *verb, got string) error {
	return inField(idField, &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("“%s” is no alert number.", cut(oneLine(got), 40)),
		Do: "It goes like this: " + backquoted(v.spoken())})
}

func tooMuch(v *verb, got string) error {
	return &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("I do not know what to do with “%s” here.", cut(oneLine(got), 40)),
		Do: "It goes like this: " + backquoted(v.spoken())}
}

func unknownCommand(got string) error {
	names := append([]string{}, families...)
	for _, v := range verbs() {
		if v.does != "" && (v.family == "alert" || v.family == "watchbell") {
			names = append(names, append([]string{v.name}, v.also...)...)
		}
	}
	return &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("“%s” is no command that I know.%s", cut(oneLine(got), 40), config.DidYouMean(got, names)),
		Do: "See them all with " + backquoted("/watchbell help") + "."}
}

func unknownVerb(family, got string) error {
	var names []string
	for _, v := range verbs() {
		if v.family == family && v.does != "" {
			names = append(names, append([]string{v.name}, v.also...)...)
		}
	}
	return &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("“%s” is nothing that /%s can do.%s", cut(oneLine(got), 40), family, config.DidYouMean(got, names)),
		Do: "See what it can do with " + backquoted("/watchbell help "+family) + "."}
}
