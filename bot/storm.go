package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	stormCards  = 20          // new cards a minute that a conversation bears
	stormWindow = time.Minute // over which they are counted
	stormQuiet  = 2 * time.Minute
	stormListed = 500 // alerts that a storm card looks at
)

// storming tells whether the conversation has had so many new cards that further alerts
// are folded into one.
func (d *delivery) storming(ctx context.Context) (bool, error) {
	n := 0
	err := d.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.NewCards(ctx, d.to.ID, d.now.Add(-stormWindow))
		return err
	})
	return n+d.fresh >= stormCards, err
}

// fold counts an alert into the storm instead of posting its card: its post has no ref
// until somebody has the alert.
func (d *delivery) fold(s *scene) {
	d.storm, d.fresh = true, d.fresh+1
	d.folds = append(d.folds, store.Post{Conversation: d.to.ID, Alert: s.Alert.ID, ShownRev: s.Alert.Rev, ShownSeq: s.Alert.Seq, PostedAt: s.now})
}

// unfold gives an alert of a storm its own card once somebody has it; else the storm
// card is brought to its present numbers.
func (d *delivery) unfold(ctx context.Context, s *scene, p store.Post) *SendError {
	d.storm = true
	storming, err := d.storming(ctx)
	if err != nil {
		return asSendError(err)
	}
	p.ShownRev, p.ShownSeq = s.Alert.Rev, s.Alert.Seq
	if s.Alert.Status == core.Accepted && !storming {
		ref, failure := d.send(ctx, Message{Card: s.channelCard(), Key: d.key("card", s.Alert.ID, d.to.ID, 0), Quiet: true})
		if failure != nil {
			return failure
		}
		p.Ref = ref
		d.paced()
	}
	d.save(p)
	return nil
}

// endStorm shows the storm once all jobs of a round were done. Without its card the alerts
// folded into it would be shown nowhere: then they are not folded, and tried again.
func (d *delivery) endStorm(ctx context.Context) error {
	err := d.confine(func() error { return d.showStorm(ctx) })
	if err != nil {
		d.sent.Done = slices.DeleteFunc(d.sent.Done, func(j store.Job) bool {
			folded := func(p store.Post) bool { return p.Alert == core.AlertID(j.Arg) }
			return j.Arg == 0 || slices.ContainsFunc(d.folds, folded)
		})
		return fmt.Errorf("show a storm: %w", err)
	}
	for _, p := range d.folds {
		d.save(p)
	}
	return nil
}

// showStorm posts or edits the storm card, once for all alerts of a round.
func (d *delivery) showStorm(ctx context.Context) error {
	if !d.storm {
		return nil
	}
	post, running, err := d.stormPost(ctx)
	if err != nil || !running && len(d.folds) == 0 {
		return err
	}
	card, err := d.stormCard(ctx, post.PostedAt)
	if err != nil {
		return err
	}
	var failure *SendError
	switch {
	case post.Ref == "":
		post.Ref, failure = d.send(ctx, Message{Card: card, Key: d.key("storm", 0, d.to.ID, int64(post.Call))})
	case d.adapter.Can().Edit:
		failure = d.edit(ctx, post.Ref, Message{Card: card})
	}
	again := d.now.Add(stormQuiet)
	if failure != nil {
		d.log.Warn("show a storm", "platform", d.to.Platform, "conversation", d.to.ID, "err", failure.Err)
		post.Gone = failure.Do == Gone
		again = d.now.Add(max(retryAfter(2), failure.After))
	}
	grown := len(d.folds) > 0
	if grown {
		post.ShownRev = store.Micros(d.now) // when the storm grew last
	}
	grown = grown || failure != nil && failure.Do == Retry
	d.record(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SavePost(ctx, post); err != nil || !grown {
			return err
		}
		return tx.Enqueue(ctx, []store.Job{cardJob(d.to.ID, 0, again)}) // the last word, when it is over
	})
	return nil
}

