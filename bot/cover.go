package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

func coverVerbs() []verb {
	id := ask{name: idField, label: "Request", kind: TextField, required: true, letter: "c", hint: "c3"}
	from, to := fromAsk(), toAsk()
	from.required, to.required = false, false
	askFrom, askTo := fromAsk(), toAsk()
	askFrom.lenient, askTo.lenient = true, true
	return []verb{
		{family: "cover", name: "list", does: "coverage requests to me and of me", run: listCovers},
		{family: "cover", name: "ask", usage: "@user|anyone SCHEDULE FROM TO [message]", does: "ask somebody to take shifts of mine",
			asks: []ask{{name: "user", label: "Whom", kind: Select, required: true}, scheduleAsk(), askFrom, askTo, {name: "message", label: "Message", kind: TextArea}},
			read: readAsk, settle: settleAsk, run: askCover},
		{family: "cover", name: "accept", also: []string{"ack", "take"}, usage: "N [FROM TO]", does: "take it, or a part of it",
			asks: []ask{id, from, to}, read: readAccept, run: acceptCover},
		{family: "cover", name: "decline", usage: "N [reason]", does: "say no",
			asks: []ask{id, {name: "reason", label: "Reason", kind: TextArea, onPress: true}}, read: readDecline, run: declineCover},
		{family: "cover", name: "cancel", usage: "N", does: "take my request back", asks: []ask{id}, read: readNumber, run: cancelCover},
		{family: "cover", name: "part", asks: []ask{id, fromAsk(), toAsk()}, read: readAccept, run: acceptCover},
		{family: "cover", name: "undo", asks: []ask{id}, read: readNumber, run: undoCover},
	}
}

const anyone = "anyone"

// readAsk takes @user… SCHEDULE FROM TO [message] apart. People go on for as long as they
// are mentioned, and the first word is always one.
func readAsk(c *call, words []word) bool {
	n := 0
	for n < len(words) && (n == 0 || strings.HasPrefix(words[n].text, "@") || strings.HasPrefix(words[n].text, "<@")) {
		n++
	}
	c.put("user", join(words[:n]))
	words = words[n:]
	if len(words) > 0 {
		_, known := c.snap.ScheduleNamed(words[0].text)
		if from, _, _ := splitTimes(words, c.now, c.loc); known || len(c.seenSchedules()) != 1 || !c.readable(from) {
			c.put("schedule", words[0].text)
			words = words[1:]
		}
	}
	from, to, used := splitTimes(words, c.now, c.loc)
	c.put("from", from)
	c.put("to", to)
	c.put("message", join(words[used:]))
	return true
}

func (c *call) readable(t string) bool {
	_, err := readTime(t, c.now, c.loc)
	return err == nil
}

// choiceMark stands between a schedule and one of its shifts in an option of the form.
const choiceMark = " @ "

// settleAsk takes an option apart that names a whole shift of the speaker's.
func settleAsk(c *call) {
	if i := strings.LastIndex(c.values["schedule"], choiceMark); i >= 0 {
		start, end, ok := strings.Cut(c.values["schedule"][i+len(choiceMark):], "/")
		if ok && c.readable(start) && c.readable(end) {
			c.values["schedule"] = c.values["schedule"][:i]
			c.values["from"] = cmp.Or(c.values["from"], start)
			c.values["to"] = cmp.Or(c.values["to"], end)
		}
	}
	settleSchedule(c)
}

// readAccept takes N [FROM TO] apart.
func readAccept(c *call, words []word) bool {
	if len(words) == 0 {
		return true
	}
	c.values[idField] = words[0].text
	return c.takeSpan(words[1:])
}

func readDecline(c *call, words []word) bool {
	if len(words) > 0 {
		c.values[idField] = words[0].text
		c.put("reason", join(words[1:]))
	}
	return true
}

func askCover(ctx context.Context, c *call) (Reply, error) {
	in := schedules.AskCover{Message: c.values["message"]}
	var err error
	if in.Receivers, in.Anyone, err = c.whomToAsk(); err != nil {
		return Reply{}, inField("user", err)
	}
	s, err := c.schedule()
	if err != nil {
		return Reply{}, err
	}
	span, err := c.span()
	if err != nil {
		return Reply{}, err
	}
	in.Shifts = []schedules.CoverShift{{Schedule: s.ID, Span: span}}
	done, err := c.engine.AskCover(ctx, c.deed("cover"), in)
	if err != nil {
		return Reply{}, err
	}
	scene := c.coverScene(done.Request, c.user.ID)
	r := answer(say("You asked {}: {} · c{}", scene.receivers(), scene.what(), count(int(scene.ID))))
	if len(scene.Pieces) > 1 {
		r.Card.Lines = append(r.Card.Lines, scene.pieceLines()...)
	}
	r.Card.Lines = append(r.Card.Lines, c.warnings(done.Warnings)...)
	r.Card.Cover = scene.ID
	r.Card.Actions = []Action{{Action: fmt.Sprintf("cover.cancel:%d", scene.ID), Label: "Undo", Style: Default}}
	return r, nil
}

