package api

import (
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// listNotifications answers one row for each call on each platform, oldest first. Calls
// of a source in shadow were never made, and are left out.
func (c *call) listNotifications() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	made := calls{call: c, alert: v.Alert}
	err = c.view(func(tx *store.Tx) error { return made.load(tx) })
	if err != nil {
		return answer{}, err
	}
	bodies := []notificationBody{}
	for _, e := range made.rows {
		bodies = append(bodies, made.body(e))
	}
	return ok(bodies), nil
}

// calls are the calls of one alert, and what is known of each.
type calls struct {
	*call
	alert  core.Alert
	rows   []entry
	failed map[callKey]string // why
	posted map[post]bool
}

type callKey struct {
	user     core.UserID
	platform string
	n        string
}

type post struct {
	in core.ConversationID
	n  int
}

func (m *calls) load(tx *store.Tx) error {
	m.rows, m.failed, m.posted = nil, map[callKey]string{}, map[post]bool{}
	posts, err := tx.PostsOf(m.ctx, m.alert.ID, 0)
	if err != nil {
		return err
	}
	for _, p := range posts {
		m.posted[post{p.Conversation, p.Call}] = true
	}
	logged := feed{read: func(after int64) ([]entry, int64, error) { return m.logged(tx, m.alert.ID, after) }}
	for {
		if err := logged.fill(); err != nil {
			return err
		}
		if len(logged.ahead) == 0 {
			return nil
		}
		for _, e := range logged.ahead {
			m.take(e)
		}
		logged.ahead = nil
	}
}

func (m *calls) take(e entry) {
	switch {
	case e.Type == core.LogNotification && e.Vars["shadow"] == "":
		m.rows = append(m.rows, e)
	case e.Type == core.LogNotificationFailed && e.Vars["n"] != "":
		m.failed[keyOf(e)] = e.Vars["reason"]
	}
}

func keyOf(e entry) callKey { return callKey{e.User, e.Vars["by"], e.Vars["n"]} }

func (m *calls) body(e entry) notificationBody {
	platform := e.Vars["by"]
	target, _ := m.snap.AccountOf(e.User, platform)
	b := notificationBody{ID: e.id, Method: strings.ToUpper(platform), Target: target, Subject: m.alert.Summary,
		Alert: m.alert.ID, User: m.userBody(e.User), At: stamp{e.At}}
	b.Status, b.Error = m.status(e)
	return b
}

// status of a call: SUCCESS once its platform took it, ERROR if it did not or was not
// asked any more, else SCHEDULED.
func (m *calls) status(e entry) (status, why string) {
	n, err := strconv.Atoi(e.Vars["n"])
	direct, known := m.snap.Direct(e.User, e.Vars["by"])
	if err == nil && known && m.posted[post{direct.ID, n}] {
		return "SUCCESS", ""
	}
	if reason, failed := m.failed[keyOf(e)]; failed {
		return "ERROR", reason
	}
	if !m.alert.Wanted(e.User, n) {
		return "ERROR", "not sent: somebody had it before, or it was over"
	}
	return "SCHEDULED", ""
}
