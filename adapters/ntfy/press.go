package ntfy

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// press is what one notification's button does: a verb, for one call to one person.
type press struct {
	alert core.AlertID
	user  core.UserID
	call  int
	verb  string // accept:12
}

// button is the notification's one action, as JSON. Only what a card calls its primary
// action is worth the place. https://docs.ntfy.sh/publish/#send-http-request
func (a *Adapter) button(to core.Conversation, m bot.Message) (string, bool) {
	if len(m.Card.Actions) == 0 || m.Card.Actions[0].Style != bot.Primary || m.Card.Actions[0].Confirm != "" || to.User == 0 {
		return "", false
	}
	first := m.Card.Actions[0]
	p := press{alert: m.Card.Alert, user: to.User, call: m.Call, verb: first.Action}
	type action struct {
		Action string `json:"action"`
		Label  string `json:"label"`
		URL    string `json:"url"`
		Method string `json:"method"`
		Clear  bool   `json:"clear"`
	}
	text, err := json.Marshal([]action{{"http", ascii(first.Label), a.public + "/p/" + a.token(p) + "/accept", http.MethodPost, true}})
	return string(text), err == nil
}

// ascii leaves out what a header cannot carry.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

const (
	purpose = "page"
	macSize = 16
)

// token is a press under its HMAC, fit for an address.
func (a *Adapter) token(p press) string {
	text := fmt.Sprintf("%d/%d/%d/%s", p.alert, p.user, p.call, p.verb)
	return base64.RawURLEncoding.EncodeToString(append(a.e.Sign(purpose, text)[:macSize:macSize], text...))
}

// open is the inverse of token; ok is false for what this installation did not make.
func (a *Adapter) open(token string) (p press, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= macSize {
		return p, false
	}
	text := string(raw[macSize:])
	if !hmac.Equal(raw[:macSize], a.e.Sign(purpose, text)[:macSize]) {
		return p, false
	}
	parts := strings.SplitN(text, "/", 4)
	if len(parts) != 4 {
		return p, false
	}
	alert, err1 := strconv.ParseInt(parts[0], 10, 64)
	user, err2 := strconv.ParseInt(parts[1], 10, 64)
	call, err3 := strconv.Atoi(parts[2])
	return press{core.AlertID(alert), core.UserID(user), call, parts[3]}, err1 == nil && err2 == nil && err3 == nil
}

// Routes implements bot.Web.
func (a *Adapter) Routes(mux *http.ServeMux, h bot.Handler) {
	mux.HandleFunc("GET /p/{token}/accept", a.ask)
	mux.HandleFunc("POST /p/{token}/accept", func(w http.ResponseWriter, r *http.Request) { a.accept(w, r, h) })
}

// ask shows the button. It changes nothing and reads nothing but the token.
func (a *Adapter) ask(w http.ResponseWriter, r *http.Request) {
	p, _, ok := a.pressed(r)
	if !ok {
		notFound(w)
		return
	}
	view := page{Title: "Nothing has happened yet", Lines: []string{"Opening this page does not answer the page. Press the button to do that."}, Button: "Accept"}
	if p.alert != 0 {
		view.Button = fmt.Sprintf("Accept #%d", p.alert)
	}
	view.write(w, http.StatusOK)
}

// pressed is the press of a request and whose account it is. A person who is not linked
// here any more has no working button.
func (a *Adapter) pressed(r *http.Request) (p press, account string, ok bool) {
	if p, ok = a.open(r.PathValue("token")); !ok {
		return p, "", false
	}
	account, ok = a.e.Snapshot().AccountOf(p.user, Platform)
	return p, account, ok
}

func notFound(w http.ResponseWriter) {
	page{Title: "Nothing was done", Lines: []string{"This button is not one that this installation made, or it is no longer yours.", "Answer in the chat."}}.write(w, http.StatusNotFound)
}

// accept does what the button says, once, however often it is pressed.
func (a *Adapter) accept(w http.ResponseWriter, r *http.Request, h bot.Handler) {
	p, account, ok := a.pressed(r)
	if !ok {
		notFound(w)
		return
	}
	// A phone that loses its network meanwhile has pressed all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	reply := h.Handle(ctx, bot.Interaction{
		ID:     fmt.Sprintf("p%d-%d", p.user, p.call) + "-" + p.verb,
		Actor:  core.Actor{Platform: Platform, Account: account},
		In:     core.Conversation{Platform: Platform, Ref: "@" + account},
		Action: p.verb,
	})
	view := page{Title: "Done"}
	status := http.StatusOK
	if reply.Refused {
		view.Title, status = "Nothing was done", http.StatusGone
	}
	if reply.Card != nil {
		view.Lines = strings.Split(reply.Card.Plain, "\n")
	}
	view.write(w, status)
}

// page is what a person sees who opens the button's address in a browser.
type page struct {
	Title  string
	Lines  []string
	Button string
}

var layout = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<style>body{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:3em auto;padding:0 1em}button{font:inherit;padding:.6em 1.4em}</style>
<h1>{{.Title}}</h1>
{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Button}}<form method="post"><button>{{.Button}}</button></form>
{{end}}</html>
`))

func (p page) write(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-store")
	// ntfy's web app presses from its own origin. The token is all that counts.
	h.Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	_ = layout.Execute(w, p) // a reader that is gone is no error
}
