package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// KindTell is the kind of the send that tells somebody a sentence: subject the direct
// conversation, arg a number of its own, data a Notice.
const KindTell = "tell"

// Notice is a sentence for one person. People and times in it stay what they are until it
// is sent, so that everybody reads them in their own words and on their own clock.
type Notice struct {
	To    core.UserID `json:"-"`
	Say   string      `json:"say"` // with {} for each part, in order
	Parts []Part      `json:"parts,omitempty"`
}

// Part is what stands for one {}: exactly one field is set.
type Part struct {
	Text   string        `json:"text,omitempty"`
	User   core.UserID   `json:"user,omitempty"`
	Time   time.Time     `json:"time,omitzero"`
	Length time.Duration `json:"length,omitempty"`
}

// Told makes a notice; parts are strings, users, times and lengths.
func Told(to core.UserID, say string, parts ...any) Notice {
	return Notice{To: to}.and(say, parts...)
}

// and returns the notice with more said.
func (n Notice) and(say string, parts ...any) Notice {
	n.Say += say
	n.Parts = slices.Clone(n.Parts)
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			n.Parts = append(n.Parts, Part{Text: p})
		case core.UserID:
			n.Parts = append(n.Parts, Part{User: p})
		case time.Time:
			n.Parts = append(n.Parts, Part{Time: p})
		case time.Duration:
			n.Parts = append(n.Parts, Part{Length: p})
		default:
			panic(fmt.Sprintf("a notice cannot say a %T", p))
		}
	}
	return n
}

// ReadNotice reads a notice from a job's data.
func ReadNotice(data string) (n Notice, err error) {
	err = json.Unmarshal([]byte(data), &n)
	return n, err
}

// tell asks for notices to be sent, each on every platform that its person is linked on.
// Somebody who is linked on none hears nothing.
func (u *unit) tell(ctx context.Context, tx *store.Tx, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	ids, err := tx.TellIDs(ctx, len(notices))
	if err != nil {
		return fmt.Errorf("draw numbers of notices: %w", err)
	}
	var jobs []store.Job
	for i, n := range notices {
		data, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("write a notice: %w", err)
		}
		for _, c := range u.snap.directsOf(n.To) {
			jobs = append(jobs, store.Job{Lane: store.LaneHouse, Kind: KindTell, Subject: int64(c.ID), Arg: ids[i], RunAt: u.now, Data: string(data)})
		}
	}
	return u.enqueue(ctx, tx, jobs...)
}

// enqueue asks for jobs and wakes their lanes after the commit.
func (u *unit) enqueue(ctx context.Context, tx *store.Tx, jobs ...store.Job) error {
	for _, j := range jobs {
		if at, ok := u.woken[j.Lane]; !ok || j.RunAt.Before(at) {
			u.woken[j.Lane] = j.RunAt
		}
	}
	if err := tx.Enqueue(ctx, jobs); err != nil {
		return fmt.Errorf("enqueue jobs: %w", err)
	}
	return nil
}

// directsOf are a person's own conversations on the platforms that can be sent on.
func (s *Snapshot) directsOf(u core.UserID) []core.Conversation {
	var out []core.Conversation
	for _, platform := range s.people[u].Platforms {
		if c, ok := s.Direct(u, platform); ok {
			out = append(out, c)
		}
	}
	return out
}
