package webchat

import (
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// The shapes of the API. They are documented and stay.
type (
	wirePost struct {
		ID           int64      `json:"id"`
		Conversation int64      `json:"conversation"`
		Author       wireAuthor `json:"author"`
		Text         string     `json:"text"` // the whole message
		Ephemeral    bool       `json:"ephemeral"`
		Card         *wireCard  `json:"card,omitempty"`
		Rev          int64      `json:"rev"`
		CreatedAt    time.Time  `json:"createdAt"`
		EditedAt     *time.Time `json:"editedAt"`
	}
	wireAuthor struct {
		Kind string `json:"kind"` // bot, user
		Name string `json:"name"`
	}
	wireCard struct {
		Alert    int64        `json:"alert,omitempty"`
		Cover    int64        `json:"coverageRequest,omitempty"`
		Status   string       `json:"status,omitempty"`
		Headline string       `json:"headline"`
		Lines    []string     `json:"lines"`
		Fields   []wireField  `json:"fields"`
		Links    []wireLink   `json:"links"`
		Actions  []wireAction `json:"actions"`
	}
	wireField struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	wireLink struct {
		Text string `json:"text"`
		Href string `json:"href"`
	}
	wireAction struct {
		Action  string `json:"action"`
		Label   string `json:"label"`
		Style   string `json:"style"`
		Confirm string `json:"confirm,omitempty"`
		Menu    bool   `json:"menu"`
	}
	wireForm struct {
		ID     string          `json:"id"`
		Title  string          `json:"title"`
		Fields []wireFormField `json:"fields"`
	}
	wireFormField struct {
		Name     string       `json:"name"`
		Label    string       `json:"label"`
		Kind     string       `json:"kind"`
		Options  []wireOption `json:"options"`
		Required bool         `json:"required"`
		Value    string       `json:"value"`
	}
	wireOption struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
)

const botName = "Watchbell"

// post renders a stored post for a reader.
func (r reader) post(p store.ChatPost) wirePost {
	w := wirePost{
		ID: p.ID, Conversation: int64(p.Conversation), Rev: p.Rev, CreatedAt: p.CreatedAt,
		Author: wireAuthor{Kind: "bot", Name: botName},
		Text:   clean(p.Text),
	}
	if p.Author != 0 {
		w.Author = wireAuthor{Kind: "user", Name: "somebody who left"}
		if u, ok := r.users[p.Author]; ok {
			w.Author.Name = clean(u.FullName())
		}
	}
	if !p.EditedAt.IsZero() {
		w.EditedAt = &p.EditedAt
	}
	if p.Card == nil {
		return w
	}
	c, err := unpack(p.Card)
	if err != nil {
		w.Text = "This post cannot be shown by this version."
		return w
	}
	r.fill(&w, c)
	return w
}

// fill sets card and text. A card without anything but text is a text.
func (r reader) fill(w *wirePost, c content) {
	card := r.card(c.Card)
	if len(c.Mention) > 0 {
		card.Lines = append(card.Lines, clean("@"+strings.Join(c.Mention, " @")))
	}
	if card.isLine() {
		w.Text = card.Headline
		return
	}
	w.Text = whole(clean(c.Card.Plain), card)
	w.Card = &card
}

// isLine tells whether a card is one line of text: no state, nothing to press. It is told
// beside an alert, and is not another card of it.
func (c wireCard) isLine() bool {
	return c.Status == "" && c.Headline != "" && len(c.Lines)+len(c.Fields)+len(c.Links)+len(c.Actions) == 0
}

func (r reader) card(c bot.Card) wireCard {
	w := wireCard{
		Alert: int64(c.Alert), Cover: c.Cover, Status: string(c.Tone), Headline: r.text(c.Headline),
		Lines: []string{}, Fields: []wireField{}, Links: []wireLink{}, Actions: []wireAction{},
	}
	follow := slices.Clone(c.Links)
	follow = append(follow, links(c.Headline)...)
	for _, t := range append(slices.Clone(c.Lines), c.Footer) {
		if line := r.text(t); line != "" {
			w.Lines = append(w.Lines, line)
		}
		follow = append(follow, links(t)...)
	}
	for _, f := range c.Fields {
		w.Fields = append(w.Fields, wireField{Name: clean(f.Name), Value: r.text(f.Value)})
	}
	for _, l := range follow {
		link := wireLink{Text: clean(l.Text), Href: l.Href}
		known := slices.ContainsFunc(w.Links, func(k wireLink) bool { return k.Href == link.Href })
		if outward(l.Href) && !known {
			w.Links = append(w.Links, link)
		}
	}
	for _, act := range c.Actions {
		w.Actions = append(w.Actions, wireAction{
			Action: act.Action, Label: clean(act.Label), Style: string(style(act.Style)),
			Confirm: clean(act.Confirm), Menu: act.Menu,
		})
	}
	return w
}

func style(s bot.Style) bot.Style {
	if s == bot.Primary || s == bot.Danger {
		return s
	}
	return bot.Default
}

// whole is the message as plain text: the sentence first, then what it does not say.
func whole(sentence string, c wireCard) string {
	var parts []string
	add := func(s string) {
		if s != "" && !strings.Contains(sentence, s) && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	add(c.Headline)
	for _, l := range c.Lines {
		add(l)
	}
	for _, f := range c.Fields {
		add(f.Name + ": " + f.Value)
	}
	if sentence != "" {
		parts = slices.Insert(parts, 0, sentence)
	}
	return strings.Join(parts, "\n")
}

func (a *Adapter) form(f bot.Form, at place) wireForm {
	w := wireForm{ID: at.formID(f.ID), Title: clean(f.Title), Fields: []wireFormField{}}
	for _, field := range f.Fields {
		x := wireFormField{
			Name: field.Name, Label: clean(field.Label), Kind: string(field.Kind),
			Required: field.Required, Value: clean(field.Value), Options: []wireOption{},
		}
		if field.Hint != "" {
			x.Label += " (" + clean(field.Hint) + ")"
		}
		for _, o := range field.Options {
			x.Options = append(x.Options, wireOption{Value: o.Value, Label: clean(o.Label)})
		}
		w.Fields = append(w.Fields, x)
	}
	return w
}

// wireUser is a person as `me` shows them.
type wireUser struct {
	ID        core.UserID `json:"id"`
	Username  string      `json:"username"`
	FirstName string      `json:"firstName"`
	LastName  string      `json:"lastName"`
	Timezone  string      `json:"timezone"`
	Role      string      `json:"role"`
}
