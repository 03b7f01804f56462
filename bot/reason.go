package bot

import (
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// reason is why a person was called, read back from the log line of the call.
type reason struct {
	user     core.UserID
	by       string // the platform
	n        int    // which call
	at       time.Time
	level    int // 0: by hand or last resort
	schedule string
	claim    string // "layer week", "override o7", "direct", "last resort: …"
	until    time.Time
	shadow   bool
}

func reasonOf(row store.LogRow) reason {
	r := reason{user: row.User, by: row.Vars["by"], at: row.At, schedule: row.Vars["schedule"],
		claim: row.Vars["claim"], shadow: row.Vars["shadow"] == "true"}
	r.n, _ = strconv.Atoi(row.Vars["n"])
	r.level, _ = strconv.Atoi(row.Vars["rule"])
	r.until, _ = time.Parse(time.RFC3339, row.Vars["until"])
	return r
}

// duty says in which quality somebody is asked: "You are on call (payments-primary until
// Mon 09:00)." It ends with its full stop.
func (r reason) duty(policy string) Text {
	switch {
	case strings.HasPrefix(r.claim, "last resort"):
	case r.schedule != "" && !r.until.IsZero():
		return say("You are on call ({} until {}).", plain(r.schedule), moment(r.until))
	case r.schedule != "":
		return say("You are on call ({}).", plain(r.schedule))
	case r.level > 0:
		return say("You are level {} of {}.", count(r.level), plain(policy))
	}
	return append(plain(r.byHand()), plain(".")...)
}

// trace is the whole answer to "why was I paged?" for one call.
func (r reason) trace(policy string) Text {
	var out Text
	switch {
	case strings.HasPrefix(r.claim, "last resort"):
		out = plain(r.byHand())
	case r.schedule != "" && !r.until.IsZero():
		out = say("You are on call on {}{} until {}", plain(r.schedule), parens(r.claim), moment(r.until))
	case r.schedule != "":
		out = say("You are on call on {}{}", plain(r.schedule), parens(r.claim))
	case r.level > 0:
		out = plain("You are named in the policy itself")
	default:
		out = plain(r.byHand())
	}
	if r.level > 0 {
		out = append(out, say("; level {} of {}", count(r.level), plain(policy))...)
	}
	verb := "paged"
	if r.shadow {
		verb = "would have been paged (shadow)"
	}
	return append(out, say("; {} by {} {}", plain(verb), plain(r.by), clock(r.at))...)
}

// byHand is why somebody is asked whom no level names.
func (r reason) byHand() string {
	switch last, ok := strings.CutPrefix(r.claim, "last resort: "); {
	case ok:
		return "You are the last resort (" + last + ")"
	case r.claim == "assigned":
		return "It was assigned to you"
	}
	return "You were asked by hand"
}

func parens(s string) Text {
	if s == "" {
		return nil
	}
	return plain(" (" + s + ")")
}
