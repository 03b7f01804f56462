package webchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	maxBody     = 64 << 10
	maxText     = 8000 // bytes of what a person says
	pageOfPosts = 50
	mostPosts   = 200
)

// Routes implements bot.Web. The patterns do not carry the base path: whoever serves mux
// takes it off.
func (a *Adapter) Routes(mux *http.ServeMux, h bot.Handler) {
	a.pages(mux)
	open := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, a.guard(f))
	}
	signed := func(pattern string, f func(http.ResponseWriter, *http.Request, person) error) {
		open(pattern, func(w http.ResponseWriter, r *http.Request) error {
			who, err := a.signedIn(r)
			if err != nil {
				return err
			}
			return f(w, r, who)
		})
	}
	open("POST /chat/api/signin", a.signin)
	open("POST /chat/api/signout", a.signout)
	signed("GET /chat/api/me", a.me)
	signed("GET /chat/api/conversations", a.conversations)
	signed("GET /chat/api/conversations/{id}/posts", a.posts)
	signed("GET /chat/api/stream", a.stream)
	signed("GET /chat/api/commands", a.commands)
	signed("GET /chat/api/strip", a.strip)

	t := talk{a: a, h: h}
	signed("POST /chat/api/conversations/{id}/messages", t.message)
	signed("POST /chat/api/posts/{id}/actions", t.action)
	signed("POST /chat/api/forms/{id}", t.submit)
	signed("GET /chat/api/forms/{id}/options", t.options)
	open("/chat/api/", func(http.ResponseWriter, *http.Request) error { return errNoSuchPage })
}

// guard refuses other sites' requests, reading ones too, and writes errors.
func (a *Adapter) guard(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return a.guarded(f, func(*http.Request) bool { return false })
}

// linked is guard for a page that people may reach by a link on another site, in mail or
// in another chat.
func (a *Adapter) linked(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return a.guarded(f, func(r *http.Request) bool {
		dest := r.Header.Get("Sec-Fetch-Dest") // a frame is no link
		return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && (dest == "document" || dest == "")
	})
}