// whomToAsk reads one person, several, or anyone.
func (c *call) whomToAsk() (users []core.UserID, all bool, err error) {
	text := c.values["user"]
	if slices.Contains([]string{anyone, "@" + anyone, "everyone", "all", "@all"}, strings.ToLower(text)) {
		return nil, true, nil
	}
	if u, err := c.person(text); err == nil {
		return []core.UserID{u.ID}, false, nil
	}
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		u, err := c.person(name)
		if err != nil {
			return nil, false, err
		}
		users = append(users, u.ID)
	}
	return users, false, nil
}

func (c *call) warnings(list []schedules.CoverConflict) []Text {
	var out []Text
	for _, w := range list {
		out = append(out, say("⚠️ {} is on call for {} then: {}", who(w.User), plain(c.snap.Schedules[w.Schedule].Name), spanWords(w.Span, c.now, c.loc)))
	}
	return out
}

func acceptCover(ctx context.Context, c *call) (Reply, error) {
	id, err := c.number()
	if err != nil {
		return Reply{}, err
	}
	var part []schedules.CoverShift
	if c.values["from"] != "" || c.values["to"] != "" {
		span, err := c.partOf(ctx, id)
		if err != nil {
			return Reply{}, err
		}
		part = []schedules.CoverShift{{Span: span}}
	}
	done, err := c.engine.AcceptCover(ctx, c.deed(fmt.Sprintf("c%d", id)), id, part)
	if err != nil {
		return Reply{}, err
	}
	var took []Text
	scene := c.coverScene(done.Request, c.user.ID)
	for _, p := range done.Taken[:min(len(done.Taken), mostPiecesShown)] {
		took = append(took, scene.piece(p))
	}
	if len(took) == 0 { // it was handled before
		took = append(took, scene.what())
	}
	head := say("You cover {}: {} · c{}", who(scene.Sender), took[0], count(int(id)))
	return c.coverReply(scene, head, append(took[1:], c.warnings(done.Warnings)...), "undo"), nil
}

// partOf reads FROM TO of an accept. A bare clock time that has passed today means the
// one within the request, which may be days ahead.
func (c *call) partOf(ctx context.Context, id int64) (schedules.Span, error) {
	r, err := c.loadCover(ctx, id)
	if err != nil {
		return schedules.Span{}, err
	}
	first := r.OpenFrom()
	start, err := readTime(c.values["from"], c.now, c.loc)
	if _, isLength := parseLength(c.values["from"]); err == nil && !isLength && start.Before(first) && first.After(c.now) {
		if within, err := readTime(c.values["from"], first.Add(-time.Second), c.loc); err == nil && !within.Before(first) && within.Before(r.End()) {
			start = within
		}
	}
	if err != nil {
		return schedules.Span{}, inField("from", err)
	}
	end, err := readUntil(c.values["to"], start, c.now, c.loc)
	return schedules.Span{Start: start, End: end}, inField("to", err)
}

func declineCover(ctx context.Context, c *call) (Reply, error) {
	id, err := c.number()
	if err != nil {
		return Reply{}, err
	}
	done, err := c.engine.DeclineCover(ctx, c.deed(fmt.Sprintf("c%d", id)), id, c.values["reason"])
	if err != nil {
		return Reply{}, err
	}
	scene := c.coverScene(done.Request, c.user.ID)
	return c.coverReply(scene, say("You declined c{}; {} is told.", count(int(id)), who(scene.Sender)), nil, ""), nil
}

func cancelCover(ctx context.Context, c *call) (Reply, error) {
	id, err := c.number()
	if err != nil {
		return Reply{}, err
	}
	done, err := c.engine.CancelCover(ctx, c.deed(fmt.Sprintf("c%d", id)), id)
	if err != nil {
		return Reply{}, err
	}
	return c.coverReply(c.coverScene(done.Request, c.user.ID), say("c{} is cancelled. What was taken stays taken.", count(int(id))), nil, ""), nil
}

