package webchat

import (
	"net/http"
	"strings"

	"github.com/watchbell/watchbell/bot"
)

// wireCommand is what the page offers while somebody types.
type wireCommand struct {
	Text string `json:"text"` // "/alert accept"
	Args string `json:"args"` // "N [eta]"
	Does string `json:"does"`
}

func (a *Adapter) commands(w http.ResponseWriter, _ *http.Request, _ person) error {
	out := []wireCommand{}
	for _, c := range bot.Commands() {
		text := strings.TrimSpace(strings.TrimSuffix(c.Typed, c.Usage))
		out = append(out, wireCommand{Text: text, Args: c.Usage, Does: c.Does})
	}
	return answer(w, http.StatusOK, map[string]any{"commands": out})
}
