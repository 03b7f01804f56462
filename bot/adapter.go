package bot

import (
	"context"
	"net/http"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Adapter is one chat platform. It translates, sends, and says what went wrong; it
// decides nothing.
type Adapter interface {
	// Can is what the platform can show and do. It never changes.
	Can() Can
	// Send posts a message. The same Key again within the platform's window is the same
	// post. Errors are *SendError.
	Send(ctx context.Context, to core.Conversation, m Message) (core.PostRef, error)
	// Edit brings a post to what m says. Never called if !Can().Edit.
	Edit(ctx context.Context, to core.Conversation, ref core.PostRef, m Message) error
	// Run receives interactions until ctx ends, then returns nil.
	Run(ctx context.Context, h Handler) error
}

// Optional abilities of an adapter, found by type assertion.
type (
	// Web has inbound HTTP routes.
	Web interface {
		Routes(mux *http.ServeMux, h Handler)
	}
	// Directs opens a person's own conversation and returns its ref.
	Directs interface {
		Direct(ctx context.Context, account string) (ref string, err error)
	}
	// Names resolves what people call a conversation to its ref.
	Names interface {
		Conversation(ctx context.Context, name string) (ref string, err error)
	}
	// Checker reports what is wrong with the connection, for doctor.
	Checker interface {
		Check(ctx context.Context) []Finding
	}
)

// Finding is something wrong, and who can mend it.
type Finding struct{ What, Who, Do string }

// Can is what a platform can show and do. A false or 0 with a reason in Why becomes a
// line in the table of parity.
type Can struct {
	Edit, Threads, Ephemeral, Forms, Slash, Times bool // Times: shows an instant in the reader's zone
	Links, Menu, Confirm                          bool
	Text                                          int           // longest text, in bytes of UTF-8; 0 unbounded
	Buttons                                       int           // on one card
	Fields                                        int           // on one card
	Patience                                      time.Duration // to acknowledge an interaction
	Pace                                          time.Duration // between two messages to one conversation
	Why                                           map[string]string
}

// Message is what is sent: a card or a line, beside Thread if that is set.
type Message struct {
	Card      Card
	Thread    core.PostRef // a line beside this post
	Key       string       // idempotency; at most 25 characters
	Mention   []core.Actor
	Broadcast bool // told to the whole conversation
	Quiet     bool // makes no sound
	Urgent    bool // may wake the person
	Call      int  // which call of the alert to the person this is; 0: none
}

// Tone is the state a card is in, beside its words and emoji: never colour alone.
type Tone string

const (
	TonePending  Tone = "PENDING"
	ToneAccepted Tone = "ACCEPTED"
	ToneResolved Tone = "RESOLVED"
	ToneSnoozed  Tone = "SNOOZED"
	TonePlain    Tone = ""
)

// Card is what a post shows: only what every platform can.
type Card struct {
	Alert    core.AlertID // 0: none
	Cover    int64        // a coverage request; 0: none
	Tone     Tone
	Headline Text   // one line
	Lines    []Text // below it
	Fields   []Field
	Links    []Link
	Actions  []Action
	Footer   Text
	Plain    string // the whole message as one sentence: lock screens, screen readers
}

// Field is a short labelled value.
type Field struct {
	Name  string
	Value Text
}

// Link leads out, http or https.
type Link struct{ Text, Href string }

// Action is a button: verb:id.
type Action struct {
	Action  string // "accept:12", at most 80 bytes
	Label   string
	Style   Style
	Confirm string // asked before; "" is not
	Menu    bool   // belongs behind ⋯
}

// Style of a button.
type Style string

const (
	Default Style = "default"
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Text is text in pieces, so that escaping, times and mentions are right by construction.
type Text []Span

// Span is one piece: exactly one of Text, Time and Person is set.
type Span struct {
	Text   string
	Bold   bool
	Time   time.Time   // an instant, shown in the reader's zone
	Layout TimeLayout  // how much of it
	Person core.UserID // a person, by name
	Href   string      // Text leads there
}

// TimeLayout is how an instant is shown.
type TimeLayout int8

const (
	ClockTime TimeLayout = iota // 03:04, with the weekday if it is not today
	DateTime                    // Mon 09:00
)

// SendError says what to do about a failed send.
type SendError struct {
	Do    SendDo
	After time.Duration // Retry: the platform's own delay; 0: none given
	Err   error
}

// SendDo is what a failed send means.
type SendDo int8

const (
	Retry  SendDo = iota // may work later
	Gone                 // the post or the conversation is not there any more
	Reject               // will never work like this
)

func (e *SendError) Error() string { return e.Err.Error() }
func (e *SendError) Unwrap() error { return e.Err }

// Handler is the bot as adapters see it.
type Handler interface {
	// First answers at once what must be answered first: a form to open. From memory only.
	First(in Interaction) (Form, bool)
	// Handle does what the person asked and returns after it is stored. ctx bounds the
	// doing, not the answering.
	Handle(ctx context.Context, in Interaction) Reply
	// Options completes a field of a form.
	Options(in Interaction, field, typed string) []Option
}

// Interaction is something a person did: typed Text, pressed Action, or sent Form with
// Values.
type Interaction struct {
	ID     string // the platform's; the same one acts once
	Actor  core.Actor
	In     core.Conversation
	Post   core.PostRef // the post whose button was pressed
	Text   string
	Action string
	Form   string
	Values map[string]string
}

// Reply is the answer to one person, unless Public.
type Reply struct {
	Card   *Card
	Public bool
	Form   *Form
	Errors map[string]string // by field; the form stays open
	Now    *Card             // the pressed post as it is now, where the platform wants it

	Refused bool // nothing was done; Card or Errors say why
}

// Form asks for values.
type Form struct {
	ID     string // verb:id
	Title  string
	Submit string
	Fields []FormField
}

// FormField is one question.
type FormField struct {
	Name, Label string
	Kind        FieldKind
	Options     []Option
	Required    bool
	Value       string
	Hint        string
}

// FieldKind is how a question is asked.
type FieldKind string

const (
	TextField     FieldKind = "text"
	TextArea      FieldKind = "textarea"
	Select        FieldKind = "select"
	DateTimeField FieldKind = "datetime"
)

// Option is one choice.
type Option struct{ Value, Label string }
