package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// hopPatience is how long a platform may take to take a test page.
const hopPatience = 10 * time.Second

// Hop is what became of a test page on one platform.
type Hop struct {
	Platform string
	Took     time.Duration
	Err      error // nil: the platform took it
}

// TestPage sends a page that is a test to one person on every platform on which they can
// be paged, and returns what became of each; none: nothing can reach them. It is no
// alert: nothing escalates, and nobody else hears of it.
func (b *Bot) TestPage(ctx context.Context, to core.UserID, from string) []Hop {
	var hops []Hop
	sent := b.engine.Now()
	for _, platform := range b.engine.Snapshot().Person(to).Platforms {
		if b.adapters[platform] == nil {
			hops = append(hops, Hop{Platform: platform, Err: core.Errorf(core.Unavailable, "this platform is not connected")})
			continue
		}
		began := time.Now()
		err := b.testOn(ctx, to, platform, testCard(from, sent))
		hops = append(hops, Hop{Platform: platform, Took: time.Since(began), Err: err})
	}
	return hops
}

func testCard(from string, sent time.Time) Card {
	head := "🧪 Test from " + from + ", nobody else is paged: press Accept"
	return Card{Headline: plain(head), Plain: head,
		Actions: []Action{{Action: fmt.Sprintf("watchbell.tested:0:%d", sent.UnixMicro()), Label: "Accept", Style: Primary}}}
}

func (b *Bot) testOn(ctx context.Context, to core.UserID, platform string, card Card) error {
	ctx, cancel := context.WithTimeout(ctx, hopPatience)
	defer cancel()
	d := &delivery{Bot: b, adapter: b.adapters[platform], now: b.engine.Now()}
	d.to, _ = b.engine.Snapshot().Direct(to, platform)
	if err := d.direct(ctx); err != nil {
		return err
	}
	_, failure := d.send(ctx, Message{Card: card, Key: d.key("test", 0, d.to.ID, d.now.UnixMicro()), Urgent: true})
	if failure != nil {
		return failure
	}
	return nil
}

// testPage sends one and reports each hop to whoever asked.
func testPage(ctx context.Context, c *call) (Reply, error) {
	to, err := c.person(c.values["target"])
	if err != nil {
		return Reply{}, inField("target", err)
	}
	if err := core.May(c.snap.Viewer(c.user.ID), core.OpHandle); err != nil {
		return Reply{}, err
	}
	switch err := c.audit(ctx, "test", "user:"+to.Username, ""); {
	case handledBefore(err):
		return answer(plain("That was done already.")), nil
	case err != nil:
		return Reply{}, err
	}
	hops := c.TestPage(ctx, to.ID, c.user.Name())
	if len(hops) == 0 {
		return Reply{}, &core.Error{Kind: core.Conflict, Text: "Nothing can reach " + to.Name() + ": no chat is linked to them.",
			Do: to.Name() + " can link one with “/watchbell link”, or an administrator adds it to the configuration."}
	}
	var lines []Text
	for _, h := range hops {
		lines = append(lines, plain(h.String()))
	}
	if to.MutedTo.After(c.now) {
		lines = append(lines, say("⚠ {} is muted until {}: a real page would not be sent.", who(to.ID), moment(to.MutedTo)))
	}
	return answer(say("A test page for {}. Nobody else is paged.", who(to.ID)), lines...), nil
}

// String says it in a line.
func (h Hop) String() string {
	if h.Err != nil {
		return h.Platform + ": not taken: " + strings.TrimSuffix(cut(oneLine(h.Err.Error()), 200), ".") + "."
	}
	return fmt.Sprintf("%s: taken after %d ms.", h.Platform, h.Took.Milliseconds())
}

// tested is the button of a test page.
func tested(_ context.Context, c *call) (Reply, error) {
	micros, err := strconv.ParseInt(c.values["since"], 10, 64)
	if err != nil {
		return Reply{}, invalid("this test page is broken")
	}
	return answer(say("It works: you pressed {} after it was sent. A real page would be yours now.", length(c.now.Sub(time.UnixMicro(micros))))), nil
}
