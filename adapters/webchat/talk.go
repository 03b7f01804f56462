package webchat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// patience is how long a request waits for what the bot does.
const patience = 30 * time.Second

// talk is what people do: it hands it to the bot and answers with what that said.
type talk struct {
	a *Adapter
	h bot.Handler
}

// place is where something was done: the conversation, and the post whose button it was.
type place struct {
	in   core.Conversation
	post int64
}

type wireAnswer struct {
	Replies []wirePost `json:"replies"`
	Form    *wireForm  `json:"form,omitempty"`
}

// message takes what a person typed.
func (t talk) message(w http.ResponseWriter, r *http.Request, who person) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	text := strings.TrimSpace(in.Text)
	switch {
	case text == "":
		return core.Errorf(core.Invalid, "There is no text.")
	case len(text) > maxText:
		return core.Errorf(core.Invalid, "A text has at most %d bytes.", maxText)
	}
	at, err := t.conversation(r, who)
	if err != nil {
		return err
	}
	command, ok := commandIn(text, at.in)
	if !ok {
		return t.say(w, r, who, at, text)
	}
	return t.ask(w, r, who, at, bot.Interaction{Text: command})
}

func (t talk) conversation(r *http.Request, who person) (at place, err error) {
	id, err := number(r.PathValue("id"), "conversation")
	if err != nil {
		return at, err
	}
	err = t.a.e.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		at.in, err = t.a.visible(r.Context(), tx, core.ConversationID(id), who)
		return err
	})
	return at, err
}

// commandIn tells whether a text is for the bot. In a channel it says so.
func commandIn(text string, in core.Conversation) (string, bool) {
	first, rest, _ := strings.Cut(text, " ")
	if strings.EqualFold(strings.TrimRight(first, ":,"), "@watchbell") {
		if rest = strings.TrimSpace(rest); rest == "" {
			rest = "/watchbell"
		}
		return rest, true
	}
	return text, in.User != 0 || strings.HasPrefix(text, "/")
}

// say shows a person's text to everybody in the conversation.
func (t talk) say(w http.ResponseWriter, r *http.Request, who person, at place, text string) error {
	p := &store.ChatPost{Author: who.ID, Text: clean(text), CreatedAt: t.a.e.Now()}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		p.Key = fmt.Sprintf("say:%d:%.64s", who.ID, key)
	}
	if err := t.a.insert(r.Context(), at.in, p); err != nil {
		return err
	}
	return answer(w, http.StatusOK, wireAnswer{Replies: []wirePost{}})
}

