package api

import (
	"github.com/watchbell/watchbell/core"
)

// suggestedBody is somebody, or something that stands for somebody, whom an alert can be
// given to.
type suggestedBody struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Group    string `json:"group"`
	Disabled bool   `json:"disabled"` // responds already
}

// suggestResponders answers whom else one might ask: first those whom the alert's policy
// means now, then everybody who may respond, policies and schedules.
func (c *call) suggestResponders() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	there := map[core.UserID]bool{}
	for _, r := range v.Alert.Responders {
		there[r.User] = true
	}
	list := []suggestedBody{}
	user := func(id core.UserID, group string) {
		list = append(list, suggestedBody{int64(id), c.snap.Users[id].FullName(), group, there[id]})
	}
	for _, id := range c.meantNow(v.Alert) {
		user(id, "SUGGESTED")
	}
	for _, id := range sortedKeys(c.snap.Users) {
		if c.snap.Users[id].Role >= core.Responder {
			user(id, "USER")
		}
	}
	for _, id := range sortedKeys(c.snap.Policies) {
		if p := c.snap.Policies[id]; c.may(p.Teams...) == nil {
			list = append(list, suggestedBody{int64(id), p.Name, "ESCALATION_POLICY", false})
		}
	}
	for _, id := range sortedKeys(c.snap.Schedules) {
		if s := c.snap.Schedules[id]; c.may(s.Teams...) == nil {
			list = append(list, suggestedBody{int64(id), s.Name, "ON_CALL_SCHEDULE", false})
		}
	}
	return ok(list), nil
}

// meantNow are the people of all levels of an alert's policy, each once, who are no
// responders yet.
func (c *call) meantNow(a core.Alert) []core.UserID {
	seen := map[core.UserID]bool{}
	for _, r := range a.Responders {
		seen[r.User] = true
	}
	var users []core.UserID
	for _, l := range c.snap.Levels(c.snap.Policies[a.Policy], c.now) {
		for _, b := range l.People {
			if !seen[b.User] {
				seen[b.User] = true
				users = append(users, b.User)
			}
		}
	}
	return users
}
