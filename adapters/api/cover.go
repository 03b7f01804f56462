package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

type coverBody struct {
	ID         int64                `json:"id"`
	Sender     userBody             `json:"sender"`
	Receivers  []coverReceiverBody  `json:"receivers"`
	Shifts     []coverShiftBody     `json:"shifts"`
	Message    string               `json:"message,omitempty"`
	State      schedules.CoverState `json:"state"`
	CreatedAt  stamp                `json:"createdAt"`
	AcceptedBy *userBody            `json:"acceptedBy,omitempty"`
	Expired    bool                 `json:"expired"`
	Warnings   []string             `json:"warnings"`
}

type coverReceiverBody struct {
	User    userBody             `json:"user"`
	State   schedules.CoverState `json:"state"`
	Comment string               `json:"declineComment,omitempty"`
}

type coverShiftBody struct {
	Schedule namedBody `json:"schedule"`
	Start    stamp     `json:"start"`
	End      stamp     `json:"end"`
	TakenBy  *userBody `json:"takenBy,omitempty"`
	Override int64     `json:"override,omitempty"` // its id
	Back     *userBody `json:"givenBackBy,omitempty"`
}

// What callers send.

type coverWish struct {
	Sender    ref         `json:"sender"`
	Receiver  ref         `json:"receiver"`
	Receivers []ref       `json:"receivers"`
	Anyone    bool        `json:"anyone"`
	Shifts    []shiftWish `json:"shifts"`
	Message   string      `json:"message"`
}

type shiftWish struct {
	Schedule ref    `json:"schedule"`
	Start    string `json:"start"`
	End      string `json:"end"`
}

type coverAnswer struct {
	User    ref         `json:"user"` // for whom an ADMIN answers
	Shifts  []shiftWish `json:"shifts"`
	Comment string      `json:"declineComment"`
}

const longestMessage = 2000

func (c *call) askCover() (answer, error) {
	var wish coverWish
	if err := c.body(&wish); err != nil {
		return answer{}, err
	}
	sender, err := c.party(wish.Sender, "sender")
	if err != nil {
		return answer{}, err
	}
	in := schedules.AskCover{Anyone: wish.Anyone, Message: wish.Message}
	if len(in.Message) > longestMessage {
		return answer{}, invalid("message: that is longer than %d bytes.", longestMessage)
	}
	if wish.Receiver.given() {
		wish.Receivers = append(wish.Receivers, wish.Receiver)
	}
	if wish.Anyone && len(wish.Receivers) > 0 {
		return answer{}, invalid("Say receivers or anyone, not both.")
	}
	for _, r := range wish.Receivers {
		u, found := c.user(r)
		if !found {
			return answer{}, invalid("receivers: there is no user %s.", r)
		}
		in.Receivers = append(in.Receivers, u.ID)
	}
	if in.Shifts, err = c.coverShifts(wish.Shifts); err != nil {
		return answer{}, err
	}
	done, err := c.api.engine.AskCover(c.ctx, c.deed(sender), in)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: c.coverBody(done), location: c.api.public + fmt.Sprintf("/api/coverage-requests/%d", done.Request.ID)}, nil
}

// party is for whom the caller acts; 0: for themselves.
func (c *call) party(r ref, name string) (core.UserID, error) {
	if !r.given() {
		return 0, nil
	}
	u, found := c.user(r)
	if !found {
		return 0, invalid("%s: there is no user %s.", name, r)
	}
	return u.ID, nil
}

// coverShifts reads shifts; without a schedule one means all of them, where that may be.
func (c *call) coverShifts(wishes []shiftWish) ([]schedules.CoverShift, error) {
	var out []schedules.CoverShift
	for i, w := range wishes {
		s, found := c.schedule(w.Schedule)
		if !found || c.hidden(s.Teams) {
			return nil, invalid("shifts[%d].schedule: there is no schedule %s.", i, w.Schedule)
		}
		span, err := c.span(s, w.Start, w.End)
		if err != nil {
			return nil, err
		}
		out = append(out, schedules.CoverShift{Schedule: s.ID, Span: span})
	}
	return out, nil
}

func (c *call) acceptCover() (answer, error) {
	return c.answerCover(func(d engine.Deed, id int64, a coverAnswer) (engine.CoverDone, error) {
		shifts, err := c.coverShifts(a.Shifts)
		if err != nil {
			return engine.CoverDone{}, err
		}
		return c.api.engine.AcceptCover(c.ctx, d, id, shifts)
	})
}

func (c *call) declineCover() (answer, error) {
	return c.answerCover(func(d engine.Deed, id int64, a coverAnswer) (engine.CoverDone, error) {
		if len(a.Comment) > longestMessage {
			return engine.CoverDone{}, invalid("declineComment: that is longer than %d bytes.", longestMessage)
		}
		return c.api.engine.DeclineCover(c.ctx, d, id, a.Comment)
	})
}

