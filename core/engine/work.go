package engine

import "github.com/watchbell/watchbell/core"

// Kinds of jobs that the engine asks for. Their handlers are bot's.
const (
	KindAlert     = "alert"     // step: an alert's timer; subject the alert, data its epoch
	KindHeartbeat = "heartbeat" // step: a heartbeat's deadline; subject the heartbeat
	KindHours     = "hours"     // step: support hours turn the source's alerts to HIGH; subject the source
	KindPage      = "page"      // send: one call; subject the direct conversation, arg PageArg
	KindCard      = "card"      // send: a conversation shows an alert as it is; subject the conversation, arg the alert
)

// PageArg packs which call of which alert a page job is; an alert has at most 500 calls.
func PageArg(alert core.AlertID, n int) int64 { return int64(alert)<<16 | int64(n) }

// SplitPageArg is the inverse of PageArg.
func SplitPageArg(arg int64) (core.AlertID, int) { return core.AlertID(arg >> 16), int(arg & 0xffff) }
