package bot

import (
	"context"

	"github.com/watchbell/watchbell/store"
)

// tell says beside a card what its log has gained since: lines in its thread where the
// platform has threads, and short lines of their own for the whole conversation. Each is
// sent in order, and what was told is remembered one by one.
func (d *delivery) tell(ctx context.Context, s *scene, p *store.Post) *SendError {
	threads := d.adapter.Can().Threads && p.Ref != ""
	for _, row := range s.Log {
		aloud := row.Broadcast && s.Alert.Open()
		if row.Seq <= p.ShownSeq || !aloud && !(row.Thread && threads) {
			continue
		}
		if d.halted {
			d.again(p)
			return nil
		}
		m := Message{Card: s.broadcast(s.lineOf(row)), Key: d.key("line", s.Alert.ID, d.to.ID, row.Seq), Broadcast: aloud, Quiet: !aloud}
		if threads {
			m.Thread = p.Ref
		}
		if _, failure := d.send(ctx, m); failure != nil {
			if failure.Do == Retry {
				return failure
			}
			d.log.Warn("tell beside a card", "platform", d.to.Platform, "conversation", d.to.ID, "alert", s.Alert.ID, "err", failure.Err)
		}
		p.ShownSeq = row.Seq
		d.paced()
	}
	p.ShownSeq = max(p.ShownSeq, s.Alert.Seq)
	return nil
}

// again asks for another round, because the pace allows no more now.
func (d *delivery) again(p *store.Post) {
	job := cardJob(p.Conversation, p.Alert, d.now)
	d.record(func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, []store.Job{job}) })
}

// lineOf says a log entry in a line that stands alone: "#1234 escalated to Ben (level 2):
// Ana did not answer in 5 min."
func (s *scene) lineOf(row store.LogRow) Text {
	return say("{} {}.", number(s.Alert.ID), logLine(row))
}
