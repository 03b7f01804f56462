package webchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// Platform is the name of the web chat in configuration and identities.
const Platform = "webchat"

// Options are what New needs beside the engine.
type Options struct {
	PublicURL string       // its path is the base path; https makes cookies Secure
	Log       *slog.Logger // nil: discards

	// Demo lets anybody on a loopback address choose who they are.
	Demo bool
	// Strip is one line above the page that tells a person what is going on; nil or "":
	// no strip.
	Strip func(u core.User) string
}

// Adapter is the web chat. Make it with New.
type Adapter struct {
	e      *engine.Engine
	o      Options
	log    *slog.Logger
	base   string // path below which everything lives, without slash at the end
	secure bool
	hub    *hub
}

// New makes the web chat; its page and streams live once Routes and Run are called.
func New(e *engine.Engine, o Options) *Adapter {
	a := &Adapter{e: e, o: o, log: o.Log}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if u, err := url.Parse(o.PublicURL); err == nil {
		a.base = strings.TrimRight(u.Path, "/")
		a.secure = u.Scheme == "https"
	}
	a.hub = newHub(e.DB, a.log)
	return a
}

// Can implements bot.Adapter.
func (a *Adapter) Can() bot.Can {
	return bot.Can{
		Edit: true, Ephemeral: true, Forms: true, Slash: true, Times: true,
		Links: true, Menu: true, Confirm: true,
		Text: 32 << 10, Buttons: 12, Fields: 10,
		Patience: patience,
		Why:      map[string]string{"Threads": "posts stand one below the other"},
	}
}

// Send implements bot.Adapter. The same key in the same conversation is the same post
// for ever.
func (a *Adapter) Send(ctx context.Context, to core.Conversation, m bot.Message) (core.PostRef, error) {
	content, err := a.pack(m)
	if err != nil {
		return "", &bot.SendError{Do: bot.Reject, Err: err}
	}
	p := &store.ChatPost{Card: content, CreatedAt: a.e.Now()}
	if m.Key != "" {
		p.Key = fmt.Sprintf("%d:%s", to.ID, m.Key)
	}
	err = a.insert(ctx, to, p)
	if errors.Is(err, store.ErrUnknown) && p.Key != "" {
		err = a.insert(ctx, to, p) // the key tells whether the first one is there
	}
	if err != nil {
		return "", sendError(fmt.Errorf("send: %w", err))
	}
	return core.PostRef(strconv.FormatInt(p.ID, 10)), nil
}

// Edit implements bot.Adapter.
func (a *Adapter) Edit(ctx context.Context, to core.Conversation, ref core.PostRef, m bot.Message) error {
	id, err := strconv.ParseInt(string(ref), 10, 64)
	if err != nil {
		return &bot.SendError{Do: bot.Reject, Err: fmt.Errorf("edit: ref %q is not the web chat's", ref)}
	}
	content, err := a.pack(m)
	if err != nil {
		return &bot.SendError{Do: bot.Reject, Err: err}
	}
	err = a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.EditChatPost(ctx, id, content, a.e.Now())
		return err
	})
	if err != nil {
		return sendError(fmt.Errorf("edit post %d: %w", id, err))
	}
	a.hub.wake()
	return nil
}

// Run implements bot.Adapter: it feeds the streams until ctx ends.
func (a *Adapter) Run(ctx context.Context, _ bot.Handler) error {
	a.hub.run(ctx)
	return nil
}

// Direct implements bot.Directs.
func (a *Adapter) Direct(_ context.Context, account string) (string, error) {
	if account == "" {
		return "", core.Errorf(core.Invalid, "An account of the web chat needs a name.")
	}
	return "@" + account, nil
}

// Conversation implements bot.Names: "payments", "#payments" and "@ana" are themselves.
func (a *Adapter) Conversation(_ context.Context, name string) (string, error) {
	ref := strings.TrimPrefix(strings.TrimSpace(name), "#")
	if ref == "" || ref == "@" || len(ref) > maxName || ref != clean(ref) {
		return "", core.Errorf(core.Invalid, "“%s” cannot name a conversation of the web chat.", name)
	}
	return ref, nil
}

const maxName = 80

// insert stores a post in a conversation and tells the streams. p carries the id back.
func (a *Adapter) insert(ctx context.Context, to core.Conversation, p *store.ChatPost) error {
	want := *p
	err := a.e.DB.Tx(ctx, func(tx *store.Tx) error {
		stored := want
		stored.Conversation = to.ID
		if to.ID == 0 {
			c, err := tx.EnsureConversation(ctx, to)
			if err != nil {
				return err
			}
			stored.Conversation = c.ID
		}
		if err := tx.InsertChatPost(ctx, &stored); err != nil {
			return err
		}
		*p = stored
		return nil
	})
	if err == nil {
		a.hub.wake()
	}
	return err
}

// sendError says what to do about a failed write. Whatever is not the post's own fault
// may work later.
func sendError(err error) *bot.SendError {
	switch core.KindOf(err) {
	case core.NotFound:
		return &bot.SendError{Do: bot.Gone, Err: err}
	case core.Invalid, core.Denied:
		return &bot.SendError{Do: bot.Reject, Err: err}
	}
	return &bot.SendError{Do: bot.Retry, After: time.Second, Err: err}
}
