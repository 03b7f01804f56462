package webchat

import (
	"encoding/json"
	"fmt"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// content is what a bot's post stores: the card before it is rendered for anybody.
type content struct {
	Card    bot.Card `json:"card"`
	Mention []string `json:"mention,omitempty"` // names, for display
	Quiet   bool     `json:"quiet,omitempty"`
}

func (a *Adapter) pack(m bot.Message) ([]byte, error) {
	c := content{Card: m.Card, Quiet: m.Quiet}
	for _, who := range m.Mention {
		if name := a.nameOf(who); name != "" {
			c.Mention = append(c.Mention, name)
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return b, nil
}

func unpack(b []byte) (content, error) {
	var c content
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("decode card: %w", err)
	}
	return c, nil
}

func (a *Adapter) nameOf(who core.Actor) string {
	if u, ok := a.e.Snapshot().UserOf(Platform, who.Account); ok {
		return u.Name()
	}
	return who.Name
}
