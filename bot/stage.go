package bot

import (
	"context"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// flapWindow is how far back an alert's earlier ones are looked for.
const flapWindow = 24 * time.Hour

// scene reads an alert and what a card of it needs, for a conversation.
func (b *Bot) scene(ctx context.Context, id core.AlertID, in core.Conversation) (s *scene, err error) {
	snap := b.engine.Snapshot()
	err = b.engine.DB.View(ctx, func(tx *store.Tx) error {
		s, err = b.sceneIn(ctx, tx, snap, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.setReader(snap, in.User)
	return s, nil
}

func (b *Bot) sceneIn(ctx context.Context, tx *store.Tx, snap *engine.Snapshot, id core.AlertID) (*scene, error) {
	view, err := tx.AlertView(ctx, id)
	if err != nil {
		return nil, err
	}
	a := view.Alert
	s := &scene{AlertView: view, now: b.engine.Now(), source: snap.Sources[a.Source], policy: snap.Policies[a.Policy], name: nameIn(snap.Users), users: snap.Users}
	if s.source.ID == 0 {
		s.source.Name = "a deleted source"
	}
	if s.monitor, err = monitorOf(ctx, tx, snap, a); err != nil {
		return nil, err
	}
	for _, t := range append(s.source.Teams[:len(s.source.Teams):len(s.source.Teams)], s.policy.Teams...) {
		if team, ok := snap.Teams[t]; ok && s.team == "" {
			s.team = team.Name
		}
	}
	at := s.now
	if a.LevelUntil.After(at) {
		at = a.LevelUntil
	}
	s.levels = reachable(snap, snap.Levels(s.policy, at))
	s.emptyUntil = emptyUntil(snap, s.policy, a.EmptyLevel, s.now)
	if key := core.OpenKey(a.Source, a.Key); key != nil && a.Status == core.Pending {
		if s.earlier, err = tx.LastResolved(ctx, key, a.CreatedAt.Add(-flapWindow)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// emptyUntil is when the first shift begins on the schedules of a level.
func emptyUntil(snap *engine.Snapshot, p core.Policy, level int, now time.Time) time.Time {
	var first time.Time
	if level < 1 || level > len(p.Rules) {
		return first
	}
	for _, id := range p.Rules[level-1].Schedules {
		if c := snap.Schedules[id].Calendar; c != nil {
			if next, ok := c.NextShift(now); ok && (first.IsZero() || next.Start.Before(first)) {
				first = next.Start
			}
		}
	}
	return first
}

// reachable leaves those out of the levels who cannot be paged, as the escalation does.
func reachable(snap *engine.Snapshot, levels []core.Level) []core.Level {
	for i := range levels {
		levels[i].People = slices.DeleteFunc(levels[i].People, func(p core.Because) bool {
			return len(snap.Person(p.User).Platforms) == 0
		})
	}
	return levels
}

// setReader chooses the clock of lock-screen sentences: the person's, else that of the
// policy's first schedule, said so.
func (s *scene) setReader(snap *engine.Snapshot, u core.UserID) {
	s.reader = u
	if u != 0 {
		s.zone = zoneOf(snap.Users[u])
		return
	}
	s.zone = zone{loc: time.UTC, named: true}
	for _, r := range s.policy.Rules {
		for _, id := range r.Schedules {
			if loc, err := time.LoadLocation(snap.Schedules[id].Timezone); err == nil && snap.Schedules[id].Timezone != "" {
				s.zone.loc = loc
				return
			}
		}
	}
}

// cardFor draws a post: the card of a channel, or a page.
func (s *scene) cardFor(p store.Post) Card {
	if s.reader != 0 && p.Call > 0 {
		return s.pageCard(p.Call)
	}
	return s.channelCard()
}

// cardNow is the pressed post as it is now.
func (c *call) cardNow(ctx context.Context, id core.AlertID) (Card, bool) {
	s, err := c.scene(ctx, id, c.in.In)
	if err != nil {
		return Card{}, false // the card follows by itself
	}
	if !c.direct {
		return s.channelCard(), true
	}
	var posts []store.Post
	err = c.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		posts, err = tx.PostsOf(ctx, id, c.in.In.ID)
		return err
	})
	for _, p := range posts {
		if p.Ref == c.in.Post && p.Call >= 0 {
			return s.cardFor(p), err == nil
		}
	}
	return Card{}, false
}
