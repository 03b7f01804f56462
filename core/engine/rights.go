package engine

import (
	"github.com/watchbell/watchbell/core"
)

// Viewer is a user as access rules see them.
func (s *Snapshot) Viewer(u core.UserID) core.Viewer {
	v := core.Viewer{User: u, Role: s.Users[u].Role, Teams: map[core.TeamID]core.Role{}}
	for _, t := range s.Teams {
		for _, m := range t.Members {
			if m.User == u {
				v.Teams[t.ID] = m.Role
			}
		}
	}
	return v
}

// Owners are the teams as access rules see them.
func (s *Snapshot) Owners(teams ...core.TeamID) []core.Owner {
	var owners []core.Owner
	for _, id := range teams {
		if t, ok := s.Teams[id]; ok {
			owners = append(owners, core.Owner{ID: id, Name: t.Name, Private: t.Private})
		}
	}
	return owners
}

// AlertOwners are the teams of an alert's source and policy: who belongs to one of them
// sees the alert.
func (s *Snapshot) AlertOwners(a core.Alert) []core.Owner {
	return s.Owners(append(append([]core.TeamID(nil), s.Sources[a.Source].Teams...), s.Policies[a.Policy].Teams...)...)
}

// Sees tells whether a user may do op, such as reading, to an alert. Somebody who responds
// to it always may, with the role for which they could be asked, wherever they have it.
func (s *Snapshot) Sees(by core.UserID, op core.Operation, a core.Alert) error {
	for _, r := range a.Responders {
		if r.User == by {
			v := s.Viewer(by)
			v.Role = max(v.Role, s.people[by].Role)
			return core.May(v, op)
		}
	}
	return core.May(s.Viewer(by), op, s.AlertOwners(a)...)
}

// may tells whether a user may handle an alert. 0 is the program itself.
func (u *unit) may(by core.UserID, a core.Alert) error {
	if by <= 0 {
		return nil
	}
	return u.snap.Sees(by, core.OpHandle, a)
}