// undoCover gives back what the person took of a request and what is not over.
func undoCover(ctx context.Context, c *call) (Reply, error) {
	id, err := c.number()
	if err != nil {
		return Reply{}, err
	}
	r, err := c.loadCover(ctx, id)
	if err != nil {
		return Reply{}, err
	}
	n := 0
	for _, p := range r.Pieces {
		if p.TakenBy != c.user.ID || !p.End.After(c.now) {
			continue
		}
		if _, err := c.engine.CancelOverride(ctx, c.deed(fmt.Sprintf("o%d", p.Override)), p.Override, p.Schedule); err != nil {
			return Reply{}, err
		}
		n++
	}
	if n == 0 {
		return Reply{}, core.Errorf(core.Conflict, "You have nothing of c%d that could be given back.", id)
	}
	if r, err = c.loadCover(ctx, id); err != nil {
		return Reply{}, err
	}
	return c.coverReply(c.coverScene(r, c.user.ID), say("You gave c{} back; {} is told.", count(int(id)), who(r.Sender)), nil, ""), nil
}

func (c *call) loadCover(ctx context.Context, id int64) (r schedules.CoverRequest, err error) {
	err = c.engine.DB.View(ctx, func(tx *store.Tx) error {
		r, err = tx.Cover(ctx, id)
		return err
	})
	return r, err
}

// coverReply answers a verb about a request: a press on its card by the card, anything
// else in words. undo is the verb that takes it back; "" if there is none.
func (c *call) coverReply(s coverScene, head Text, lines []Text, undo string) Reply {
	if c.in.Action != "" && c.in.Post != "" && c.direct {
		card := s.card()
		if len(lines) == 0 {
			return Reply{Now: &card}
		}
		r := answer(head, lines...)
		r.Now = &card
		return r
	}
	r := answer(head, lines...)
	r.Card.Cover = s.ID
	if undo != "" {
		r.Card.Actions = []Action{{Action: fmt.Sprintf("cover.%s:%d", undo, s.ID), Label: "Undo", Style: Default}}
	}
	return r
}

// listCovers shows what is pending and not over, and what was answered within a day.
func listCovers(ctx context.Context, c *call) (Reply, error) {
	const most, buttons = 20, 3
	var list []schedules.CoverRequest
	err := c.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Covers(ctx, store.CoverFilter{Sender: c.user.ID, Receiver: c.user.ID, Live: c.now, Limit: most})
		return err
	})
	if err != nil {
		return Reply{}, err
	}
	if len(list) == 0 {
		return answer(plain("There is no coverage request for you or of you."),
			plain("Ask with "+backquoted("/cover ask @user|anyone SCHEDULE FROM TO [message]")+".")), nil
	}
	r := answer(plain("Coverage requests"))
	for _, q := range list {
		s := c.coverScene(q, c.user.ID)
		r.Card.Lines = append(r.Card.Lines, append(s.headline(), plain(" · "+s.state())...))
		if len(r.Card.Actions) >= buttons {
			continue
		}
		if actions := s.actions(); len(actions) > 0 {
			first := actions[0]
			first.Label, first.Style = fmt.Sprintf("%s c%d", first.Label, q.ID), Default
			r.Card.Actions = append(r.Card.Actions, first)
		}
	}
	return r, nil
}

// state is the request's state in a word.
func (s coverScene) state() string {
	if s.Expired(s.now) {
		return "expired"
	}
	return strings.ToLower(string(s.State))
}

// coverers are whom a form offers: anyone first where one asks, then people.
func (c *call) coverers() []Option {
	all := c.targets()
	if c.verb != nil && c.verb.family == "cover" {
		all = append([]Option{{anyone, "Anyone on the schedule"}}, slices.DeleteFunc(all, func(o Option) bool { return o.Value == "@"+c.user.Username })...)
	}
	return all
}

// scheduleOptions are the schedules; who asks for cover is offered their own coming
// shifts first.
func (c *call) scheduleOptions() []Option {
	var all []Option
	if c.verb != nil && c.verb.family == "cover" {
		all = c.shiftOptions()
	}
	return append(all, named(c.seenSchedules(), "")...)
}

func (c *call) shiftOptions() []Option {
	const most = 20
	var mine []duty
	for _, s := range c.snap.Schedules {
		for _, shift := range s.Calendar.Shifts(c.now, c.now.Add(shiftsAhead)) {
			if shift.User == c.user.ID {
				mine = append(mine, duty{shift, s.Name})
			}
		}
	}
	slices.SortFunc(mine, func(a, b duty) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.schedule, b.schedule)) })
	var all []Option
	for _, d := range mine[:min(len(mine), most)] {
		span := schedules.Span{Start: later(d.Start, c.now), End: d.End}
		label := d.schedule + " " + render(spanWords(span, c.now, c.loc), zone{loc: c.loc}, c.now, nil)
		all = append(all, Option{d.schedule + choiceMark + d.Start.Format(time.RFC3339) + "/" + d.End.Format(time.RFC3339), label})
	}
	return all
}