// stormPost finds the conversation's latest storm, or begins one if that is over. Its
// post belongs to no alert and is numbered by the second in which it began.
func (d *delivery) stormPost(ctx context.Context) (post store.Post, running bool, err error) {
	var posts []store.Post
	err = d.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		posts, err = tx.PostsOf(ctx, 0, d.to.ID)
		return err
	})
	if err != nil {
		return post, false, fmt.Errorf("load storms of conversation %d: %w", d.to.ID, err)
	}
	if len(posts) > 0 {
		last := posts[len(posts)-1]
		if !last.Gone && (len(d.folds) == 0 || d.now.Sub(store.FromMicros(last.ShownRev)) < stormQuiet) {
			return last, true, nil
		}
	}
	return store.Post{Conversation: d.to.ID, Call: int(d.now.Unix()), PostedAt: d.now}, false, nil
}

// stormCard says how many alerts it stands for, where they come from and how many are
// pending.
func (d *delivery) stormCard(ctx context.Context, began time.Time) (Card, error) {
	from := began.Add(-stormWindow)
	snap := d.engine.Snapshot()
	f := store.AlertFilter{From: from, Until: d.now.Add(time.Second), Limit: stormListed}
	for id, s := range snap.Sources {
		if slices.Contains(s.Conversations, d.to.ID) {
			f.Sources = append(f.Sources, id)
		}
	}
	var alerts []core.Alert
	err := d.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		alerts, err = tx.ListAlerts(ctx, f)
		return err
	})
	if err != nil {
		return Card{}, fmt.Errorf("load the alerts of a storm: %w", err)
	}
	by, pending, last := map[string]int{}, 0, began
	for _, a := range alerts {
		by[snap.Sources[a.Source].Name]++
		if a.Status == core.Pending {
			pending++
		}
		if a.CreatedAt.After(last) {
			last = a.CreatedAt
		}
	}
	tone, mark := TonePending, "🔴"
	if pending == 0 {
		tone, mark = TonePlain, "✅"
	}
	number := strconv.Itoa(len(alerts))
	if len(alerts) == stormListed {
		number = "at least " + number
	}
	c := Card{Tone: tone,
		Headline: say("{} {} alerts in {}: {} · {} pending", plain(mark), bold(number), length(max(last.Sub(from), time.Minute)), plain(sourceCounts(by)), count(pending)),
		Lines:    []Text{plain("So many do not get a card each here: an alert gets its own once somebody has it. People are paged as always.")},
		Actions: []Action{
			{Action: fmt.Sprintf("acceptall::%d", from.Unix()), Label: "Accept all of mine", Style: Primary},
			{Action: "list", Label: "List", Style: Default},
		}}
	c.Plain = render(c.Headline, zone{loc: time.UTC, named: true}, d.now, nil)
	return c, nil
}

// sourceCounts is "prometheus 38, grafana 2", the largest first, at most five.
func sourceCounts(by map[string]int) string {
	const most = 5
	names := make([]string, 0, len(by))
	for n := range by {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b)) })
	out := ""
	for i, n := range names[:min(len(names), most)] {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%s %d", n, by[n])
	}
	if len(names) > most {
		out += " and others"
	}
	return out
}

// acceptAll takes every pending alert that the person is asked for, from a storm's
// beginning on.
func acceptAll(ctx context.Context, c *call) (Reply, error) {
	since, err := strconv.ParseInt(c.values["since"], 10, 64)
	if err != nil {
		return Reply{}, invalid("The button is from another version.")
	}
	alerts, err := c.list(ctx, store.AlertFilter{Statuses: []core.Status{core.Pending}, Responders: []core.UserID{c.user.ID},
		From: time.Unix(since, 0), Limit: stormListed})
	if err != nil {
		return Reply{}, err
	}
	taken, failed := 0, []Text(nil)
	for _, a := range alerts {
		if a.MergedInto != 0 {
			continue
		}
		if _, err := c.do(ctx, a.ID, core.Accept{By: c.user.ID}); err != nil {
			failed = append(failed, say("{} not done: {}", number(a.ID), plain(sentenceOf(err))))
			continue
		}
		taken++
	}
	return answer(say("You have {} alerts now.", count(taken)), tail(failed, listed)...), nil
}
