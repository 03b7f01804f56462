package core

// Conversation is where the bot speaks: a channel, or one person's own conversation
// with it. Ref is opaque to all but the platform's adapter.
type Conversation struct {
	ID       ConversationID `json:"id"`
	Platform string         `json:"platform"`
	Ref      string         `json:"ref"`
	Name     string         `json:"name,omitempty"`
	User     UserID         `json:"user,omitempty"` // 0: a channel; else whose direct conversation
}

// Actor is a person as a platform knows them.
type Actor struct {
	Platform string
	Account  string
	Name     string // for display only; never identity
}

// PostRef names a post on its platform; opaque to all but the adapter that made it.
type PostRef string