func (c *call) cancelCover() (answer, error) {
	return c.answerCover(func(d engine.Deed, id int64, _ coverAnswer) (engine.CoverDone, error) {
		return c.api.engine.CancelCover(c.ctx, d, id)
	})
}

func (c *call) answerCover(do func(d engine.Deed, id int64, a coverAnswer) (engine.CoverDone, error)) (answer, error) {
	id, err := numbered(c.r.PathValue("id"), "c", "coverage request")
	if err != nil {
		return answer{}, err
	}
	var a coverAnswer
	if err := c.body(&a); err != nil {
		return answer{}, err
	}
	party, err := c.party(a.User, "user")
	if err != nil {
		return answer{}, err
	}
	done, err := do(c.deed(party), id, a)
	if err != nil {
		return answer{}, err
	}
	return ok(c.coverBody(done)), nil
}

func (c *call) readCover() (answer, error) {
	id, err := numbered(c.r.PathValue("id"), "c", "coverage request")
	if err != nil {
		return answer{}, err
	}
	var r schedules.CoverRequest
	err = c.api.engine.DB.View(c.ctx, func(tx *store.Tx) error {
		r, err = tx.Cover(c.ctx, id)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	_, asked := r.Receiver(c.who.User)
	if !asked && r.Sender != c.who.User && c.who.Role != core.Admin {
		return answer{}, core.Errorf(core.NotFound, "There is no coverage request c%d.", id)
	}
	return ok(c.coverBody(engine.CoverDone{Request: r})), nil
}

// listCovers answers requests, newest first. With from, all that were made since then;
// with states, those; else what is pending and not over, and what was answered within a
// day.
func (c *call) listCovers() (answer, error) {
	start, n, err := c.page(50, 250)
	if err != nil {
		return answer{}, err
	}
	f := store.CoverFilter{Limit: n, Offset: start}
	switch kind := strings.ToLower(c.query.Get("type")); kind {
	case "sent":
		f.Sender = c.who.User
	case "received":
		f.Receiver = c.who.User
	case "":
		if c.who.Role != core.Admin {
			f.Sender, f.Receiver = c.who.User, c.who.User
		}
	default:
		return answer{}, invalid("type: “%s” is neither sent nor received.", core.Line(kind, 40))
	}
	for _, s := range c.list("states", "state") {
		state := schedules.CoverState(strings.ToUpper(s))
		if !slices.Contains([]schedules.CoverState{schedules.CoverPending, schedules.CoverAccepted, schedules.CoverDeclined, schedules.CoverCancelled}, state) {
			return answer{}, invalid("states: “%s” is no state of a coverage request.", core.Line(s, 40))
		}
		f.States = append(f.States, state)
	}
	if f.From, err = c.instant("from", time.UTC); err != nil {
		return answer{}, err
	}
	if f.From.IsZero() && f.States == nil {
		f.Live = c.now
	}
	bodies := []coverBody{}
	if n == 0 {
		return ok(bodies), nil
	}
	var list []schedules.CoverRequest
	err = c.api.engine.DB.View(c.ctx, func(tx *store.Tx) error {
		list, err = tx.Covers(c.ctx, f)
		return err
	})
	for _, r := range list {
		bodies = append(bodies, c.coverBody(engine.CoverDone{Request: r}))
	}
	return ok(bodies), err
}

func (c *call) coverBody(done engine.CoverDone) coverBody {
	r := done.Request
	b := coverBody{ID: r.ID, Sender: c.userBody(r.Sender), Message: r.Message, State: r.State, CreatedAt: stamp{r.CreatedAt},
		AcceptedBy: c.userOrNone(r.AcceptedBy), Expired: r.Expired(c.now), Receivers: []coverReceiverBody{}, Shifts: []coverShiftBody{}, Warnings: []string{}}
	for _, x := range r.Receivers {
		b.Receivers = append(b.Receivers, coverReceiverBody{User: c.userBody(x.User), State: x.State, Comment: x.Comment})
	}
	for _, p := range r.Pieces {
		b.Shifts = append(b.Shifts, coverShiftBody{Schedule: namedBody{int64(p.Schedule), c.snap.Schedules[p.Schedule].Name}, Start: stamp{p.Start}, End: stamp{p.End},
			TakenBy: c.userOrNone(p.TakenBy), Override: p.Override, Back: c.userOrNone(p.Back)})
	}
	for _, w := range done.Warnings {
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s is on call on %s as well, from %s to %s.",
			c.snap.Users[w.User].Name(), c.snap.Schedules[w.Schedule].Name, stamp{w.Start}.text(), stamp{w.End}.text()))
	}
	return b
}

func (c *call) userOrNone(id core.UserID) *userBody {
	if id == 0 {
		return nil
	}
	b := c.userBody(id)
	return &b
}
