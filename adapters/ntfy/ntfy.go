package ntfy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

const (
	// maxMessage is the longest message that stays one: a longer one becomes an attachment.
	// https://docs.ntfy.sh/publish/#limitations
	maxMessage = 4096

	patience  = 10 * time.Second // with the server
	maxAnswer = 64 << 10
)

// Priorities. https://docs.ntfy.sh/publish/#message-priority
const (
	quiet  = "2" // no sound
	normal = "3"
	urgent = "5" // long vibration, also in the phone's silent hours if it is set up so
)

// Options are what New needs beside the engine.
type Options struct {
	PublicURL string       // where the notification's button leads
	Log       *slog.Logger // nil: discards
	Client    *http.Client // nil: one with a time limit
}

// Adapter sends through one server. Make it with New.
type Adapter struct {
	e      *engine.Engine
	c      Config
	public string
	log    *slog.Logger
	client *http.Client
}

// New makes the adapter of a resolved configuration.
func New(e *engine.Engine, c Config, o Options) *Adapter {
	a := &Adapter{e: e, c: c, public: trimmed(o.PublicURL), log: o.Log, client: o.Client}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.client == nil {
		a.client = &http.Client{Timeout: patience}
	}
	client := *a.client
	// A redirect would turn the POST into a GET, and carry the token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a.client = &client
	return a
}

// Can implements bot.Adapter.
func (a *Adapter) Can() bot.Can {
	return bot.Can{
		Text: maxMessage, Buttons: 1,
		Why: map[string]string{
			"Edit":  "a notification that was sent cannot be changed",
			"Forms": "a notification has no fields", "Slash": "nobody types here",
			"Key": "the server takes the same message twice",
		},
	}
}

// Send implements bot.Adapter.
func (a *Adapter) Send(ctx context.Context, to core.Conversation, m bot.Message) (core.PostRef, error) {
	req, err := a.request(ctx, to, m)
	if err != nil {
		return "", &bot.SendError{Do: bot.Reject, Err: err}
	}
	answer, err := a.client.Do(req)
	if err != nil {
		return "", &bot.SendError{Do: bot.Retry, Err: fmt.Errorf("reach the ntfy server: %w", withoutAddress(err))}
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)) // what is not read is no reason to send it twice
	if answer.StatusCode/100 != 2 {
		return "", refused(answer, body, a.e.Now())
	}
	var sent struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &sent) != nil || sent.ID == "" {
		sent.ID = "sent-" + m.Key
	}
	return core.PostRef(sent.ID), nil
}

// request is a message as the server wants it. https://docs.ntfy.sh/publish/
func (a *Adapter) request(ctx context.Context, to core.Conversation, m bot.Message) (*http.Request, error) {
	name := strings.TrimPrefix(to.Ref, "@")
	if err := ValidAccount(name); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, trimmed(a.c.URL)+"/"+name, strings.NewReader(m.Card.Plain))
	if err != nil {
		return nil, err
	}
	h := req.Header
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("User-Agent", "Watchbell")
	h.Set("Title", title(m.Card))
	h.Set("Priority", priority(m))
	if tag := tags[m.Card.Tone]; tag != "" {
		h.Set("Tags", tag)
	}
	h.Set("Click", a.click(m.Card))
	if button, ok := a.button(to, m); ok {
		h.Set("Actions", button)
	}
	if a.c.Secret != "" {
		h.Set("Authorization", "Bearer "+a.c.Secret.Reveal())
	}
	return req, nil
}

// title is short and the same in every header's alphabet; the message says the rest.
func title(c bot.Card) string {
	switch {
	case c.Alert == 0:
		return "Watchbell"
	case c.Tone == bot.TonePlain:
		return fmt.Sprintf("#%d", c.Alert)
	}
	return fmt.Sprintf("#%d %s", c.Alert, c.Tone)
}

func priority(m bot.Message) string {
	switch {
	case m.Quiet:
		return quiet
	case m.Urgent:
		return urgent
	}
	return normal
}

// tags become emoji. https://docs.ntfy.sh/emojis/
var tags = map[bot.Tone]string{
	bot.TonePending: "rotating_light", bot.ToneAccepted: "orange_circle",
	bot.ToneResolved: "white_check_mark", bot.ToneSnoozed: "zzz",
}

// click is where a touch on the notification leads: the alert, else the chat.
func (a *Adapter) click(c bot.Card) string {
	for _, s := range c.Headline {
		if s.Href != "" {
			return s.Href
		}
	}
	return a.public + "/"
}

// refused says what a server's answer means.
func refused(answer *http.Response, body []byte, now time.Time) *bot.SendError {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(body, &said) // a proxy's page has none
	text := fmt.Sprintf("the ntfy server answered %d", answer.StatusCode)
	if said.Error != "" {
		text += ": " + core.Line(said.Error, 120)
	}
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code/100 == 5:
		return &bot.SendError{Do: bot.Retry, After: retryAfter(answer.Header.Get("Retry-After"), now), Err: errors.New(text)}
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		text += "; its token must be allowed to write to this topic"
	case code/100 == 3:
		text += "; the address in ntfy.url has moved"
	}
	return &bot.SendError{Do: bot.Reject, Err: errors.New(text)}
}

// longest is how long a server may make us wait at most: people are being paged.
const longest = 10 * time.Minute

// retryAfter reads seconds or a date; 0 for none.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		wait = time.Duration(min(seconds, int(longest/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longest)
}

// withoutAddress leaves the address out of an error, since the topic in it is a secret.
func withoutAddress(err error) error {
	var wrapped interface{ Unwrap() error }
	if errors.As(err, &wrapped) && wrapped.Unwrap() != nil {
		return wrapped.Unwrap()
	}
	return err
}

// Edit implements bot.Adapter. It is never called, since Can says that it cannot.
func (a *Adapter) Edit(context.Context, core.Conversation, core.PostRef, bot.Message) error {
	return &bot.SendError{Do: bot.Reject, Err: errors.New("a notification cannot be changed")}
}

// Run implements bot.Adapter: nothing has to be received but what Routes takes.
func (a *Adapter) Run(ctx context.Context, _ bot.Handler) error {
	<-ctx.Done()
	return nil
}
