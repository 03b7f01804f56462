package bot

import (
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

// coverScene is a coverage request as one person sees it.
type coverScene struct {
	schedules.CoverRequest
	snap   *engine.Snapshot
	now    time.Time
	reader core.UserID
	loc    *time.Location
}

func (b *Bot) coverScene(r schedules.CoverRequest, reader core.UserID) coverScene {
	snap := b.engine.Snapshot()
	return coverScene{CoverRequest: r, snap: snap, now: b.engine.Now(), reader: reader, loc: zoneOf(snap.Users[reader]).loc}
}

// mostPiecesShown is how many shifts a card lists.
const mostPiecesShown = 8

// card draws the request: its present state, and what this person can do about it.
func (s coverScene) card() Card {
	c := Card{Cover: s.ID, Headline: s.headline(), Actions: s.actions()}
	if len(s.Pieces) > 1 {
		c.Lines = append(c.Lines, s.pieceLines()...)
	}
	if s.Message != "" {
		const longest = 300
		c.Lines = append(c.Lines, say("“{}”", plain(cut(oneLine(s.Message), longest))))
	}
	open := s.State == schedules.CoverPending && !s.Expired(s.now)
	if s.State == schedules.CoverPending {
		c.Tone = TonePending
	} else if s.State == schedules.CoverAccepted {
		c.Tone = ToneAccepted
	}
	if s.reader == s.Sender {
		c.Lines = append(c.Lines, s.answers()...)
	} else if open {
		c.Lines = append(c.Lines, s.elsewhere()...)
	}
	if open {
		c.Lines = append(c.Lines, say("pending · open until {}", moment(s.End())))
	}
	c.Plain = render(c.Headline, zone{loc: s.loc}, s.now, nameIn(s.snap.Users)) + s.plainState()
	return c
}

func (s coverScene) plainState() string {
	if s.State == schedules.CoverPending && !s.Expired(s.now) {
		return " pending"
	}
	return ""
}

// headline says in one line where the request stands.
func (s coverScene) headline() Text {
	what := append(s.what(), say(" · c{}", count(int(s.ID)))...)
	me, asked := s.Receiver(s.reader)
	switch {
	case s.State == schedules.CoverAccepted:
		return append(say("✅ {} covers {}: ", people(s.takers()), who(s.Sender)), what...)
	case s.State == schedules.CoverCancelled:
		return append(say("✖️ {} cancelled the request: ", who(s.Sender)), what...)
	case s.State == schedules.CoverDeclined:
		return append(say("❌ Nobody who was asked covers {}: ", who(s.Sender)), what...)
	case s.Expired(s.now):
		return append(say("⌛ Over, nobody took all of it: "), what...)
	case s.reader == s.Sender:
		return append(say("🗓️ You ask {} for cover: ", s.receivers()), what...)
	case asked && me.State == schedules.CoverDeclined:
		return append(say("🗓️ You declined to cover {}, and may still accept: ", who(s.Sender)), what...)
	}
	return append(say("🗓️ {} asks you: ", who(s.Sender)), what...)
}

// what names the shift, or says how many there are.
func (s coverScene) what() Text {
	if len(s.Pieces) == 1 {
		return s.piece(s.Pieces[0])
	}
	var sum time.Duration
	for _, p := range s.Pieces {
		sum += p.End.Sub(p.Start)
	}
	return say("{} pieces ({})", count(len(s.Pieces)), length(sum))
}

func (s coverScene) piece(p schedules.CoverPiece) Text {
	return say("{} {}", plain(s.snap.Schedules[p.Schedule].Name), spanWords(p.Span, s.now, s.loc))
}

func (s coverScene) pieceLines() []Text {
	var out []Text
	for _, p := range s.Pieces[:min(len(s.Pieces), mostPiecesShown)] {
		line := s.piece(p)
		switch {
		case p.TakenBy != 0:
			line = append(line, say(": {} ✓", who(p.TakenBy))...)
		case p.Back != 0:
			line = append(line, say(": given back by {}", who(p.Back))...)
		case s.State == schedules.CoverPending:
			line = append(line, plain(": open")...)
		}
		out = append(out, line)
	}
	if more := len(s.Pieces) - mostPiecesShown; more > 0 {
		out = append(out, say("and {} more", count(more)))
	}
	return out
}

// takers are who took something, in the order of the pieces.
func (s coverScene) takers() []core.UserID {
	var out []core.UserID
	for _, p := range s.Pieces {
		if p.TakenBy != 0 {
			out = appendNew(out, p.TakenBy)
		}
	}
	if len(out) == 0 {
		out = append(out, s.AcceptedBy)
	}
	return out
}

// receivers names those who were asked, or says how many they are.
func (s coverScene) receivers() Text {
	const most = 4
	if len(s.Receivers) > most {
		return say("{} people", count(len(s.Receivers)))
	}
	var users []core.UserID
	for _, c := range s.Receivers {
		users = append(users, c.User)
	}
	return people(users)
}

// answers says who declined and who has not answered, for the sender.
func (s coverScene) answers() []Text {
	const most, longest = 10, 200
	var out []Text
	for _, c := range s.Receivers {
		if c.State != schedules.CoverDeclined || len(out) == most {
			continue
		}
		line := say("{} declined", who(c.User))
		if c.Comment != "" {
			line = append(line, say(": “{}”", plain(cut(oneLine(c.Comment), longest)))...)
		}
		out = append(out, line)
	}
	if silent := s.Unanswered(); s.State == schedules.CoverPending && len(silent) > 0 && len(silent) <= most {
		out = append(out, say("no answer yet: {}", people(silent)))
	}
	return out
}

// elsewhere warns the reader of where they are on call at the same time.
func (s coverScene) elsewhere() []Text {
	const most = 3
	var out []Text
	for _, p := range s.Pieces {
		for id, other := range s.snap.Schedules {
			if id == p.Schedule || !p.Open() {
				continue
			}
			for _, shift := range other.Calendar.Shifts(later(p.Start, s.now), p.End) {
				if shift.User == s.reader && len(out) < most {
					out = append(out, say("⚠️ You are on call for {} then: {}", plain(other.Name), spanWords(schedules.Span{Start: shift.Start, End: shift.End}, s.now, s.loc)))
				}
			}
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s coverScene) actions() []Action {
	button := func(verb, label string, style Style) Action {
		return Action{Action: fmt.Sprintf("cover.%s:%d", verb, s.ID), Label: label, Style: style}
	}
	open := s.State == schedules.CoverPending && !s.Expired(s.now)
	me, asked := s.Receiver(s.reader)
	var out []Action
	switch {
	case s.reader == s.Sender && open:
		return []Action{button("cancel", "Cancel", Default)}
	case asked && open:
		out = append(out, button("accept", "Accept", Primary), button("part", "Take part…", Default))
		if me.State != schedules.CoverDeclined {
			out = append(out, button("decline", "Decline…", Danger))
		}
	}
	for _, p := range s.Pieces {
		if p.TakenBy == s.reader && p.End.After(s.now) {
			return append(out, button("undo", "Undo", Default))
		}
	}
	return out
}