// action takes a pressed button.
func (t talk) action(w http.ResponseWriter, r *http.Request, who person) error {
	var in struct {
		Action string `json:"action"`
		Values values `json:"values"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if in.Action == "" || len(in.Action) > 80 {
		return core.Errorf(core.Invalid, "An action has 1 to 80 bytes.")
	}
	at, err := t.post(r, who)
	if err != nil {
		return err
	}
	return t.ask(w, r, who, at, bot.Interaction{Action: in.Action, Values: in.Values})
}

// post finds where a button was pressed. Answers to one person are not stored; their id
// says where they were given.
func (t talk) post(r *http.Request, who person) (at place, err error) {
	id, err := number(r.PathValue("id"), "post")
	if err != nil {
		return at, err
	}
	ctx := r.Context()
	err = t.a.e.DB.View(ctx, func(tx *store.Tx) (err error) {
		in, stored := ephemeralPlace(id)
		if stored {
			p, err := tx.ChatPost(ctx, id)
			if err != nil {
				return err
			}
			in, at.post = p.Conversation, p.ID
		}
		at.in, err = t.a.visible(ctx, tx, in, who)
		return err
	})
	if core.KindOf(err) == core.NotFound && err != nil {
		return at, core.Errorf(core.NotFound, "There is no such post.")
	}
	return at, err
}

// submit takes a filled form.
func (t talk) submit(w http.ResponseWriter, r *http.Request, who person) error {
	var in struct {
		Values values `json:"values"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	at, form, err := t.formPlace(r, who)
	if err != nil {
		return err
	}
	return t.ask(w, r, who, at, bot.Interaction{Form: form, Values: in.Values})
}

// options completes a field of a form while somebody types.
func (t talk) options(w http.ResponseWriter, r *http.Request, who person) error {
	at, form, err := t.formPlace(r, who)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	in := bot.Interaction{Actor: who.actor(), In: at.in, Post: at.ref(), Form: form}
	out := []wireOption{}
	for _, o := range t.h.Options(in, q.Get("field"), q.Get("typed")) {
		out = append(out, wireOption{Value: o.Value, Label: clean(o.Label)})
	}
	return answer(w, http.StatusOK, map[string]any{"options": out})
}

// formPlace reads a form's id as place.formID wrote it. A bare one was sent by somebody
// who was not asked; that is their direct conversation.
func (t talk) formPlace(r *http.Request, who person) (at place, form string, err error) {
	parts := strings.SplitN(r.PathValue("id"), ".", 3)
	ctx := r.Context()
	if len(parts) == 3 {
		in, e1 := strconv.ParseInt(parts[0], 10, 64)
		post, e2 := strconv.ParseInt(parts[1], 10, 64)
		if e1 == nil && e2 == nil {
			at.post = post
			err = t.a.e.DB.View(ctx, func(tx *store.Tx) (err error) {
				at.in, err = t.a.visible(ctx, tx, core.ConversationID(in), who)
				return err
			})
			return at, parts[2], err
		}
	}
	at.in, _ = t.a.e.Snapshot().Direct(who.ID, Platform)
	return at, r.PathValue("id"), nil
}

func (p place) formID(id string) string {
	return fmt.Sprintf("%d.%d.%s", p.in.ID, p.post, id)
}

func (p place) ref() core.PostRef {
	if p.post == 0 {
		return ""
	}
	return core.PostRef(strconv.FormatInt(p.post, 10))
}

// ask hands an interaction to the bot and writes its answer. Once it has begun, a
// browser that leaves stops nothing.
func (t talk) ask(w http.ResponseWriter, r *http.Request, who person, at place, in bot.Interaction) error {
	in.ID, in.Actor, in.In, in.Post = interactionID(r, who), who.actor(), at.in, at.ref()
	if in.Form == "" && len(in.Values) == 0 {
		if f, ok := t.h.First(in); ok {
			form := t.a.form(f, at)
			return answer(w, http.StatusOK, wireAnswer{Replies: []wirePost{}, Form: &form})
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	reply := t.h.Handle(ctx, in)
	if len(reply.Errors) > 0 {
		return answer(w, http.StatusUnprocessableEntity, map[string]any{"errors": reply.Errors})
	}
	out := wireAnswer{Replies: []wirePost{}}
	if reply.Form != nil {
		form := t.a.form(*reply.Form, at)
		out.Form = &form
	}
	if reply.Card != nil {
		p, err := t.reply(ctx, who, at, reply, in.ID)
		if err != nil {
			return err
		}
		out.Replies = append(out.Replies, p)
	}
	return answer(w, http.StatusOK, out)
}

// reply is the bot's answer as a post: a stored one if it is for everybody.
func (t talk) reply(ctx context.Context, who person, at place, reply bot.Reply, once string) (wirePost, error) {
	r := t.a.reader(who.User)
	if reply.Public {
		packed, err := t.a.pack(bot.Message{Card: *reply.Card})
		if err != nil {
			return wirePost{}, err
		}
		p := &store.ChatPost{Card: packed, Key: "reply:" + once, CreatedAt: t.a.e.Now()}
		if err := t.a.insert(ctx, at.in, p); err != nil {
			return wirePost{}, err
		}
		return r.post(*p), nil
	}
	p := wirePost{ID: ephemeralID(at.in.ID), Conversation: int64(at.in.ID), Ephemeral: true, Rev: 1,
		Author: wireAuthor{Kind: "bot", Name: botName}, CreatedAt: t.a.e.Now()}
	r.fill(&p, content{Card: *reply.Card})
	return p, nil
}

// interactionID names what a person did once. A script that repeats a request after a
// lost answer sends the same Idempotency-Key and acts once.
func interactionID(r *http.Request, who person) string {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		return fmt.Sprintf("%s:%d:%.64s", Platform, who.ID, key)
	}
	id, _ := secret()
	return Platform + ":" + id
}

// An ephemeral post's id lies above all stored ones, within what JSON numbers carry, and
// holds its conversation beside a random part.
const (
	ephemeralFrom = 1 << 52
	ephemeralRoom = 1 << 22
)

func ephemeralID(in core.ConversationID) int64 {
	return ephemeralFrom + int64(in)*ephemeralRoom + rand.Int64N(ephemeralRoom)
}

func ephemeralPlace(id int64) (in core.ConversationID, stored bool) {
	if id < ephemeralFrom {
		return 0, true
	}
	return core.ConversationID((id - ephemeralFrom) / ephemeralRoom), false
}

// values takes numbers and truth values too, as people write them in scripts.
type values map[string]string

func (v *values) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var raw map[string]any
	if err := d.Decode(&raw); err != nil {
		return err
	}
	*v = make(values, len(raw))
	for name, x := range raw {
		switch x := x.(type) {
		case nil:
		case string:
			(*v)[name] = clean(x)
		case json.Number, bool:
			(*v)[name] = fmt.Sprint(x)
		default:
			return fmt.Errorf("%s is neither text nor number", name)
		}
	}
	return nil
}