func (a *Adapter) guarded(f func(http.ResponseWriter, *http.Request) error, welcome func(*http.Request) bool) http.Handler {
	cross := http.NewCrossOriginProtection()
	if u, err := url.Parse(a.o.PublicURL); err == nil && u.Host != "" {
		if err := cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			a.log.Warn("trust the public address", "err", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harden(w.Header())
		err := error(errCrossOrigin)
		if cross.Check(r) == nil && (r.Header.Get("Sec-Fetch-Site") != "cross-site" || welcome(r)) {
			err = f(w, r)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

type wireMe struct {
	User wireUser `json:"user"`
}

func meOf(u core.User) wireMe {
	return wireMe{wireUser{ID: u.ID, Username: u.Username, FirstName: u.FirstName,
		LastName: u.LastName, Timezone: u.Timezone, Role: u.Role.String()}}
}

func (a *Adapter) me(w http.ResponseWriter, _ *http.Request, who person) error {
	return answer(w, http.StatusOK, meOf(who.User))
}

type wireConversation struct {
	ID     core.ConversationID `json:"id"`
	Name   string              `json:"name"`
	Kind   string              `json:"kind"` // channel, direct
	Unread int                 `json:"unread"`
}

// conversations lists the person's direct conversation first, then channels by name as
// they were made.
func (a *Adapter) conversations(w http.ResponseWriter, r *http.Request, who person) error {
	var have []store.ChatConversation
	err := a.e.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		have, err = tx.ChatConversations(r.Context(), Platform, who.ID)
		return err
	})
	if err != nil {
		return err
	}
	reads := a.reads(who.ID)
	direct, channels := []wireConversation{}, []wireConversation{}
	for _, c := range have {
		item := wireConversation{ID: c.ID, Name: nameOf(c.Conversation), Kind: "channel", Unread: c.Unread}
		switch {
		case c.User != 0:
			item.Kind = "direct"
			direct = append(direct, item)
		case reads(c.Conversation):
			channels = append(channels, item)
		}
	}
	return answer(w, http.StatusOK, map[string]any{"conversations": append(direct, channels...)})
}

func nameOf(c core.Conversation) string {
	switch {
	case c.User != 0:
		return botName
	case c.Name != "":
		return clean(strings.TrimPrefix(c.Name, "#"))
	}
	return clean(c.Ref)
}

// reads tells of conversations whether the person may read them: their own and channels,
// but no channel whose sources are all hidden from them.
func (a *Adapter) reads(who core.UserID) func(core.Conversation) bool {
	snap := a.e.Snapshot()
	viewer := snap.Viewer(who)
	return func(c core.Conversation) bool {
		if c.User != 0 || strings.HasPrefix(c.Ref, "@") {
			return c.User == who && who != 0
		}
		hidden := false
		for _, s := range snap.Sources {
			if !slices.Contains(s.Conversations, c.ID) {
				continue
			}
			owners := snap.AlertOwners(core.Alert{Source: s.ID, Policy: s.Policy})
			if core.May(viewer, core.OpLookUp, owners...) == nil {
				return true
			}
			hidden = true
		}
		return !hidden
	}
}

// visible loads a conversation of the web chat that the person may read; to others it is
// as if it were not there.
func (a *Adapter) visible(ctx context.Context, tx *store.Tx, id core.ConversationID, who person) (core.Conversation, error) {
	c, err := tx.Conversation(ctx, id)
	if err == nil && c.Platform == Platform && a.reads(who.ID)(c) {
		return c, nil
	}
	if err == nil || core.KindOf(err) == core.NotFound {
		return c, core.Errorf(core.NotFound, "There is no such conversation.")
	}
	return c, err
}

// posts lists a page of a conversation. The newest page is what a person reads, so that
// marks the conversation as read.
func (a *Adapter) posts(w http.ResponseWriter, r *http.Request, who person) error {
	id, err := number(r.PathValue("id"), "conversation")
	if err != nil {
		return err
	}
	before, limit, err := window(r.URL.Query())
	if err != nil {
		return err
	}
	ctx := r.Context()
	list := func(tx *store.Tx) (posts []store.ChatPost, err error) {
		c, err := a.visible(ctx, tx, core.ConversationID(id), who)
		if err != nil {
			return nil, err
		}
		return tx.ChatPosts(ctx, c.ID, before, limit)
	}
	var have []store.ChatPost
	err = a.e.DB.View(ctx, func(tx *store.Tx) (err error) {
		have, err = list(tx)
		return err
	})
	if err == nil && before == 0 && len(have) > 0 {
		err = a.e.DB.Tx(ctx, func(tx *store.Tx) error {
			return tx.ReadChat(ctx, who.ID, core.ConversationID(id), have[len(have)-1].ID)
		})
	}
	if err != nil {
		return err
	}
	reader, out := a.reader(who.User), []wirePost{}
	for _, p := range have {
		out = append(out, reader.post(p))
	}
	return answer(w, http.StatusOK, map[string]any{"posts": out})
}

func window(q url.Values) (before int64, limit int, err error) {
	limit = pageOfPosts
	if v := q.Get("before"); v != "" {
		if before, err = strconv.ParseInt(v, 10, 64); err != nil || before < 1 {
			return 0, 0, core.Errorf(core.Invalid, "before must be the number of a post.")
		}
	}
	if v := q.Get("limit"); v != "" {
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 {
			return 0, 0, core.Errorf(core.Invalid, "limit must be a number from 1 to %d.", mostPosts)
		}
	}
	return before, min(limit, mostPosts), nil
}

func number(s, what string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, core.Errorf(core.NotFound, "There is no such %s.", what)
	}
	return n, nil
}

func (a *Adapter) strip(w http.ResponseWriter, _ *http.Request, who person) error {
	text := ""
	if a.o.Strip != nil {
		text = a.o.Strip(who.User)
	}
	return answer(w, http.StatusOK, map[string]string{"text": clean(text)})
}

// decode reads one JSON object of limited size.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errNotJSON
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge
	}
	if err != nil {
		return core.Errorf(core.Invalid, "The body ended early.")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || json.Unmarshal(body, into) != nil {
		return core.Errorf(core.Invalid, "The body is not the JSON object that this call takes.")
	}
	return nil
}
