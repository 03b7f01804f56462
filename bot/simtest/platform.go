// Package simtest has a chat platform in memory that does what a test scripts, and the
// contract that every adapter keeps.
//
// The platform is not a mock of ours: it keeps posts and edits as a chat server would,
// and what a test looks at is what people would see. Its script can refuse, delay or
// lose the answer of any call.
//
// # Decisions
//
// 2026-11-25: the contract lives here and not beside the adapters, so that the
// simulation of several replicas may import it; the order of imports allows that only
// on this side.
package simtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// Op is one call of the adapter, as the script sees it.
type Op struct {
	Kind    string // send, edit
	To      core.Conversation
	Ref     core.PostRef
	Message bot.Message
	N       int // how many ops of this kind there were before
}

// Fate is what the script lets happen to an op.
type Fate struct {
	Err  error         // what the caller gets
	Done bool          // with Err: it happened all the same, only the answer was lost
	Wait time.Duration // before anything happens
}

// Post is a post as people see it.
type Post struct {
	Ref     core.PostRef
	In      string // the conversation's ref
	Card    bot.Card
	Thread  core.PostRef
	Key     string
	Quiet   bool
	Aloud   bool
	Edits   int
	Deleted bool
	At      time.Time
}

// Platform is the scripted chat platform, a bot.Adapter. Safe for concurrent use.
type Platform struct {
	Name  string
	Names func(core.UserID) string // how people are shown; nil: by number

	can     bot.Can
	handler chan bot.Handler // holds one once Run was called

	mu     sync.Mutex
	posts  []*Post          // guarded by mu
	count  map[string]int   // guarded by mu
	script func(op Op) Fate // guarded by mu
	wakes  chan struct{}    // guarded by mu; closed and replaced at every change
}

// Everything is what a platform with no gaps can.
func Everything() bot.Can {
	return bot.Can{Edit: true, Threads: true, Ephemeral: true, Forms: true, Slash: true, Times: true, Links: true, Menu: true, Confirm: true,
		Fields: 4, Patience: 3 * time.Second}
}

// New makes a platform.
func New(name string, can bot.Can) *Platform {
	return &Platform{Name: name, can: can, handler: make(chan bot.Handler, 1), count: map[string]int{}, wakes: make(chan struct{})}
}

// Script decides the fate of every later op; nil: all succeed.
func (p *Platform) Script(f func(op Op) Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = f
}

// Can implements bot.Adapter.
func (p *Platform) Can() bot.Can { return p.can }

// Run implements bot.Adapter.
func (p *Platform) Run(ctx context.Context, h bot.Handler) error {
	select {
	case p.handler <- h:
	default:
	}
	<-ctx.Done()
	return nil
}

// Send implements bot.Adapter. The same key is the same post.
func (p *Platform) Send(ctx context.Context, to core.Conversation, m bot.Message) (core.PostRef, error) {
	fate, err := p.fate(ctx, Op{Kind: "send", To: to, Message: m})
	if err != nil || fate.Err != nil && !fate.Done {
		return "", errors.Join(err, fate.Err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.changed()
	if old := p.byKey(to.Ref, m.Key); old != nil {
		return old.Ref, fate.Err
	}
	post := &Post{Ref: core.PostRef(fmt.Sprintf("%s-%d", p.Name, len(p.posts)+1)), In: to.Ref, Card: m.Card, Thread: m.Thread,
		Key: m.Key, Quiet: m.Quiet, Aloud: m.Broadcast, At: time.Now()}
	p.posts = append(p.posts, post)
	if fate.Err != nil {
		return "", fate.Err
	}
	return post.Ref, nil
}

// byKey needs mu.
func (p *Platform) byKey(in, key string) *Post {
	for _, post := range p.posts {
		if key != "" && post.Key == key && post.In == in {
			return post
		}
	}
	return nil
}

// Edit implements bot.Adapter.
func (p *Platform) Edit(ctx context.Context, to core.Conversation, ref core.PostRef, m bot.Message) error {
	fate, err := p.fate(ctx, Op{Kind: "edit", To: to, Ref: ref, Message: m})
	if err != nil || fate.Err != nil && !fate.Done {
		return errors.Join(err, fate.Err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, post := range p.posts {
		if post.Ref == ref && post.In == to.Ref && !post.Deleted {
			post.Card = m.Card
			post.Edits++
			p.changed()
			return fate.Err
		}
	}
	return &bot.SendError{Do: bot.Gone, Err: errors.New("there is no such post")}
}

// fate asks the script, and waits as long as it says.
func (p *Platform) fate(ctx context.Context, op Op) (Fate, error) {
	p.mu.Lock()
	op.N = p.count[op.Kind]
	p.count[op.Kind]++
	script := p.script
	p.mu.Unlock()
	if script == nil {
		return Fate{}, nil
	}
	fate := script(op)
	if fate.Wait > 0 {
		select {
		case <-ctx.Done():
			return fate, &bot.SendError{Do: bot.Retry, Err: ctx.Err()}
		case <-time.After(fate.Wait):
		}
	}
	return fate, nil
}

// changed needs mu.
func (p *Platform) changed() {
	close(p.wakes)
	p.wakes = make(chan struct{})
}

// Delete removes a post as a person would.
func (p *Platform) Delete(ref core.PostRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, post := range p.posts {
		if post.Ref == ref {
			post.Deleted = true
		}
	}
}

// Posts are the posts of a conversation that are there, oldest first.
func (p *Platform) Posts(in string) []Post {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Post
	for _, post := range p.posts {
		if post.In == in && !post.Deleted {
			out = append(out, *post)
		}
	}
	return out
}

// Wait returns once want is true of a conversation's posts, or ctx ends.
func (p *Platform) Wait(ctx context.Context, in string, want func([]Post) bool) ([]Post, bool) {
	for {
		p.mu.Lock()
		wake := p.wakes
		p.mu.Unlock()
		if posts := p.Posts(in); want(posts) {
			return posts, true
		}
		select {
		case <-ctx.Done():
			return p.Posts(in), false
		case <-wake:
		}
	}
}

// Text is a card as people read it.
func (p *Platform) Text(c bot.Card) string {
	lines := []string{p.text(c.Headline)}
	for _, l := range c.Lines {
		lines = append(lines, p.text(l))
	}
	for _, f := range c.Fields {
		lines = append(lines, f.Name+": "+p.text(f.Value))
	}
	for _, l := range c.Links {
		lines = append(lines, l.Text)
	}
	lines = append(lines, p.text(c.Footer))
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

func (p *Platform) text(t bot.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Person != 0 && p.Names != nil:
			b.WriteString(p.Names(s.Person))
		case s.Person != 0:
			fmt.Fprintf(&b, "user %d", s.Person)
		case !s.Time.IsZero():
			b.WriteString(s.Time.UTC().Format("15:04"))
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Button finds a card's action by the beginning of its label; "" if there is none.
func Button(c bot.Card, label string) string {
	for _, a := range c.Actions {
		if strings.HasPrefix(a.Label, label) {
			return a.Action
		}
	}
	return ""
}
